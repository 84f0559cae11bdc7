import type { Alert } from '../model/alert.ts'
import type { ClaimedDelivery } from '../model/delivery.ts'
import type { Recipient } from '../model/notification.ts'
import type { DueDelivery, Enqueued, NewNotification, Timer, Transaction } from '../model/store.ts'
import { toldUnder } from '../model/under-cause.ts'
import { recordDecided, type Decided } from './decide.ts'
import { partUnderCause, type Member } from './under-cause.ts'

/** How a person is reached on a channel: one for each device, nothing where they have no address for it. */
export type RecipientsOn = (person: string, channel: string) => readonly Recipient[]

/** A delivery that will not be made, or may not have arrived, and why the next channel is asked. */
export interface Unreached {
  readonly due: DueDelivery | ClaimedDelivery
  /** As in `failed`, `too-old`, `unsettled`. */
  readonly outcome: string
  /** It may have arrived, so that both may. */
  readonly inDoubt: boolean
}

/** Kind of the timers that ask the next channel; their key is the delivery's id. */
export const fallbackTimerKind = 'fallback'
/** The outcome of a first channel whose time is over. */
const unsettled = 'unsettled'
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
    return delivery === undefined ? [] : fallbackTimer(notification, delivery)
  })
}

/** The same for one: its time runs from `dueMs`. */
export function fallbackTimer({ project, dueMs, fallback, fallbackAfterMs }: Pick<NewNotification, 'project' | 'dueMs' | 'fallback' | 'fallbackAfterMs'>, delivery: number): readonly Timer[] {
  if (fallbackAfterMs === undefined || fallback.length === 0) return []
  return [{ project, kind: fallbackTimerKind, key: String(delivery), dueMs: dueMs + Math.max(afterMinMs, fallbackAfterMs) }]
}

/**
 * Asks the next channel of each that was not reached. Those without one are left as they are, and returned. Who was reached on
 * another device by the same channel, or still may be, is reached: only the last device that fails asks. What is part of an alert that is
 * open is told within that one, by whatever channel.
 */
export async function askNextChannel(tx: Transaction, unreached: readonly Unreached[], recipientsOn: RecipientsOn, nowMs: number): Promise<readonly Unreached[]> {
  const untaken: Unreached[] = []
  const asked: { readonly nexts: readonly NewNotification[]; readonly enqueued: readonly Enqueued[] }[] = []
  const decisions: Decided[] = []
  const askedHere = new Set<string>()
  for (const one of unreached) {
    const { outcome, inDoubt } = one
    if (readersOf(one.due).every(({ fallback }) => fallback.length === 0)) {
      untaken.push(one)
      continue
    }
    const { left: due, members } = await partUnderCause(tx, one.due)
    if (members.length > 0) await recordUnder(tx, members, nowMs)
    if (due === undefined) {
      await tx.markFallbackAsked(one.due.id)
      continue
    }
    const devices = due.fallback.length > 0 ? await otherDevices(tx, due) : []
    // Where it is the time that is over, the others are not settled either.
    if (devices.length > 0 && outcome !== unsettled) continue
    const news = newsOf(due)
    if (due.fallback.length > 0 && (askedHere.has(news) || (await wasAsked(tx, due.id)))) continue
    const before = asked.length
    let isLeft = false
    for (const reader of readersOf(due)) {
      if (await isToldAnyway(tx, reader)) continue
      const found = nextOf(reader, recipientsOn, nowMs)
      const enqueued = found === undefined ? [] : await enqueueNext(tx, reader, found)
      // A collection is copied whole.
      if (found !== undefined) for (const { alert } of members) await tx.withdraw(alert.id, 'superseded', nowMs, { person: reader.notification.recipient.person, channel: found.channel })
      if (found === undefined || enqueued.length === 0) {
        isLeft = true
        continue
      }
      const { channel, nexts, alerts } = found
      asked.push({ nexts, enqueued })
      const params = { channel, first: due.notification.channel }
      decisions.push({ due: { ...reader, notification: { ...reader.notification, alerts } }, channel, reason: 'sent.fallback', params: { ...params, outcome } })
      if (inDoubt) decisions.push({ due: reader, reason: 'doubt.fallback', params })
    }
    if (isLeft) untaken.push(one)
    if (asked.length === before) continue
    askedHere.add(news)
    for (const id of [due.id, ...devices]) await tx.markFallbackAsked(id)
  }
  if (asked.length > 0) await tx.putTimers(asked.flatMap(({ nexts, enqueued }) => fallbackTimers(nexts, enqueued)))
  await recordDecided(tx, decisions, nowMs)
  return untaken
}

function recordUnder(tx: Transaction, members: readonly Member[], nowMs: number): Promise<void> {
  return tx.recordDecisions(members.map(({ alert, cause }) => toldUnder(alert, cause, nowMs)))
}

/** The delivery as it is for each who reads it: whom it names, and others whose next channels are their own. */
function readersOf(due: DueDelivery | ClaimedDelivery): readonly DueDelivery[] {
  const { notification, alsoFor = [] } = due
  const others = alsoFor.map(({ person, route, fallback }) => ({ ...due, fallback, notification: { ...notification, route, recipient: { ...notification.recipient, person } } }))
  return [due, ...others]
}

/** All that it carries, to each device. */
async function enqueueNext(tx: Transaction, due: DueDelivery, { nexts, alerts }: Next): Promise<readonly Enqueued[]> {
  if (alerts.length === 1 && due.notification.moreAlerts === 0) return tx.enqueue(nexts)
  const enqueued: Enqueued[] = []
  for (const [index, next] of nexts.entries()) {
    const copied = await tx.copyBatch(due.id, { ...next, batchKey: `fallback|${due.id}|${due.notification.recipient.person}|${index}`, batchMax: 1_000 })
    // What one has nothing of, none has.
    if (copied === undefined) return []
    enqueued.push(copied)
  }
  return enqueued
}

/** Deliveries of the same news to other devices of the person by the same channel that were sent or still may be. */
async function otherDevices(tx: Transaction, { notification }: DueDelivery | ClaimedDelivery): Promise<readonly number[]> {
  const { alerts, recipient, channel, createdAtMs } = notification
  if (recipient.person === '' || recipient.address === '') return []
  let devices: readonly number[] | undefined
  for (const alert of alerts) {
    const ways = await tx.onTheWay(alert.id, recipient.person, createdAtMs)
    const here = ways.filter((way) => way.channel === channel && way.address !== recipient.address).map(({ delivery }) => delivery)
    devices = devices === undefined ? here : devices.filter((id) => here.includes(id))
    if (devices.length === 0) return []
  }
  return devices ?? []
}

/** Whom it tells what, by which channel, on whatever device. */
function newsOf({ notification: { recipient, channel, alerts } }: DueDelivery | ClaimedDelivery): string {
  return JSON.stringify([recipient.person, channel, alerts.map(({ id }) => id)])
}

/** By the time that ran out while it was in flight: what was loaded with it is as it was when it was claimed. */
async function wasAsked(tx: Transaction, delivery: number): Promise<boolean> {
  const [isAsked] = await tx.fallbackAsked([delivery])
  return isAsked === true
}

/** Whether another route tells the same person all of it by a next channel anyway. */
async function isToldAnyway(tx: Transaction, due: DueDelivery): Promise<boolean> {
  const { notification, fallback } = due
  const { alerts, moreAlerts, recipient, createdAtMs } = notification
  if (fallback.length === 0 || moreAlerts > 0) return false
  for (const alert of alerts) {
    const ways = await tx.onTheWay(alert.id, recipient.person, createdAtMs)
    if (!ways.some(({ delivery, channel }) => delivery !== due.id && fallback.includes(channel))) return false
  }
  return alerts.length > 0
}

/**
 * The time of a first channel is over. Sent: nothing more. Still waiting: it is taken back, and the next is asked; where this
 * process knows none, the timer is left to another. Under way: the next is asked too, both may arrive, and that is recorded. Time in
 * which no process ran does not count: what nobody could try yet gets its time. Sent to another device: this one goes on by itself.
 */
export async function fallbackDue(tx: Transaction, timer: Timer, recipientsOn: RecipientsOn, nowMs: number): Promise<readonly Unreached[]> {
  const found = await tx.delivery(Number(timer.key))
  if (found === undefined || found.state === 'done') return []
  const { state, due } = found
  const again = (dueMs: number): Promise<void> => tx.putTimers([{ ...timer, dueMs }])
  if (state === 'waiting' && due.attemptsBefore === 0 && nowMs - timer.dueMs > lateMs && !(await isPaused(tx, due))) {
    await again(nowMs + Math.max(afterMinMs, due.fallbackAfterMs ?? 0))
    return []
  }
  for (const device of await otherDevices(tx, due)) if ((await tx.delivery(device))?.result === 'sent') return []
  const { left, members } = await partUnderCause(tx, due)
  if (left === undefined) {
    if (state === 'waiting') await tx.finish([due.id], 'superseded', nowMs)
    await tx.markFallbackAsked(due.id)
    await recordUnder(tx, members, nowMs)
    return []
  }
  const [next] = readersOf(left).flatMap((reader) => nextOf(reader, recipientsOn, nowMs) ?? [])
  if (next === undefined) {
    if (due.fallback.length > 0 && nowMs < due.expiresMs) await again(nowMs + leaveMs)
    return []
  }
  if (state === 'waiting') {
    await tx.finish([due.id], 'superseded', nowMs)
    await recordDecided(tx, [{ due: left, reason: 'merged.superseded', params: { newer: next.channel } }], nowMs)
  }
  return [{ due, outcome: unsettled, inDoubt: state === 'claimed' || due.inDoubtSinceMs !== undefined }]
}

/** Its attempts are not counted, and yet it had its chance. */
async function isPaused(tx: Transaction, { notification }: DueDelivery): Promise<boolean> {
  return (await tx.pauses(notification.project)).some(({ channel }) => channel === notification.channel)
}

interface Next {
  readonly channel: string
  /** One for each device. */
  readonly nexts: readonly NewNotification[]
  /** Those of the delivery that may be told there. */
  readonly alerts: readonly Alert[]
}

function nextOf(due: DueDelivery | ClaimedDelivery, recipientsOn: RecipientsOn, nowMs: number): Next | undefined {
  const { notification, fallback } = due
  for (const [index, channel] of fallback.entries()) {
    const recipients = recipientsOn(notification.recipient.person, channel)
    // What was collected may hold trouble with the very channel that is asked next.
    const alerts = notification.alerts.filter((alert) => alert.aboutChannel !== channel)
    const [first] = alerts
    if (recipients.length === 0 || first === undefined) continue
    const nexts = recipients.map((recipient): NewNotification => ({
      project: notification.project,
      channel,
      recipient,
      route: notification.route,
      news: notification.news,
      alert: first.id,
      without: notification.without,
      ...(notification.turn !== undefined && { turn: notification.turn }),
      priority: due.priority,
      dueMs: nowMs,
      expiresMs: Math.max(due.expiresMs, nowMs + 600_000),
      fallback: fallback.slice(index + 1),
      fallbackAfterMs: due.fallbackAfterMs,
      createdAtMs: nowMs,
    }))
    return { channel, nexts, alerts }
  }
  return undefined
}
