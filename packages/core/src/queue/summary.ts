import { batchKeyOf } from '../model/batch-key.ts'
import type { Rate } from '../model/channel.ts'
import type { BatchItem, DueDelivery, Transaction } from '../model/store.ts'
import type { Decided } from './decide.ts'
import { fallbackTimer } from './fallback.ts'

/**
 * Past the reserve: what is critical and waits for a rate that is used up is sent as one message to each person, as soon as the rate
 * allows one, and at most one in so long. Nothing is left out: it is a collection like any other, of up to `summaryMax` alerts, and
 * what is beyond is in the next one. What was meant to be tried elsewhere after a time still is, counted from the first of them.
 *
 * Merged is what was never tried. A message to an address without a person stays as it was written.
 */
const summaryEveryMs = 300_000

/** As many as are loaded with a collection, so that the message can name each. */
const summaryMax = 100

/** The clocks of processes may differ by so much, milliseconds: a time further ahead was written by one that was wrong. */
const skewMs = 60_000

export interface Crowd {
  readonly project: string
  readonly channel: string
  /** Critical deliveries that the rate refuses now, oldest first, that may still be made. */
  readonly waiting: readonly DueDelivery[]
  /** The rate that refuses them, and when it allows one. */
  readonly rate: Rate
  readonly freeMs: number
  /** When the summary is due: at once where nothing else of its channel goes before `freeMs`, so that it stands first. */
  readonly dueMs: number
}

export interface Summarised {
  readonly merged: readonly DueDelivery[]
  readonly decisions: readonly Decided[]
}

/** Merges what waits, in the caller's transaction. One alone waits as it is, unless a summary that it can join is open. */
export async function summarise(tx: Transaction, crowd: Crowd, nowMs: number): Promise<Summarised> {
  const merged: DueDelivery[] = []
  const decisions: Decided[] = []
  for (const [key, group] of groupsOf(crowd.waiting)) {
    const open = await tx.openBatch(crowd.project, key)
    const [first] = group
    if (first === undefined || (group.length === 1 && open === undefined)) continue
    const dueMs = open?.dueMs ?? (await nextDueMs(tx, key, crowd, nowMs))
    const enqueued = await tx.enqueueInBatch(group.map((due) => itemOf(due, key, dueMs, nowMs)))
    const opened = new Map(group.flatMap((due, index) => {
      const delivery = enqueued[index]?.delivery
      return delivery === undefined || delivery === open?.delivery ? [] : [[delivery, due] as const]
    }).toReversed())
    const timers = [...opened].flatMap(([delivery, due]) => fallbackTimer({ ...due, project: crowd.project, dueMs: due.notification.createdAtMs }, delivery))
    if (timers.length > 0) await tx.putTimers(timers)
    merged.push(...group)
    const { count, perMs } = crowd.rate
    const params = { limit: count, channel: crowd.channel, period: perMs, time: Math.max(dueMs, crowd.freeMs) }
    decisions.push(...group.map((due) => ({ due, reason: 'limited.person' as const, params })))
  }
  if (merged.length > 0) await tx.finish(merged.map(({ id }) => id), 'superseded', nowMs)
  return { merged, decisions }
}

/** Those of one person that can stand in one message: all is the same but the alert and the route. */
function groupsOf(waiting: readonly DueDelivery[]): ReadonlyMap<string, readonly DueDelivery[]> {
  const groups = new Map<string, DueDelivery[]>()
  for (const due of waiting) {
    const { notification, attemptsBefore, inDoubtSinceMs, fallbackAsked } = due
    const isAlone = notification.alerts.length === 1 && notification.moreAlerts === 0 && notification.late === undefined
    if (!isAlone || attemptsBefore > 0 || inDoubtSinceMs !== undefined || fallbackAsked || notification.recipient.person === '') continue
    const key = `summary|${batchKeyOf({ ...due, ...notification, route: '' })}`
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(due)
  }
  return groups
}

/** Kept beside the rates, because it is one: for all processes, moved in the transaction that opens the summary. */
async function nextDueMs(tx: Transaction, key: string, { project, dueMs, freeMs }: Crowd, nowMs: number): Promise<number> {
  const rateKey = `${project}:${key}`
  const nextMs = (await tx.rates([rateKey])).get(rateKey) ?? 0
  const isBelieved = nextMs <= Math.max(nowMs, freeMs) + summaryEveryMs + skewMs
  const atMs = Math.max(dueMs, isBelieved ? nextMs : 0)
  await tx.putRates(new Map([[rateKey, Math.max(atMs, freeMs) + summaryEveryMs]]))
  return atMs
}

function itemOf({ notification, priority, expiresMs, fallback, alsoFor, fallbackAfterMs }: DueDelivery, batchKey: string, dueMs: number, nowMs: number): BatchItem {
  const { project, channel, recipient, route, news, without, alerts } = notification
  return {
    project, channel, recipient, route, news, without, priority, dueMs, expiresMs, fallback, createdAtMs: nowMs, batchKey, batchMax: summaryMax,
    alert: alerts[0]?.id ?? 0,
    ...(alsoFor !== undefined && { alsoFor }),
    ...(fallbackAfterMs !== undefined && { fallbackAfterMs }),
  }
}
