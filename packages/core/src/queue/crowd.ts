import type { OpenChannel, Rate } from '../model/channel.ts'
import type { EventInput } from '../model/event.ts'
import type { DueDelivery, Transaction } from '../model/store.ts'
import { isLimitDigest, isRunning } from './attention.ts'
import type { Decided } from './decide.ts'
import { addressOf, objectionTo, overtakenBy, type ObjectParts } from './objections.ts'
import { gather, gatheredAs, nextSummaryMs, type Gathering, type Summarised } from './summary.ts'

/** A rate that refuses, and when it allows one again. */
export interface UsedUp {
  readonly rate: Rate
  readonly freeMs: number
}

/** A delivery that a rate of its reader refuses. */
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
      if ((await objectionTo(tx, due, open, parts, bad[index], nowMs)) === undefined && (await overtakenBy(tx, due)) === undefined) waiting.push(due)
    }
    // Nothing else of the channel goes before the rate is free: due at once, the summary stands first.
    const together = await gather(tx, project, waiting, summaryOf(project, open.name, usedUp, nowMs), nowMs)
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
    const { project } = first.due.notification
    const together = await gather(tx, project, ofAddress.map((one) => one.due), summaryOf(project, channel, first, first.freeMs), nowMs)
    merged.push(...together.merged)
    decisions.push(...together.decisions)
  }
  return { merged, decisions }
}

/** As many as are loaded with a collection, so that the message can name each. */
const summaryMax = 100

/** Critical deliveries that the rate refuses now: one alone waits as it is, unless a summary that it can join is open. */
function summaryOf(project: string, channel: string, { rate, freeMs }: UsedUp, atMs: number): Gathering {
  return {
    name: 'summary',
    itemsMax: summaryMax,
    params: paramsOf(channel, rate),
    leaves: 'alone',
    takes: 'singles',
    // What was meant to be tried elsewhere after a time still is.
    since: 'first',
    dueMs: async (tx, key, nowMs) => ({ dueMs: await nextSummaryMs(tx, `${project}:${key}`, { atMs, freeMs }, nowMs), goesMs: freeMs }),
  }
}

/** Bounded by what a store holds: it is one message, however much is in it. */
const digestMax = 1_000_000

/**
 * What is past a limit of its reader. What is not critical goes into one digest, when the limit allows one again: collections, too, or they
 * would wait behind one another forever. What is critical goes into a summary at once, and into the next five minutes later.
 */
export async function mergePastLimit(tx: Transaction, channel: string, past: readonly Crowded[], nowMs: number): Promise<Summarised> {
  const merged: DueDelivery[] = []
  const decisions: Decided[] = []
  for (const { due, rate, freeMs } of past) {
    const { project } = due.notification
    const shared = { itemsMax: digestMax, params: paramsOf(channel, rate), turn: { kind: 'limit', limit: rate.count, periodMs: rate.perMs }, leaves: 'nothing', takes: 'all' } as const
    const as: Gathering = due.priority === 0
      ? { ...shared, name: 'reserve', since: 'first', dueMs: async (inTx, key) => ({ dueMs: await nextSummaryMs(inTx, `${project}:${key}`, { atMs: nowMs, freeMs: nowMs }, nowMs), goesMs: nowMs }) }
      : { ...shared, name: limitName, since: 'due', dueMs: async () => ({ dueMs: freeMs, goesMs: freeMs }) }
    const together = await gather(tx, project, [due], as, nowMs)
    merged.push(...together.merged)
    decisions.push(...together.decisions)
  }
  return { merged, decisions }
}

const limitName = 'limit'

/** So long after it is due a digest still takes in what comes, milliseconds: what was held until the same time goes with it. */
const joinsForMs = 5_000

/** The digests of one claim: what comes while one waits for its reader's limit joins it, and does not go before it. */
export class WaitingDigests {
  readonly #tx: Transaction
  readonly #nowMs: number
  readonly #found = new Map<string, Promise<{ readonly delivery: number; readonly dueMs: number } | undefined>>()
  readonly #joined = new Set<number>()

  constructor(tx: Transaction, nowMs: number) {
    this.#tx = tx
    this.#nowMs = nowMs
  }

  /** Whether this one is to join a digest that waits; then that one is not sent in this claim. */
  async joins(due: DueDelivery): Promise<boolean> {
    const key = isRunning(due) ? undefined : gatheredAs(due, { name: limitName, takes: 'all' })
    if (key === undefined) return false
    const looked = this.#found.get(key) ?? this.#tx.openBatch(due.notification.project, key)
    this.#found.set(key, looked)
    const open = await looked
    if (open === undefined || this.#nowMs > open.dueMs + joinsForMs) return false
    this.#joined.add(open.delivery)
    return true
  }

  /** Whether something joined it since it was loaded: what it holds now is not known here. */
  grew({ id }: DueDelivery): boolean {
    return this.#joined.has(id)
  }
}

/** Digests that are just due stand last, so that what is due with them joins them. */
export function digestsLast(candidates: readonly DueDelivery[], nowMs: number): readonly DueDelivery[] {
  const isFresh = (due: DueDelivery): boolean => isLimitDigest(due) && nowMs <= due.dueMs + joinsForMs
  return candidates.some(isFresh) ? [...candidates.filter((due) => !isFresh(due)), ...candidates.filter(isFresh)] : candidates
}

function paramsOf(channel: string, { count, perMs }: Rate): Gathering['params'] {
  return { limit: count, channel, period: perMs }
}

/** That critical messages wait for a rate is told once in so long; the time is the event's identity. */
const limitToldEveryMs = 300_000

export function limitReached({ channel, waiting }: Limited, nowMs: number): EventInput {
  const sinceMs = Math.floor(nowMs / limitToldEveryMs) * limitToldEveryMs
  return { type: 'tocsin.limit-reached', source: 'engine', id: `limit-reached:${channel}`, atMs: sinceMs, detail: { channel, count: String(waiting), sinceAt: String(sinceMs) } }
}
