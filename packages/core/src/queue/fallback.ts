import type { Alert } from '../model/alert.ts'
import type { ClaimedDelivery } from '../model/delivery.ts'
import type { Recipient } from '../model/notification.ts'
import type { DueDelivery, Enqueued, NewNotification, Timer, Transaction } from '../model/store.ts'
import { recordDecided, type Decided } from './decide.ts'

/** How a person is reached on a channel; nothing where they have no address for it. */
export type RecipientOn = (person: string, channel: string) => Recipient | undefined

/** A delivery that will not be made, or may not have arrived, and why the next channel is asked. */
export interface Unreached {
  readonly due: DueDelivery | ClaimedDelivery
  /** As in `failed`, `too-old`, `unsettled`. */
  readonly outcome: string
  /** It may have arrived, so that both may. */
  readonly inDoubt: boolean
}

const timerKind = 'fallback'
/** The first channel gets at least so long, milliseconds. */
const afterMinMs = 100
/** A timer that is so late was due while no process ran, milliseconds: the first channel had no chance yet. */
const lateMs = 5_000
/** When a process that holds none of the next channels leaves the timer to another one, milliseconds. */
const leaveMs = 30_000

/** A row for each delivery whose next channel is asked after a time. */
export function fallbackTimers(notifications: readonly NewNotification[], enqueued: readonly Enqueued[]): readonly Timer[] {
  return notifications.flatMap((notification, index) => {
    const delivery = enqueued[index]?.delivery
    if (delivery === undefined || notification.fallbackAfterMs === undefined || notification.fallback.length === 0) return []
    return [{ project: notification.project, kind: timerKind, key: String(delivery), dueMs: notification.dueMs + Math.max(afterMinMs, notification.fallbackAfterMs) }]
  })
}

/** Asks the next channel of each that was not reached; those without one are left as they are. */
export async function askNextChannel(tx: Transaction, unreached: readonly Unreached[], recipientOn: RecipientOn, nowMs: number): Promise<void> {
  const asked: { readonly next: NewNotification; readonly enqueued: Enqueued }[] = []
  const decisions: Decided[] = []
  for (const { due, outcome, inDoubt } of unreached) {
    const found = nextOf(due, recipientOn, nowMs)
    if (found === undefined || (await isNextAsked(tx, due))) continue
    const { next, alerts } = found
    const { moreAlerts } = due.notification
    const [enqueued] = alerts.length === 1 && moreAlerts === 0 ? await tx.enqueue([next]) : [await tx.copyBatch(due.id, { ...next, batchKey: `fallback|${due.id}`, batchMax: 1_000 })]
    if (enqueued === undefined) continue
    await tx.markFallbackAsked(due.id)
    asked.push({ next, enqueued })
    const params = { channel: next.channel, first: due.notification.channel }
    decisions.push({ due: { ...due, notification: { ...due.notification, alerts } }, channel: next.channel, reason: 'sent.fallback', params: { ...params, outcome } })
    if (inDoubt) decisions.push({ due, reason: 'doubt.fallback', params })
  }
  if (asked.length > 0) await tx.putTimers(fallbackTimers(asked.map(({ next }) => next), asked.map(({ enqueued }) => enqueued)))
  await recordDecided(tx, decisions, nowMs)
}

/**
 * Whether the next channel has been asked: by the time that ran out while this one was in flight, or because another route tells
 * the same person all of it there anyway.
 */
async function isNextAsked(tx: Transaction, due: DueDelivery | ClaimedDelivery): Promise<boolean> {
  const { notification, fallback } = due
  const { alerts, moreAlerts, recipient, createdAtMs } = notification
  // As it was when it was claimed, of one that comes back from there.
  const [isAsked] = await tx.fallbackAsked([due.id])
  if (isAsked === true) return true
  if (moreAlerts > 0) return false
  for (const alert of alerts) {
    const ways = await tx.onTheWay(alert.id, recipient.person, createdAtMs)
    if (!ways.some(({ delivery, channel }) => delivery !== due.id && fallback.includes(channel))) return false
  }
  return alerts.length > 0
}

/**
 * The time of a first channel is over. Sent: nothing more. Still waiting: it is taken back, and the next is asked; where this
 * process knows none, the timer is left to another. Under way: the next is asked too, both may arrive, and that is recorded. Time in
 * which no process ran does not count: what nobody could try yet gets its time.
 */
export async function fallbackDue(tx: Transaction, timer: Timer, recipientOn: RecipientOn, nowMs: number): Promise<readonly Unreached[]> {
  const found = await tx.delivery(Number(timer.key))
  if (found === undefined || found.state === 'done') return []
  const { state, due } = found
  const again = (dueMs: number): Promise<void> => tx.putTimers([{ ...timer, dueMs }])
  if (state === 'waiting' && due.attemptsBefore === 0 && nowMs - timer.dueMs > lateMs && !(await isPaused(tx, due))) {
    await again(nowMs + Math.max(afterMinMs, due.fallbackAfterMs ?? 0))
    return []
  }
  const next = nextOf(due, recipientOn, nowMs)
  if (next === undefined) {
    if (due.fallback.length > 0 && nowMs < due.expiresMs) await again(nowMs + leaveMs)
    return []
  }
  if (state === 'waiting') {
    await tx.finish([due.id], 'superseded', nowMs)
    await recordDecided(tx, [{ due, reason: 'merged.superseded', params: { newer: next.next.channel } }], nowMs)
  }
  return [{ due, outcome: 'unsettled', inDoubt: state === 'claimed' || due.inDoubtSinceMs !== undefined }]
}

/** Its attempts are not counted, and yet it had its chance. */
async function isPaused(tx: Transaction, { notification }: DueDelivery): Promise<boolean> {
  return (await tx.pauses(notification.project)).some(({ channel }) => channel === notification.channel)
}

interface Next {
  readonly next: NewNotification
  /** Those of the delivery that may be told there. */
  readonly alerts: readonly Alert[]
}

function nextOf(due: DueDelivery | ClaimedDelivery, recipientOn: RecipientOn, nowMs: number): Next | undefined {
  const { notification, fallback } = due
  for (const [index, channel] of fallback.entries()) {
    const recipient = recipientOn(notification.recipient.person, channel)
    // What was collected may hold trouble with the very channel that is asked next.
    const alerts = notification.alerts.filter((alert) => alert.aboutChannel !== channel)
    const [first] = alerts
    if (recipient === undefined || first === undefined) continue
    const next: NewNotification = {
      project: notification.project,
      channel,
      recipient,
      route: notification.route,
      news: notification.news,
      alert: first.id,
      without: notification.without,
      priority: due.priority,
      dueMs: nowMs,
      expiresMs: Math.max(due.expiresMs, nowMs + 600_000),
      fallback: fallback.slice(index + 1),
      fallbackAfterMs: due.fallbackAfterMs,
      createdAtMs: nowMs,
    }
    return { next, alerts }
  }
  return undefined
}
