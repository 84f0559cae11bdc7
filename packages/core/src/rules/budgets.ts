import { createHash } from 'node:crypto'
import type { AlertChange } from '../model/alert.ts'
import { periodAt } from '../model/calendar.ts'
import type { Interval } from '../model/calendar.ts'
import type { BudgetConfig, Config } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import { TocsinError } from '../model/error.ts'
import type { Event } from '../model/event.ts'
import { nanoFromUsd, usdFromNano } from '../model/money.ts'
import type { Severity } from '../model/severity.ts'
import type { Crossing, SpendChange, SpendDelta, Transaction } from '../model/store.ts'
import type { ProjectFinding } from './rule.ts'
import { groupKey } from './group-key.ts'
import { ruleFailed } from './rule-failed.ts'
import { isUnpriced } from './session-book.ts'
import { compileCondition, groupValues, problemOfGroupName } from './view.ts'
import type { EventView } from './view.ts'

/** The rule name of all alerts about budgets; which budget it is, is in the key. */
const budgetRule = 'budget'

export interface Budgets {
  /** For one batch. Budgets whose condition cannot be evaluated are added to `failures`. */
  book(nowMs: number, failures: ProjectFinding[]): SpendBook
}

export interface SpendBook {
  add(event: Event, view: EventView): void
  apply(tx: Transaction): Promise<Crossed>
}

export interface Crossed {
  readonly crossed: readonly ProjectFinding[]
  readonly superseded: (change: AlertChange) => readonly Decision[]
}

/**
 * Budgets add up what calls cost in a period and tell each threshold once: the identity of a crossing is budget, scope,
 * period, threshold and epoch. An edited budget starts a new epoch and keeps its sum, so that what is spent already counts
 * against the new amount. Sums are whole nano-dollars; whether a crossing is new, its row decides. Nothing un-crosses.
 */
export function createBudgets(config: Config): Budgets {
  const budgets = Object.entries(config.budgets).map(([name, settings]) => new Budget(name, settings, config.defaults.timezone))
  return {
    book(nowMs, failures) {
      const sums = new Map<string, Sum>()
      return {
        add(event, view) {
          if (event.llm === undefined) return
          const nanoUsd = event.llm.costNanoUsd ?? 0
          const unpriced = isUnpriced(event) ? 1 : 0
          if (nanoUsd === 0 && unpriced === 0) return
          for (const budget of budgets) {
            try {
              if (!budget.counts(view)) continue
            } catch (failure) {
              failures.push(ruleFailed(event.project, `budget ${budget.name}`, failure, event.atMs))
              continue
            }
            const { startMs } = budget.periodOf(event.atMs)
            const scope = budget.scopeOf(event)
            const key = `${event.project}\u0000${budget.name}\u0000${scope}\u0000${startMs}`
            const sum = sums.get(key) ?? { budget, project: event.project, scope, startMs, nanoUsd: 0, unpriced: 0, last: event }
            sum.nanoUsd += nanoUsd
            sum.unpriced += unpriced
            sum.last = event
            sums.set(key, sum)
          }
        },
        apply: (tx) => applySums(tx, [...sums.values()], nowMs),
      }
    },
  }
}

interface Sum {
  readonly budget: Budget
  readonly project: string
  readonly scope: string
  readonly startMs: number
  nanoUsd: number
  unpriced: number
  last: Event
}

const noneSuperseded: Crossed['superseded'] = () => []

async function applySums(tx: Transaction, sums: readonly Sum[], nowMs: number): Promise<Crossed> {
  if (sums.length === 0) return { crossed: [], superseded: noneSuperseded }
  const bySpend = new Map(sums.map((sum) => [spendKey(sum.budget.name, sum), sum]))
  const changes = await tx.addSpend(sums.map(deltaOf))
  const attempts: { readonly sum: Sum; readonly change: SpendChange; readonly threshold: number }[] = []
  for (const change of changes) {
    const sum = bySpend.get(spendKey(change.budget, { project: change.project, scope: change.scope, startMs: change.periodStartMs }))
    for (const threshold of sum === undefined ? [] : sum.budget.crossedBy(change)) if (sum !== undefined) attempts.push({ sum, change, threshold })
  }
  if (attempts.length === 0) return { crossed: [], superseded: noneSuperseded }
  const isNew = await tx.recordCrossings(attempts.map(({ sum, threshold }) => crossingOf(sum, threshold, nowMs)))
  const told = new Map<SpendChange, { readonly sum: Sum; readonly thresholds: number[] }>()
  attempts.forEach(({ sum, change, threshold }, i) => {
    if (isNew[i] !== true) return
    const entry = told.get(change) ?? { sum, thresholds: [] }
    entry.thresholds.push(threshold)
    told.set(change, entry)
  })
  const crossed: ProjectFinding[] = []
  const lower = new Map<string, readonly number[]>()
  for (const [change, { sum, thresholds }] of told) {
    const highest = Math.max(...thresholds)
    const finding = sum.budget.finding(sum, change, highest, nowMs)
    crossed.push(finding)
    lower.set(finding.key, thresholds.filter((threshold) => threshold < highest))
  }
  return { crossed, superseded: (change) => supersededDecisions(change, lower, nowMs) }
}

/** The lower thresholds of a commit are not told by themselves; the alert of the highest says so. */
function supersededDecisions({ alert, change }: AlertChange, lower: ReadonlyMap<string, readonly number[]>, nowMs: number): readonly Decision[] {
  const thresholds = alert.rule === budgetRule && change === 'opened' ? (lower.get(alert.key) ?? []) : []
  if (thresholds.length === 0) return []
  const params = { thresholds: thresholds.map((threshold) => `${percentOf(threshold)}%`).join(', '), higher: `${String(alert.params.percent)}%` }
  return [{ alert: alert.id, person: '*', channel: '*', reason: 'merged.higher_threshold', params, atMs: nowMs, count: thresholds.length }]
}

class Budget {
  readonly name: string
  /** Changes when the budget is edited: its thresholds are told anew. */
  readonly epoch: string
  /** Changes when what is counted changes: only then the sum begins again. */
  readonly counting: string
  readonly #settings: BudgetConfig
  readonly #timezone: string
  readonly #test: ((view: EventView) => boolean) | undefined
  readonly #amountNanoUsd: number
  readonly #thresholds: readonly { readonly share: number; readonly nanoUsd: number }[]
  /** The period of the last event, nearly always that of the next. */
  #period: Interval = { startMs: 0, endMs: 0 }

  constructor(name: string, settings: BudgetConfig, defaultTimezone: string) {
    this.name = name
    this.#settings = settings
    this.#timezone = settings.timezone ?? defaultTimezone
    this.#test = settings.where === undefined ? undefined : conditionOf(name, settings.where)
    for (const group of settings.groupBy) {
      const problem = problemOfGroupName(group)
      if (problem !== undefined) throw new TocsinError('config-invalid', `budgets.${name}.groupBy: ${problem}`)
    }
    this.#amountNanoUsd = nanoFromUsd(settings.amountUsd)
    this.#thresholds = [...new Set(settings.thresholds)].sort((a, b) => a - b).map((share) => ({ share, nanoUsd: Math.round(this.#amountNanoUsd * share) }))
    const counted = [settings.period, this.#timezone, settings.where ?? '', settings.groupBy]
    this.counting = hashOf(counted)
    this.epoch = hashOf([...counted, settings.amountUsd, settings.thresholds])
  }

  counts(view: EventView): boolean {
    return this.#test === undefined || this.#test(view)
  }

  scopeOf(event: Event): string {
    return this.#settings.groupBy.length === 0 ? '' : groupKey(groupValues(event, this.#settings.groupBy))
  }

  periodOf(atMs: number): Interval {
    if (atMs < this.#period.startMs || atMs >= this.#period.endMs) this.#period = periodAt(this.#settings.period, this.#timezone, atMs)
    return this.#period
  }

  /** Shares of the amount that are spent, lowest first; which of them are news, the crossings on record know. */
  crossedBy({ spentNanoUsd }: SpendChange): readonly number[] {
    return this.#thresholds.filter((threshold) => threshold.nanoUsd <= spentNanoUsd).map(({ share }) => share)
  }

  finding(sum: Sum, change: SpendChange, threshold: number, nowMs: number): ProjectFinding {
    const { startMs, endMs } = this.periodOf(change.periodStartMs)
    const isLate = endMs <= nowMs
    const percent = percentOf(threshold)
    const { last } = sum
    return {
      project: change.project,
      rule: budgetRule,
      key: groupKey([this.name, change.scope, String(startMs), String(percent), this.epoch]),
      kind: 'cost',
      severity: isLate ? 'info' : severityOf(threshold),
      message: 'budget.crossed',
      params: {
        budget: this.name,
        period: this.#settings.period,
        periodStart: startMs,
        periodEnd: endMs,
        at: last.atMs,
        percent,
        spentUsd: usdFromNano(change.spentNanoUsd),
        amountUsd: this.#settings.amountUsd,
        remainingUsd: usdFromNano(this.#amountNanoUsd - change.spentNanoUsd),
        unpriced: change.unpricedTotal,
        ...(change.scope !== '' && { scope: change.scope }),
        ...(isLate && { late: 'yes' }),
      },
      ends: 'at-once',
      quietMs: 0,
      evidence: { spentNanoUsd: change.spentNanoUsd, addedNanoUsd: change.nanoUsd, amountNanoUsd: this.#amountNanoUsd, threshold, periodStartMs: startMs, epoch: this.epoch, lastEvent: last.id },
      tags: last.tags,
      ...(last.agent !== undefined && { agent: last.agent }),
      ...(last.environment !== undefined && { environment: last.environment }),
      ...(last.sessionId !== undefined && { sessionId: last.sessionId }),
    }
  }
}

function conditionOf(name: string, where: string): (view: EventView) => boolean {
  const condition = compileCondition(where, 'event')
  if (!condition.ok) throw new TocsinError('config-invalid', `budgets.${name}.where: ${condition.problem}`)
  return condition.test
}

function severityOf(threshold: number): Severity {
  if (threshold >= 1) return 'critical'
  return threshold >= 0.8 ? 'high' : 'warning'
}

function hashOf(settings: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)
}

function percentOf(threshold: number): number {
  return Math.round(threshold * 10_000) / 100
}

function deltaOf({ budget, project, scope, startMs, nanoUsd, unpriced }: Sum): SpendDelta {
  return { project, budget: budget.name, scope, periodStartMs: startMs, epoch: budget.counting, nanoUsd, unpriced }
}

function spendKey(budget: string, { project, scope, startMs }: Pick<Sum, 'project' | 'scope' | 'startMs'>): string {
  return `${project}\u0000${budget}\u0000${scope}\u0000${startMs}`
}

function crossingOf({ project, budget, scope, startMs }: Sum, threshold: number, atMs: number): Crossing {
  return { project, budget: budget.name, scope, periodStartMs: startMs, epoch: budget.epoch, threshold, atMs }
}
