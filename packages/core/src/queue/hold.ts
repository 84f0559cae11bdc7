import type { Hold } from '../model/attention.ts'
import type { Config } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import type { BatchItem, NewNotification, Transaction } from '../model/store.ts'
import type { Fire } from './timers.ts'

/**
 * Everything is held: nothing is claimed, nobody else is asked, and nothing becomes too old by it. Which events mean what goes on as ever, and what
 * is to be told is put into the queue. The row holds for every process that shares the store.
 */

/** By whom where the configuration says `pause: true`. */
export const heldByConfig = 'tocsin.yaml'

/** How often a process that holds looks whether it may go on, milliseconds. */
export const heldAgainMs = 1_000

/** So long what would ask somebody else waits while everything is held, milliseconds. */
const askedAgainMs = 30_000

/** What the configuration says holds from when a process starts with it: the last one that started. */
export async function beginHold(tx: Transaction, { project, pause }: Pick<Config, 'project' | 'pause'>, nowMs: number): Promise<void> {
  const hold = await tx.hold(project)
  if (pause && hold === undefined) await tx.putHold({ project, by: heldByConfig, sinceMs: nowMs })
  if (!pause && hold?.by === heldByConfig) await tx.endHold(project, nowMs)
}

/** What is put into the queue while everything is held says so. */
export async function sayHeld<Planned extends { readonly notifications: readonly NewNotification[]; readonly batched: readonly BatchItem[]; readonly decisions: readonly Decision[] }>(
  tx: Transaction, plan: Planned, nowMs: number,
): Promise<Planned> {
  const all = [...plan.notifications, ...plan.batched]
  const [first] = all
  const hold = first === undefined ? undefined : await tx.hold(first.project)
  if (hold === undefined) return plan
  const held = all.map(({ alert, recipient, channel }) => decisionOf(hold, alert, recipient.person, channel, nowMs))
  return { ...plan, decisions: [...plan.decisions, ...held] }
}

function decisionOf({ by, sinceMs }: Hold, alert: number, person: string, channel: string, nowMs: number): Decision {
  return { alert, person: person === '' ? '*' : person, channel, reason: 'held.paused', params: { by, time: sinceMs }, atMs: nowMs, count: 1 }
}

/** Whoever would be asked instead is not asked while the first could not be told: the timer comes again. */
export function unlessHeld(fire: Fire): Fire {
  return async (tx, due, nowMs) => {
    const [first] = due
    if (first === undefined) return
    if ((await tx.hold(first.project)) === undefined) return fire(tx, due, nowMs)
    await tx.putTimers(due.map((timer) => ({ ...timer, dueMs: nowMs + askedAgainMs })))
  }
}
