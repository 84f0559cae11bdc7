import type { Alert } from '../model/alert.ts'
import type { ReportConfig } from '../model/attention-config.ts'
import type { Clock } from '../model/clock.ts'
import type { Config } from '../model/config.ts'
import { errorText } from '../model/error.ts'
import type { Store, Timer, Transaction } from '../model/store.ts'
import type { Interval } from '../model/calendar.ts'
import type { Plan } from '../routing/plan.ts'
import { everybodyCalled, peopleCalled } from '../routing/people.ts'
import { applyFindings } from '../rules/alerts.ts'
import { budgetsAt } from './budgets.ts'
import { compose, roleOf } from './compose.ts'
import { findingOf } from './finding.ts'
import { gather, isOnRecord, spentBefore, type Gathered } from './gather.ts'
import { createSelfTests, selfTestTimer } from './self-test.ts'
import { before, lastWhole, nextReportMs } from './period.ts'

/** Kind of the timers by which reports are told: one for each report and reader. */
export const reportTimer = 'report'

/** So long a process may take to count before another one takes the report over, milliseconds. */
const leaseMs = 600_000

export interface ReportParts {
  readonly config: Config
  readonly store: Store
  readonly clock: Clock
  /** Who is told of an alert by these channels, past the routes. */
  readonly planReport: (alert: Alert, to: { readonly called: string; readonly report: Pick<ReportConfig, 'name' | 'via'> }, nowMs: number) => Plan
  readonly enqueue: (tx: Transaction, plan: Plan, nowMs: number) => Promise<void>
  /** A report was made, or could not be: there is something to deliver, or the driver may rest. */
  readonly onFinished: () => void
  /** One sentence for the operator. */
  readonly notice: (text: string) => void
}

/** A report that this process does not know may stand in the configuration of another: so long and so often it is left to that one, milliseconds. */
const leaveForMs = 1_800_000
const leaveMs = 30_000

/** Tells reports when they are due. */
export interface Reports {
  /** Once in the life of a process: sees to it that each report waits for each of its readers. */
  begin(tx: Transaction, nowMs: number): Promise<void>
  /** What is due is taken by this process, in the caller's transaction; and what is told at a time of day beside reports. */
  readonly timers: Readonly<Record<string, (tx: Transaction, due: readonly Timer[], nowMs: number) => Promise<void>>>
  /** Makes what was taken, after the commit, in the background. */
  work(): void
  /** How many are being made. */
  readonly underWay: number
}

/** One report for one reader. */
interface Due {
  readonly timer: Timer
  readonly report: ReportConfig
  /** A person, or a name in `to` that means nobody. */
  readonly called: string
  readonly timezone: string
  readonly span: Interval
}

/** What is counted once for all who are told of the same time. */
interface Counted {
  readonly gathered: Gathered
  /** Whether what was spent is that of the whole span, and may be compared with later. */
  readonly isKnown: boolean
  /** Spent in the time before; absent: not known by its events. */
  readonly beforeNanoUsd: number | undefined
}

/**
 * Reports. A row waits for each report and reader, so that it is told once whichever process is there, at the reader's own time.
 *
 * waiting   due at the reader's next local time; its key holds the report's times, so that one that is changed or taken out of the
 *           configuration ends with its row, half an hour later: another process may have it
 * leased    put off by `leaseMs` by the process that took it; that one counts, slice by slice and outside of any transaction
 * told      in one transaction with the row, if it is still leased to whoever counted: else another process has it
 *
 * What is told is always the last whole day or week as of now: after three days in which nothing ran, one report and not three.
 */
export function createReports(parts: ReportParts): Reports {
  const { config, store, clock } = parts
  const { project } = config
  const taken: Due[] = []
  let underWay = 0
  const selfTests = createSelfTests(parts)

  function readersOf(report: ReportConfig): readonly { readonly called: string; readonly timezone: string }[] {
    const called = report.to.flatMap((name) => {
      const people = everybodyCalled(config, name)
      return people.length > 0 ? people : [name]
    })
    return [...new Set(called)].map((name) => ({ called: name, timezone: (Object.hasOwn(config.people, name) ? config.people[name]?.timezone : undefined) ?? config.defaults.timezone }))
  }

  function rowsAt(nowMs: number): readonly (Omit<Due, 'span' | 'timer'> & { readonly timer: Timer })[] {
    return config.reports.flatMap((report) => readersOf(report).map(({ called, timezone }) => ({
      report, called, timezone,
      timer: { project, kind: reportTimer, key: keyOf(report, called, timezone), dueMs: nextReportMs(report, timezone, nowMs) },
    })))
  }

  async function begin(tx: Transaction, nowMs: number): Promise<void> {
    await selfTests.begin(tx, nowMs)
    if (config.reports.length > 0) await tx.putMissingTimers(rowsAt(nowMs).map(({ timer }) => timer))
  }

  async function fire(tx: Transaction, due: readonly Timer[], nowMs: number): Promise<void> {
    const rows = new Map(rowsAt(nowMs).map((row) => [row.timer.key, row]))
    const mine = due.flatMap(({ key }) => rows.get(key) ?? [])
    const leased = mine.map((row): Due => ({ ...row, timer: { ...row.timer, dueMs: nowMs + leaseMs }, span: lastWhole(row.report.every, row.timezone, nowMs) }))
    await tx.putTimers(leased.map(({ timer }) => timer))
    taken.push(...leased)
    const others = due.filter(({ key }) => !rows.has(key) && wasDueSince(key, nowMs - leaveForMs, nowMs))
    await tx.putTimers(others.map((timer) => ({ ...timer, dueMs: nowMs + leaveMs })))
  }

  function work(): void {
    if (taken.length === 0) return
    const due = taken.splice(0)
    underWay += due.length
    void makeAll(due)
      // Not told: the row is due again when its lease is over.
      .catch((failure: unknown) => parts.notice(`a report is told later: ${errorText(failure)}`))
      .finally(() => {
        underWay -= due.length
        parts.onFinished()
      })
  }

  /** Readers of the same time share what is counted. */
  async function makeAll(due: readonly Due[]): Promise<void> {
    const counted = new Map<string, Counted>()
    for (const one of due) {
      const { span, report: { every }, timezone } = one
      const earlier = before(every, timezone, span)
      const key = [span, earlier].map(({ startMs, endMs }) => `${startMs} ${endMs}`).join(' ')
      const known = counted.get(key) ?? (await count(span, earlier))
      counted.set(key, known)
      await store.transaction((tx) => tell(tx, one, known), { project })
    }
  }

  async function count(span: Interval, earlier: Interval): Promise<Counted> {
    const rest = (): Promise<void> => new Promise((resolve) => clock.after(0, resolve))
    const asked = ({ startMs, endMs }: Interval) => ({ project, fromMs: startMs, untilMs: endMs })
    const gathered = await gatherSpan(parts, span)
    // Where events are forgotten sooner than that, the beginning cannot be asked for.
    const isKnown = gathered.keptSinceMs > span.startMs || (await isOnRecord(store.read, asked(span)))
    return { gathered, isKnown, beforeNanoUsd: await spentBefore(store.read, asked(earlier), rest) }
  }

  async function tell(tx: Transaction, due: Due, { gathered, isKnown, beforeNanoUsd }: Counted): Promise<void> {
    const { report, called, timer, timezone } = due
    const [isMine] = await tx.takeTimers([timer])
    if (isMine !== true) return
    const nowMs = clock.nowMs()
    await tx.putTimers([{ ...timer, dueMs: nextReportMs(report, timezone, nowMs) }])
    const person = Object.hasOwn(config.people, called) ? config.people[called] : undefined
    // In a rotation somebody else may be on duty now: that is no news to anybody.
    if (person !== undefined && !report.to.some((name) => peopleCalled(config, name, nowMs).includes(called))) return
    const earlierNanoUsd = beforeNanoUsd ?? (await keptSpend(tx, due))
    if (isKnown) await keepSpend(tx, due, gathered)
    const finding = findingOf(report, called, roleOf(person), compose(config, report.every, gathered, called, person?.role ?? 'viewer', earlierNanoUsd))
    for (const { alert } of await applyFindings(tx, [{ ...finding, project }], nowMs)) await parts.enqueue(tx, parts.planReport(alert, { called, report }, nowMs), nowMs)
  }

  /** Sums outlive events, which are forgotten after two weeks: what the report before was told is known when the next is made. */
  async function keptSpend(tx: Transaction, { timer, report, timezone, span }: Due): Promise<number | undefined> {
    const [kept] = await tx.ruleStates([{ project, rule: reportTimer, key: timer.key }])
    const [fromMs, nanoUsd] = (kept ?? '').split(' ').map(Number)
    return fromMs === before(report.every, timezone, span).startMs ? nanoUsd : undefined
  }

  async function keepSpend(tx: Transaction, { timer, span }: Due, { total }: Gathered): Promise<void> {
    await tx.putRuleStates([{ project, rule: reportTimer, key: timer.key, value: `${span.startMs} ${total.nanoUsd}`, atMs: clock.nowMs() }])
  }

  return {
    begin,
    timers: { [reportTimer]: fire, [selfTestTimer]: selfTests.fire },
    work,
    get underWay() {
      return underWay
    },
  }
}

/** Counts a span as reports do, with the others of the process between its slices. */
export function gatherSpan({ config, store, clock }: Pick<ReportParts, 'config' | 'store' | 'clock'>, { startMs, endMs }: Interval): Promise<Gathered> {
  const rest = (): Promise<void> => new Promise((resolve) => clock.after(0, resolve))
  return gather(store.read, { project: config.project, fromMs: startMs, untilMs: endMs }, budgetsAt(config, endMs - 1), rest)
}

/** Whether the time of a row lies between the two. */
function wasDueSince(key: string, sinceMs: number, nowMs: number): boolean {
  try {
    const [, , every, at, on, timezone] = JSON.parse(key) as ReturnType<typeof partsOf> // as written below
    return nextReportMs({ every, at, on: on === '' ? 'mon' : on }, timezone, sinceMs) <= nowMs
  } catch {
    return false
  }
}

/** Whoever changes when it is told makes another row; the one before is dropped when it comes up. */
function keyOf(report: ReportConfig, called: string, timezone: string): string {
  return JSON.stringify(partsOf(report, called, timezone))
}

function partsOf({ name, every, at, on }: ReportConfig, called: string, timezone: string) {
  return [name, called, every, at, every === 'week' ? on : '', timezone] as const
}
