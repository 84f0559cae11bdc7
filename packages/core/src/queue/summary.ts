import { batchKeyOf } from '../model/batch-key.ts'
import type { BatchItem, DueDelivery, Enqueued, Timer, Transaction } from '../model/store.ts'
import type { Turn } from '../model/turn.ts'
import type { Decided } from './decide.ts'
import { fallbackTimer } from './fallback.ts'

/**
 * Past the reserve: what is critical and more than a rate or its reader's reserve takes is sent as one message to each person, and at most
 * one in so long. Nothing is left out: it is a collection like any other.
 */
const summaryEveryMs = 300_000

/** The clocks of processes may differ by so much, milliseconds: a time further ahead was written by one that was wrong. */
const skewMs = 60_000

/** A kind of collection that takes what waits and cannot be sent by itself. */
export interface Gathering {
  /** How its keys begin. */
  readonly name: 'summary' | 'limit' | 'reserve'
  /** At so many it closes. */
  readonly itemsMax: number
  /** What each that is merged is told of the limit; `time` is added. */
  readonly params: { readonly limit: number; readonly channel: string; readonly period: number }
  readonly turn?: Turn
  /** `alone`: of one that waits by itself none is made. */
  readonly leaves: 'alone' | 'nothing'
  /** `singles`: collections stay as they are. */
  readonly takes: 'singles' | 'all'
  /** From when on a first channel has its time: from the first of them, or from when the collection is due. */
  readonly since: 'first' | 'due'
  /** When one that is opened is due, and when it goes at the earliest. */
  dueMs(tx: Transaction, key: string, nowMs: number): Promise<{ readonly dueMs: number; readonly goesMs: number }>
}

export interface Summarised {
  readonly merged: readonly DueDelivery[]
  readonly decisions: readonly Decided[]
}

/** Puts what waits into the collection of its reader, in the caller's transaction. */
export async function gather(tx: Transaction, project: string, waiting: readonly DueDelivery[], as: Gathering, nowMs: number): Promise<Summarised> {
  const merged: DueDelivery[] = []
  const decisions: Decided[] = []
  for (const [key, group] of groupsOf(waiting, as)) {
    const open = await tx.openBatch(project, key)
    if (as.leaves === 'alone' && group.length === 1 && open === undefined) continue
    const { dueMs, goesMs } = open === undefined ? await as.dueMs(tx, key, nowMs) : { dueMs: open.dueMs, goesMs: open.dueMs }
    const timers: Timer[] = []
    const opened = new Set(open === undefined ? [] : [open.delivery])
    const places = await put(tx, group.map((due) => ({ due, item: itemOf(due, key, as, dueMs, nowMs) })))
    for (const [index, due] of group.entries()) {
      const enqueued = places[index]
      if (enqueued === undefined) continue
      merged.push(due)
      const params = { ...as.params, time: Math.max(dueMs, goesMs) }
      decisions.push({ due, reason: 'limited.person', params })
      if (opened.has(enqueued.delivery)) continue
      opened.add(enqueued.delivery)
      timers.push(...fallbackTimer({ ...due, project, dueMs: as.since === 'first' ? due.notification.createdAtMs : dueMs }, enqueued.delivery))
    }
    if (timers.length > 0) await tx.putTimers(timers)
  }
  if (merged.length > 0) await tx.finish(merged.map(({ id }) => id), 'superseded', nowMs)
  return { merged, decisions }
}

/**
 * The key of the collection that this one would join; absent: it stays as it is. What was tried stays, a message to an address without a person is left
 * as it was written, and that somebody has an alert is shown in the message that told it.
 */
export function gatheredAs(due: DueDelivery, { name, takes }: Pick<Gathering, 'name' | 'takes'>): string | undefined {
  const { notification, claimedBefore, attemptsBefore, inDoubtSinceMs, fallbackAsked } = due
  if (claimedBefore === true || attemptsBefore > 0 || inDoubtSinceMs !== undefined || fallbackAsked || notification.recipient.person === '' || notification.news === 'acknowledged') return undefined
  if (takes === 'singles' && !isSingle(due)) return undefined
  const { turn: _ownReason, ...shared } = { ...due, ...notification, route: '' }
  return `${name}|${batchKeyOf(shared)}`
}

function isSingle({ notification: { alerts, moreAlerts, late } }: DueDelivery): boolean {
  return alerts.length === 1 && moreAlerts === 0 && late === undefined
}

/** Those of one person that can stand in one message: all is the same but the alert and the route. */
function groupsOf(waiting: readonly DueDelivery[], as: Gathering): ReadonlyMap<string, readonly DueDelivery[]> {
  const groups = new Map<string, DueDelivery[]>()
  for (const due of waiting) {
    const key = gatheredAs(due, as)
    if (key === undefined) continue
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(due)
  }
  return groups
}

/** In their order; those that stand for one alert together. A collection is put in whole, also what is not loaded of it: absent where there was nothing left of it. */
async function put(tx: Transaction, given: readonly { readonly due: DueDelivery; readonly item: BatchItem }[]): Promise<readonly (Enqueued | undefined)[]> {
  const places: (Enqueued | undefined)[] = []
  const singles: BatchItem[] = []
  const putSingles = async (): Promise<void> => {
    if (singles.length > 0) places.push(...(await tx.enqueueInBatch(singles.splice(0))))
  }
  for (const { due, item } of given) {
    if (isSingle(due)) {
      singles.push(item)
      continue
    }
    await putSingles()
    places.push(await tx.copyBatch(due.id, item))
  }
  await putSingles()
  return places
}

function itemOf({ notification, priority, expiresMs, fallback, alsoFor, fallbackAfterMs }: DueDelivery, batchKey: string, { itemsMax, turn }: Gathering, dueMs: number, nowMs: number): BatchItem {
  const { project, channel, recipient, route, news, without, alerts } = notification
  return {
    project, channel, recipient, route, news, without, priority, dueMs, expiresMs, fallback, createdAtMs: nowMs, batchKey, batchMax: itemsMax,
    alert: alerts[0]?.id ?? 0,
    ...(turn !== undefined && { turn }),
    ...(alsoFor !== undefined && { alsoFor }),
    ...(fallbackAfterMs !== undefined && { fallbackAfterMs }),
  }
}

/** The pace of what is critical: at `atMs`, or so long after the one before. Kept beside the rates, because it is one: for all processes, moved in the transaction that opens the summary. */
export async function nextSummaryMs(tx: Transaction, key: string, { atMs, freeMs }: { readonly atMs: number; readonly freeMs: number }, nowMs: number): Promise<number> {
  const nextMs = (await tx.rates([key])).get(key) ?? 0
  const isBelieved = nextMs <= Math.max(nowMs, freeMs) + summaryEveryMs + skewMs
  const dueMs = Math.max(atMs, isBelieved ? nextMs : 0)
  await tx.putRates(new Map([[key, Math.max(dueMs, freeMs) + summaryEveryMs]]))
  return dueMs
}
