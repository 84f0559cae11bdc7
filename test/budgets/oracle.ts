import { periodAt } from '../../packages/core/src/model/calendar.ts'
import { configSchema, type BudgetConfig } from '../../packages/core/src/model/config.ts'
import type { Event } from '../../packages/core/src/model/event.ts'
import type { BudgetInput } from './plan.ts'

/** A clock that runs further ahead than so much counts as now. */
const aheadMs = 5 * 60_000

interface Call {
  readonly atMs: number
  readonly nano: number
}

/**
 * What has to be told, said as simply as it can be: all calls are kept in lists, and every sum is made anew from them.
 * It is told what was committed, in the order of the commits, and answers with the news of each commit.
 */
export class Oracle {
  #budgets: Readonly<Record<string, BudgetConfig>> = {}
  readonly #seen = new Set<string>()
  /** By budget, group and period. */
  readonly #calls = new Map<string, Call[]>()
  /** News that was told in the lifetime of a period. */
  readonly #told = new Set<string>()
  /** Thresholds of rolling windows that wait to fall back. */
  readonly #waiting = new Map<string, Set<number>>()
  readonly #heads = new Map<string, number>()
  /** Groups with a sum of their own, by budget and period. */
  readonly #groups = new Map<string, Set<string>>()

  constructor(budgets: Readonly<Record<string, BudgetInput>>) {
    this.edit(budgets)
  }

  edit(budgets: Readonly<Record<string, BudgetInput>>): void {
    this.#budgets = configSchema.parse({ budgets }).budgets
  }

  /** The news of a commit, sorted. */
  commit(events: readonly Event[], nowMs: number): readonly string[] {
    const fresh = events.filter((event) => {
      const id = `${event.atMs} ${event.id}`
      return this.#seen.has(id) ? false : this.#seen.add(id)
    }).map((event) => (event.atMs > nowMs + aheadMs ? { ...event, atMs: nowMs } : event))
    return Object.entries(this.#budgets).flatMap(([name, budget]) => this.#budgetNews(name, budget, fresh, nowMs)).sort()
  }

  #budgetNews(name: string, budget: BudgetConfig, events: readonly Event[], nowMs: number): readonly string[] {
    const counted = events.filter((event) => (budget.where === undefined || event.agent !== 'b') && (event.llm?.costNanoUsd !== 0))
    const byGroup = Map.groupBy(counted, (event) => budget.groupBy.map((field) => (field === 'user' ? event.user : event.agent)).join('|'))
    const news: string[] = []
    const touched = new Map<string, Event[]>()
    for (const [group, mine] of [...byGroup].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const [startMs, calls] of Map.groupBy(mine, ({ atMs }) => (budget.rolling === undefined ? this.#periodOf(budget, atMs).startMs : 0))) {
        const key = `${name} ${this.#admitted(name, budget, group, startMs)} ${startMs}`
        touched.set(key, [...(touched.get(key) ?? []), ...calls])
      }
    }
    for (const [key, calls] of touched) news.push(...(budget.rolling === undefined ? this.#periodNews(key, budget, calls, nowMs) : this.#windowNews(key, budget, budget.rolling, calls, nowMs)))
    return news
  }

  #admitted(name: string, budget: BudgetConfig, group: string, startMs: number): string {
    if (budget.groupBy.length === 0 || budget.rolling !== undefined) return group
    const groups = this.#groups.get(`${name} ${startMs}`) ?? new Set()
    this.#groups.set(`${name} ${startMs}`, groups)
    if (groups.size < budget.groupsMax) groups.add(group)
    return groups.has(group) ? group : 'other'
  }

  #periodNews(key: string, budget: BudgetConfig, events: readonly Event[], nowMs: number): readonly string[] {
    const startMs = Number(key.split(' ')[2])
    const { endMs } = this.#periodOf(budget, startMs)
    const calls = this.#add(key, events)
    const spent = calls.reduce((sum, { nano }) => sum + nano, 0)
    const amount = Math.round(budget.amountUsd * 1e9)
    const crossed = budget.thresholds.filter((share) => Math.round(amount * share) <= spent && !this.#told.has(`${budget.amountUsd} ${key} ${share}`))
    for (const share of crossed) this.#told.add(`${budget.amountUsd} ${key} ${share}`)
    const late = endMs <= nowMs ? ' late' : ''
    const news = newsOf(key, crossed, late)
    const forecast = `${budget.amountUsd} ${key} forecast`
    if (late === '' && !this.#told.has(forecast) && willNotLast(calls, spent, amount, startMs, endMs, nowMs)) {
      this.#told.add(forecast)
      news.push(`${key} forecast`)
    }
    return news
  }

  #windowNews(key: string, budget: BudgetConfig, rollingMs: number, events: readonly Event[], nowMs: number): readonly string[] {
    const partMs = rollingMs / 96
    const head = Math.max(this.#heads.get(key) ?? 0, Math.floor(nowMs / partMs))
    this.#heads.set(key, head)
    const amount = Math.round(budget.amountUsd * 1e9)
    const inWindow = (calls: readonly Call[]): number => calls.filter(({ atMs }) => Math.floor(atMs / partMs) > head - 96).reduce((sum, { nano }) => sum + nano, 0)
    const left = inWindow(this.#calls.get(key) ?? [])
    const waitingKey = `${budget.amountUsd} ${key}`
    const waiting = new Set([...(this.#waiting.get(waitingKey) ?? [])].filter((share) => left >= Math.round(amount * share) * 0.9))
    // A clock that runs ahead counts as now.
    const calls = this.#add(key, events.map((event) => ({ ...event, atMs: Math.min(event.atMs, (head + 1) * partMs - 1) })))
    const crossed = budget.thresholds.filter((share) => Math.round(amount * share) <= inWindow(calls) && !waiting.has(share))
    this.#waiting.set(waitingKey, new Set([...waiting, ...crossed]))
    // An edit forgets what waits; what was told in this very part is not told again.
    const isNew = crossed.filter((share) => !this.#told.has(`${waitingKey} ${head} ${share}`))
    for (const share of isNew) this.#told.add(`${waitingKey} ${head} ${share}`)
    return newsOf(`${key.replace(/ 0$/, '')} ${Math.floor(head * partMs)}`, isNew, '')
  }

  #add(key: string, events: readonly Event[]): readonly Call[] {
    const calls = this.#calls.get(key) ?? []
    this.#calls.set(key, calls)
    calls.push(...events.map(({ atMs, llm }) => ({ atMs, nano: llm?.costNanoUsd ?? 0 })))
    return calls
  }

  #periodOf(budget: BudgetConfig, atMs: number): { readonly startMs: number; readonly endMs: number } {
    return periodAt(budget.period ?? 'day', budget.timezone ?? 'UTC', atMs)
  }
}

/** The highest is told, the others with it. */
function newsOf(key: string, crossed: readonly number[], late: string): string[] {
  const highest = Math.max(...crossed)
  return crossed.map((share) => `${key} ${share}${late}${share === highest ? '' : ' superseded'}`)
}

/** The forecast by its description in the documentation. */
function willNotLast(calls: readonly Call[], spent: number, amount: number, startMs: number, endMs: number, nowMs: number): boolean {
  const lengthMs = endMs - startMs
  const elapsedMs = nowMs - startMs
  if (spent >= amount || elapsedMs < lengthMs / 10 || calls.length < 10) return false
  const parts = Array.from({ length: 42 }, () => 0)
  const used = new Set<number>()
  for (const { atMs, nano } of calls) {
    const part = Math.floor(((atMs - startMs) / lengthMs) * 42)
    parts[part] = (parts[part] ?? 0) + nano
    used.add(part)
  }
  if (used.size < 3) return false
  const first = Math.max(0, Math.floor((elapsedMs / lengthMs) * 42) - 6)
  const paceFrom = (from: number): number => {
    const counted = parts.slice(from)
    return (counted.reduce((sum, nano) => sum + nano, 0) - Math.max(...counted)) / (elapsedMs - ((from + 1) * lengthMs) / 42)
  }
  return Math.round(spent + ((paceFrom(0) + paceFrom(first)) / 2) * (endMs - nowMs)) >= amount * 1.1
}
