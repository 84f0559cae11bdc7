import type { AlertKind } from '../model/alert.ts'
import type { BudgetUse, ChannelTrouble, FailureCause } from '../model/report.ts'
import type { ReportReads, ReportSpan } from '../model/report-reads.ts'
import type { DecisionReason } from '../model/decision.ts'
import type { DeliveryResult } from '../model/delivery.ts'
import type { SessionState } from '../model/session.ts'

/** A sum of calls. */
export interface Sum {
  readonly calls: number
  readonly nanoUsd: number
  readonly unpriced: number
}

export interface RuleCount {
  readonly kind: AlertKind
  alerts: number
  informing: number
  cycles: number
  /** How many alerts were about what. */
  readonly keys: Map<string, number>
}

export interface Decided {
  readonly kind: AlertKind
  readonly person: string
  readonly reason: DecisionReason
  readonly count: number
}

export interface Ended {
  readonly channel: string
  readonly person: string
  readonly result: DeliveryResult
  readonly count: number
}

export interface ToldOf {
  readonly rule: string
  readonly kind: AlertKind
  readonly person: string
  readonly route: string
  readonly messages: number
}

/** Everything that happened in a span, before it is decided who may see what of it. */
export interface Gathered {
  readonly fromMs: number
  readonly untilMs: number
  /** What happened before may be forgotten. */
  readonly keptSinceMs: number
  readonly total: Sum
  readonly agents: ReadonlyMap<string, Sum>
  readonly models: ReadonlyMap<string, Sum>
  readonly budgets: readonly BudgetUse[]
  readonly failures: readonly FailureCause[]
  readonly sessions: Readonly<Record<SessionState, number>>
  readonly firstFailures: readonly FailureCause[]
  readonly rules: ReadonlyMap<string, RuleCount>
  readonly decided: readonly Decided[]
  readonly ended: readonly Ended[]
  readonly told: readonly ToldOf[]
  readonly trouble: readonly ChannelTrouble[]
}

/** A budget with a calendar period, and the one that holds the end of the span. */
export interface BudgetAsk {
  readonly name: string
  readonly period: BudgetUse['period']
  readonly epoch: string
  readonly periodStartMs: number
  readonly amountNanoUsd: number
  readonly isGrouped: boolean
}

/** Rows that one read looks at: some 10 ms, so that nothing else in the process waits longer. */
const rowsAtOnce = { events: 2_000, sessions: 2_000, alerts: 1_000, deliveries: 250 } as const

/** Different names that are counted apart, the first that come; agents and models are mostly few, but names are free. */
const namesMax = 5_000
const otherName = 'other'

/**
 * Counts a span slice by slice, outside of any transaction, and lets others have their turn after each: a week may hold a million events. What
 * is written meanwhile lies behind the span, but for what comes late.
 *
 * @param rest resolves when others had their turn
 */
export async function gather(read: ReportReads, span: ReportSpan, budgets: readonly BudgetAsk[], rest: () => Promise<void>): Promise<Gathered> {
  const { total, agents, models, failures } = await gatherUsage(read, span, rest)
  const sessions: Record<SessionState, number> = { running: 0, success: 0, fail: 0, indeterminate: 0 }
  const firstFailures = new Counts<FailureCause>(causeKey)
  for (let after: string | undefined; ; ) {
    const slice = await read.reportSessions({ ...span, limit: rowsAtOnce.sessions, ...(after !== undefined && { after }) })
    for (const { state, count } of slice.outcomes) sessions[state] += count
    for (const cause of slice.causes) firstFailures.add(cause, cause.count)
    after = slice.next
    if (after === undefined) break
    await rest()
  }
  const rules = new Map<string, RuleCount>()
  const decided = new Counts<Decided>(({ kind, person, reason }) => `${kind}|${person}|${reason}`)
  for (let after: number | undefined; ; ) {
    const slice = await read.reportAlerts({ ...span, limit: rowsAtOnce.alerts, ...(after !== undefined && { after }) })
    for (const one of slice.opened) addAlerts(rules, one)
    for (const one of slice.decided) decided.add(one, one.count)
    after = slice.next
    if (after === undefined) break
    await rest()
  }
  const ended = new Counts<Ended>(({ channel, person, result }) => `${channel}|${person}|${result}`)
  const told = new Counts<ToldOf>(({ rule, kind, person, route }) => `${rule}|${kind}|${person}|${route}`)
  for (let after: number | undefined; ; ) {
    const slice = await read.reportDeliveries({ ...span, limit: rowsAtOnce.deliveries, ...(after !== undefined && { after }) })
    for (const one of slice.ended) ended.add(one, one.count)
    for (const one of slice.told) told.add(one, one.messages)
    after = slice.next
    if (after === undefined) break
    await rest()
  }
  const spent = await read.reportSpent(span.project, budgets.map(({ name, epoch, periodStartMs }) => ({ budget: name, epoch, periodStartMs })))
  const { fromMs, untilMs } = span
  return {
    fromMs, untilMs, keptSinceMs: await read.eventsSinceMs(span.project), total, agents, models, sessions, rules,
    budgets: budgets.map(({ name, period, amountNanoUsd, isGrouped }, index) => ({
      name, period, amountNanoUsd, spentNanoUsd: spent[index]?.nanoUsd ?? 0, ...(isGrouped && { groups: spent[index]?.groups ?? 0 }),
    })),
    failures: failures.list((one, count) => ({ ...one, count })),
    firstFailures: firstFailures.list((one, count) => ({ ...one, count })),
    decided: decided.list((one, count) => ({ ...one, count })),
    ended: ended.list((one, count) => ({ ...one, count })),
    told: told.list((one, messages) => ({ ...one, messages })),
    trouble: await read.reportTrouble(span.project),
  }
}

/** What was spent in the period before, nano-dollars; absent where it is not known, or some of it may be forgotten already. */
export async function spentBefore(read: ReportReads, span: ReportSpan, rest: () => Promise<void>): Promise<number | undefined> {
  if ((await read.eventsSinceMs(span.project)) > span.fromMs || !(await isOnRecord(read, span))) return undefined
  return (await gatherUsage(read, span, rest)).total.nanoUsd
}

/** Whether events are on record of a span, and of before it: else nobody was watching for some of it, which is not the same as nothing spent. */
export async function isOnRecord(read: ReportReads, span: ReportSpan): Promise<boolean> {
  // A slice of one row ends at it, where there is one.
  const holdsAny = async (fromMs: number, untilMs: number): Promise<boolean> => (await read.reportUsage({ project: span.project, fromMs, untilMs, limit: 1 })).next !== undefined
  return (await holdsAny(0, span.fromMs + 1)) && holdsAny(span.fromMs, span.untilMs)
}

async function gatherUsage(read: ReportReads, span: ReportSpan, rest: () => Promise<void>) {
  const [agents, models] = [new Map<string, Sum>(), new Map<string, Sum>()]
  const failures = new Counts<FailureCause>(causeKey)
  let total: Sum = nothing
  for (let after: { readonly atMs: number; readonly id: string } | undefined; ; ) {
    const slice = await read.reportUsage({ ...span, limit: rowsAtOnce.events, ...(after !== undefined && { after }) })
    for (const { agent, provider, model, ...sum } of slice.usage) {
      total = plus(total, sum)
      addTo(agents, agent, sum)
      addTo(models, [provider, model].filter((name) => name !== '').join(' '), sum)
    }
    for (const cause of slice.failures) failures.add(cause, cause.count)
    after = slice.next
    if (after === undefined) return { total, agents, models, failures }
    await rest()
  }
}

export const nothing: Sum = { calls: 0, nanoUsd: 0, unpriced: 0 }

export function plus(one: Sum, other: Sum): Sum {
  return { calls: one.calls + other.calls, nanoUsd: one.nanoUsd + other.nanoUsd, unpriced: one.unpriced + other.unpriced }
}

function addTo(sums: Map<string, Sum>, name: string, sum: Sum): void {
  const kept = sums.has(name) || sums.size < namesMax ? name : otherName
  sums.set(kept, plus(sums.get(kept) ?? nothing, sum))
}

function addAlerts(rules: Map<string, RuleCount>, { rule, key, kind, alerts, informing, cycles }: { rule: string; key: string; kind: AlertKind; alerts: number; informing: number; cycles: number }): void {
  const known = rules.get(rule)
  if (known === undefined && rules.size >= namesMax) return
  const count = known ?? { kind, alerts: 0, informing: 0, cycles: 0, keys: new Map<string, number>() }
  rules.set(rule, count)
  count.alerts += alerts
  count.informing += informing
  count.cycles += cycles
  if (count.keys.has(key) || count.keys.size < namesMax) count.keys.set(key, (count.keys.get(key) ?? 0) + alerts)
}

function causeKey({ class: name, provider, name: of }: FailureCause): string {
  return `${name}|${provider}|${of}`
}

/** How often things came up that are the same by their key; beyond a bound they are counted with the last. */
class Counts<T> {
  readonly #keyOf: (one: T) => string
  readonly #counts = new Map<string, { readonly one: T; count: number }>()
  #last = ''

  constructor(keyOf: (one: T) => string) {
    this.#keyOf = keyOf
  }

  add(one: T, count: number): void {
    const wanted = this.#keyOf(one)
    const key = this.#counts.has(wanted) || this.#counts.size < namesMax ? wanted : this.#last
    const known = this.#counts.get(key)
    if (known !== undefined) known.count += count
    else this.#counts.set(key, { one, count })
    this.#last = key
  }

  /** The most first. */
  list(counted: (one: T, count: number) => T): readonly T[] {
    return [...this.#counts.values()].toSorted((a, b) => b.count - a.count).map(({ one, count }) => counted(one, count))
  }
}
