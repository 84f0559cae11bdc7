import type { Alert, Finding } from '../model/alert.ts'
import type { ReportConfig } from '../model/attention-config.ts'
import { nextClockTime, periodAt } from '../model/calendar.ts'
import type { Config } from '../model/config.ts'
import type { Timer, Transaction } from '../model/store.ts'
import type { Plan } from '../routing/plan.ts'
import { applyFindings } from '../rules/alerts.ts'

/** Kind of the timers by which channels are tried: one for each channel. */
export const selfTestTimer = 'self-test'
/** Stands in decisions where otherwise the route does. */
const selfTestRoute = 'self-test'

/** Those whom a broken channel concerns. */
const receivers = ['role:owner', 'role:admin'] as const
/** A test that this process does not know may stand in the configuration of another: so long and so often it is left to that one, milliseconds. */
const leaveForMs = 1_800_000
const leaveMs = 30_000

export interface SelfTestParts {
  readonly config: Config
  readonly planReport: (alert: Alert, to: { readonly called: string; readonly report: Pick<ReportConfig, 'name' | 'via'> }, nowMs: number) => Plan
  readonly enqueue: (tx: Transaction, plan: Plan, nowMs: number) => Promise<void>
}

/** Tries channels once a day. */
export interface SelfTests {
  /** Once in the life of a process: sees to it that each test waits. */
  begin(tx: Transaction, nowMs: number): Promise<void>
  readonly fire: (tx: Transaction, due: readonly Timer[], nowMs: number) => Promise<void>
}

/**
 * A marked message to every owner and admin by each channel, on the way of every other message: it is on record, tried again, and where it
 * fails the channel is in trouble as it would be otherwise. A row waits for each channel, so that of many processes one tells it; after
 * days in which nothing ran there is one test and not one for each day.
 */
export function createSelfTests({ config, planReport, enqueue }: SelfTestParts): SelfTests {
  const { project, selfTest, defaults: { timezone } } = config
  const channels = selfTest === undefined ? [] : (selfTest.channels ?? Object.keys(config.channels))
  const keys = new Map(channels.map((channel) => [JSON.stringify([channel, selfTest?.at ?? '', timezone]), channel]))

  function rowsAt(nowMs: number): readonly Timer[] {
    return [...keys.keys()].map((key) => ({ project, kind: selfTestTimer, key, dueMs: nextMs(key, nowMs) }))
  }

  return {
    async begin(tx, nowMs) {
      if (keys.size > 0) await tx.putMissingTimers(rowsAt(nowMs))
    },
    async fire(tx, due, nowMs) {
      const mine = due.filter(({ key }) => keys.has(key))
      await tx.putTimers([
        ...mine.map((timer) => ({ ...timer, dueMs: nextMs(timer.key, nowMs) })),
        // Whoever changed or took out a test left its row behind: it ends here.
        ...due.filter(({ key }) => !keys.has(key) && wasDueSince(key, nowMs - leaveForMs, nowMs)).map((timer) => ({ ...timer, dueMs: nowMs + leaveMs })),
      ])
      for (const { key } of mine) await tell(tx, keys.get(key) ?? '', nowMs)
    },
  }

  async function tell(tx: Transaction, channel: string, nowMs: number): Promise<void> {
    const finding: Finding = {
      rule: selfTestRoute,
      key: `${channel} ${periodAt('day', timezone, nowMs).startMs}`,
      kind: 'system',
      severity: 'info',
      message: 'system.self-test',
      params: { channel, at: nowMs },
      ends: 'at-once',
      quietMs: 0,
      evidence: { channel },
    }
    for (const { alert } of await applyFindings(tx, [{ ...finding, project }], nowMs)) {
      const plans = receivers
        .filter((called) => Object.values(config.people).some(({ role }) => called === `role:${role}`))
        .map((called) => planReport(alert, { called, report: { name: selfTestRoute, via: [channel] } }, nowMs))
      await enqueue(tx, once(plans), nowMs)
    }
  }
}

/** What is its own address is told once, whoever reads it. */
function once(plans: readonly Plan[]): Plan {
  const places = new Set<string>()
  const notifications = plans.flatMap((plan) => plan.notifications).filter(({ recipient, channel }) => {
    const place = `${channel} ${recipient.address === '' ? '' : `${recipient.person} ${recipient.address}`}`
    return places.has(place) ? false : places.add(place)
  })
  return { notifications, batched: plans.flatMap(({ batched }) => batched), decisions: plans.flatMap(({ decisions }) => decisions), failed: plans.flatMap(({ failed }) => failed) }
}

function nextMs(key: string, nowMs: number): number {
  const [, at, timezone] = JSON.parse(key) as readonly [string, string, string] // as written above
  return nextClockTime(at, timezone, nowMs)
}

function wasDueSince(key: string, sinceMs: number, nowMs: number): boolean {
  try {
    return nextMs(key, sinceMs) <= nowMs
  } catch {
    // Written by a version that has another form: it looks after it.
    return true
  }
}
