import type { OpenChannel, Rate } from '../model/channel.ts'
import type { EventInput } from '../model/event.ts'
import type { DueDelivery, Transaction } from '../model/store.ts'
import type { Decided } from './decide.ts'
import { addressOf, objectionTo, overtakenBy, type ObjectParts } from './objections.ts'
import { summarise, type Summarised } from './summary.ts'

/** A rate that refuses what is critical, and when it allows one again. */
export interface UsedUp {
  readonly rate: Rate
  readonly freeMs: number
}

/** A critical delivery that the rate of its address refuses. */
export interface Crowded extends UsedUp {
  readonly due: DueDelivery
}

/** A channel whose whole rate, the reserve for critical messages included, is used up. */
export interface Limited {
  readonly channel: string
  /** Critical deliveries seen waiting; there may be more. */
  readonly waiting: number
}

/** How many are looked at together, and how often: bounds of one transaction. What is beyond is merged when the rate allows the next. */
const atOnce = 500
const looksMax = 10

/** All that is critical and waits for this channel becomes one message to each person, though only a few of them were candidates. */
export async function mergeOnChannel(tx: Transaction, open: OpenChannel, usedUp: UsedUp, parts: ObjectParts & { readonly project: string }, nowMs: number): Promise<Summarised> {
  const merged: DueDelivery[] = []
  const decisions: Decided[] = []
  const { project } = parts
  for (let look = 1; look <= looksMax; look += 1) {
    const found = await tx.due({ project, channel: open.name, priority: 0, nowMs, limit: atOnce })
    const bad = await tx.badAddresses(found.map((due) => addressOf(due, open)), nowMs)
    const waiting: DueDelivery[] = []
    for (const [index, due] of found.entries()) {
      // What must not be made any more ends when its turn comes.
      if (objectionTo(due, open, parts, bad[index], nowMs) === undefined && (await overtakenBy(tx, due)) === undefined) waiting.push(due)
    }
    // Nothing else of the channel goes before the rate is free: due at once, the summary stands first.
    const together = await summarise(tx, { project, channel: open.name, waiting, ...usedUp, dueMs: nowMs }, nowMs)
    merged.push(...together.merged)
    decisions.push(...together.decisions)
    if (together.merged.length === 0 || found.length < atOnce) break
  }
  return { merged, decisions }
}

/** What is critical and more than its address takes now, while the channel goes on: due when the address takes one again. */
export async function mergeAtAddress(tx: Transaction, channel: string, crowded: readonly Crowded[], nowMs: number): Promise<Summarised> {
  const merged: DueDelivery[] = []
  const decisions: Decided[] = []
  for (const [, ofAddress] of Map.groupBy(crowded, ({ due }) => due.notification.recipient.address)) {
    const [first] = ofAddress
    if (first === undefined) continue
    const { rate, freeMs, due } = first
    const together = await summarise(tx, { project: due.notification.project, channel, waiting: ofAddress.map((one) => one.due), rate, freeMs, dueMs: freeMs }, nowMs)
    merged.push(...together.merged)
    decisions.push(...together.decisions)
  }
  return { merged, decisions }
}

/** That critical messages wait for a rate is told once in so long; the time is the event's identity. */
const limitToldEveryMs = 300_000

export function limitReached({ channel, waiting }: Limited, nowMs: number): EventInput {
  const sinceMs = Math.floor(nowMs / limitToldEveryMs) * limitToldEveryMs
  return { type: 'tocsin.limit-reached', source: 'engine', id: `limit-reached:${channel}`, atMs: sinceMs, detail: { channel, count: String(waiting), sinceAt: String(sinceMs) } }
}
