import type { Chance } from '../model/chance.ts'
import { ratesOf, type OpenChannel } from '../model/channel.ts'
import type { Config } from '../model/config.ts'
import type { DecisionParams } from '../model/decision.ts'
import type { ClaimedDelivery, DeliveryResult } from '../model/delivery.ts'
import { addressRateStart, channelRateStart } from '../model/rate-key.ts'
import { threadOf } from '../model/thread.ts'
import type { ChannelPause, DueDelivery, Transaction } from '../model/store.ts'
import type { Decided } from './decide.ts'
import { createLimits, isRunning } from './attention.ts'
import { digestsLast, mergeAtAddress, mergeOnChannel, mergePastLimit, WaitingDigests, type Crowded, type Limited, type UsedUp } from './crowd.ts'
import type { Unreached } from './fallback.ts'
import { addressOf, endsForGood, objectionTo, overtakenBy, type ObjectParts } from './objections.ts'
import { firstOf, RateBook, rateKeys } from './rates.ts'

/** One channel of this process, and how many more sends it takes now. */
export interface Lane {
  readonly open: OpenChannel
  /** Sends under way. */
  readonly inFlight: number
  /** How many more, critical ones included. */
  readonly free: number
  /** How many more that are not critical; 0 while the rate that they share is used up. */
  readonly freeForRest: number
}

export interface ClaimParts extends ObjectParts {
  /** Whose deliveries are claimed: other projects in the same store have channels and people of their own. */
  readonly project: string
  readonly chance: Chance
  readonly delivery: Config['delivery']
  /**
   * Quiet hours. They may have begun since it was enqueued: while it was collected, retried, or waited for a rate. Not asked for
   * what is critical, nor of who has an alert: a message is changed for that, which wakes nobody.
   */
  readonly hold: (due: DueDelivery, nowMs: number) => Hold | undefined
  /** Looks for what speaks against these together, before each of them is asked about. @default `object` */
  readonly objectAmong?: (tx: Transaction, dues: readonly DueDelivery[], nowMs: number) => Promise<ObjectParts['object']>
  /** A collection without what is not to be told any more; absent: there is more to take out of it, when it is claimed again. */
  readonly sift: (tx: Transaction, due: DueDelivery, nowMs: number) => Promise<DueDelivery | undefined>
  /** What people want of their attention to be taken. */
  readonly limits: Config['limits']
}

/** Why a delivery that is due is put off, and until when. */
export interface Hold {
  readonly untilMs: number
  readonly params: DecisionParams
}

export interface Claim {
  readonly claimed: readonly ClaimedDelivery[]
  /** Deliveries that ended here without being sent, for whom the next channel is asked. */
  readonly ended: readonly Unreached[]
  readonly decisions: readonly Decided[]
  /** Lanes that must not be asked again before this time. */
  readonly rests: readonly Rest[]
  /** How many were ended or put off; where that is not 0, more may be due. */
  readonly moved: number
  /** Channels whose whole rate, the reserve for critical messages included, is used up. */
  readonly limited: readonly Limited[]
}

/** Until when a channel rests: because of a pause or its whole rate for all, because of the shared rate for what is not critical. */
export interface Rest {
  readonly channel: string
  readonly untilMs: number
  readonly for: 'all' | 'not-critical'
}

/** So long a delivery for a person who is not in this process's configuration is left to another process, and looked at again so often. */
const unknownPersonMs = 600_000
const unknownPersonAgainMs = 30_000

/** Of the claims that are not critical, one in so many takes the oldest, so that nothing waits forever. */
const oldestOneIn = 10

/**
 * Takes what is due: critical strictly first, then by priority, then age; within the rates of channel and address.
 * Everything is decided and written in the caller's transaction.
 */
export async function claim(tx: Transaction, lanes: readonly Lane[], parts: ClaimParts, nowMs: number): Promise<Claim> {
  const result: Writing = { claimed: [], ended: [], decisions: [], rests: [], limited: [], moved: 0 }
  const pauses = new Map((await tx.pauses(parts.project)).map((pause) => [pause.channel, pause]))
  // By name, whatever the configuration says: what people are told by a channel of several projects is limited together, and claims of two projects that
  // look at their limits in opposite order would wait for each other.
  const open = lanes.toSorted((one, other) => (one.open.name < other.open.name ? -1 : 1)).flatMap((lane) => openFor(lane, pauses.get(lane.open.name), nowMs, result.rests) ?? [])
  const due = Map.groupBy(open.length === 0 ? [] : await tx.dueLanes(parts.project, open.map((lane) => lane.open.name), nowMs), ({ channel }) => channel)
  for (const lane of open) {
    const priorities = new Set(due.get(lane.open.name)?.map(({ priority }) => priority))
    if (priorities.size === 0) continue
    const pause = pauses.get(lane.open.name)
    await claimLane(tx, lane, priorities, parts, nowMs, result)
    const probe = pause === undefined ? undefined : result.claimed.find(({ notification }) => notification.channel === pause.channel)
    // No other process lets one through until this one is settled or its lease is over.
    if (pause !== undefined && probe !== undefined) await tx.pauseChannel({ ...pause, probe: probe.id, untilMs: nowMs + parts.delivery.leaseMs })
  }
  return result
}

/** A paused channel rests; when its pause is over one delivery is let through to see whether it works again. */
function openFor(lane: Lane, pause: ChannelPause | undefined, nowMs: number, rests: Rest[]): Lane | undefined {
  if (pause === undefined) return lane
  if (pause.untilMs <= nowMs) return lane.inFlight > 0 ? undefined : { ...lane, free: 1, freeForRest: Math.min(1, lane.freeForRest) }
  // While one is under way, another process may learn any moment that the channel works.
  const untilMs = pause.probe === undefined ? pause.untilMs : Math.min(pause.untilMs, nowMs + probedAgainMs)
  rests.push({ channel: lane.open.name, untilMs, for: 'all' })
  return undefined
}

/** How often a process looks whether the delivery that was let through has come back, milliseconds. */
const probedAgainMs = 1_000

interface Writing {
  readonly claimed: ClaimedDelivery[]
  readonly ended: Unreached[]
  readonly decisions: Decided[]
  readonly rests: Rest[]
  readonly limited: Limited[]
  moved: number
}

async function claimLane(tx: Transaction, lane: Lane, priorities: ReadonlySet<number>, parts: ClaimParts, nowMs: number, out: Writing): Promise<void> {
  const { name } = lane.open
  const found = await candidatesOf(tx, lane, priorities, parts, nowMs)
  const sifted: DueDelivery[] = []
  for (const due of found) {
    const { alerts, moreAlerts } = due.notification
    const left = alerts.length + moreAlerts < 2 ? due : await parts.sift(tx, due, nowMs)
    if (left === undefined) out.moved += 1
    else sifted.push(left)
  }
  const candidates = digestsLast(sifted, nowMs)
  if (candidates.length === 0) return
  const limitsOf = createLimits(parts.limits, lane.open)
  const addressKey = (due: DueDelivery): string => `${addressRateStart}${parts.project}:${name}:${due.notification.recipient.address}`
  const { rate, ratePerAddress } = lane.open.limits
  // Named by what they allow: a rate that is changed begins anew.
  const channelRates = ratesOf(rate).map((one) => ({ key: `${channelRateStart}${parts.project}:${name}:${one.count}/${one.perMs}`, rate: one }))
  const keys = [...channelRates.map(({ key }) => key), ...(ratePerAddress === undefined ? [] : new Set(candidates.map(addressKey))), ...new Set(candidates.flatMap((due) => limitsOf(due).map(({ key }) => key)))]
  const book = new RateBook(keys.length === 0 ? new Map() : await tx.rates(keys.flatMap(rateKeys)), lane.open.limits.cost === undefined ? 'one' : 'several')
  const bad = await tx.badAddresses(candidates.map((due) => addressOf(due, lane.open)), nowMs)

  const objecting = { ...parts, object: (await parts.objectAmong?.(tx, candidates, nowMs)) ?? parts.object }

  const take: DueDelivery[] = []
  const finish = new Map<DeliveryResult, number[]>()
  const postpone = new Map<number, number[]>()
  const crowded: Crowded[] = []
  const pastLimit: Crowded[] = []
  const digests = new WaitingDigests(tx, nowMs)
  const order = new ThreadOrder(lane.open.type.needsFirst === true ? await tx.behindOlder(candidates.map(({ id }) => id), nowMs) : undefined)
  let usedUp: UsedUp | undefined
  for (const [index, due] of candidates.entries()) {
    const objected = objectionTo(tx, due, lane.open, objecting, bad[index], nowMs)
    const objection = objected instanceof Promise ? await objected : objected
    const newer = objection === undefined && (due.supersededBy !== undefined || due.fallbackAsked) ? await overtakenBy(tx, due) : undefined
    if (newer !== undefined) {
      listIn(finish, 'superseded').push(due.id)
      out.decisions.push({ due, reason: 'merged.superseded', params: { newer } })
      continue
    }
    // Another process, with a newer configuration, may know whom this one does not.
    if (objection?.reason === 'refused.unknown_person' && nowMs - due.notification.createdAtMs < unknownPersonMs) {
      listIn(postpone, nowMs + unknownPersonAgainMs).push(due.id)
      continue
    }
    if (objection !== undefined) {
      listIn(finish, objection.result).push(due.id)
      out.decisions.push({ due, reason: objection.reason, params: objection.params })
      if (objection.asksNext === true || !endsForGood.has(objection.result)) out.ended.push({ due, outcome: objection.result, inDoubt: due.inDoubtSinceMs !== undefined })
      continue
    }
    const urgent = due.priority === 0
    const held = urgent || due.notification.news === 'acknowledged' ? undefined : parts.hold(due, nowMs)
    if (held !== undefined) {
      listIn(postpone, held.untilMs).push(due.id)
      out.decisions.push({ due, reason: 'held.quiet_hours', params: held.params })
      continue
    }
    if (!urgent && order.hasToWait(due, index)) {
      listIn(postpone, nowMs + followsAgainMs).push(due.id)
      continue
    }
    // It is loaded anew in the next claim, with what joined it in this one.
    if (digests.grew(due)) continue
    const limits = limitsOf(due)
    const [limit] = limits
    if (!urgent && limit !== undefined && (await digests.joins(due))) {
      const refusing = firstOf(limits, book.look(limits, nowMs).refusedBy) ?? limit
      pastLimit.push({ due, rate: refusing.rate, freeMs: nowMs + followsAgainMs })
      continue
    }
    const rates = [...channelRates, ...(ratePerAddress === undefined ? [] : [{ key: addressKey(due), rate: ratePerAddress }]), ...limits]
    const verdict = book.charge(rates, due.cost, urgent, nowMs)
    if (verdict.allowed) {
      take.push(due)
      order.took(due)
      continue
    }
    const past = firstOf(limits, verdict.refusedBy)
    if (past !== undefined) {
      if (isRunning(due)) listIn(postpone, verdict.atMs).push(due.id)
      else pastLimit.push({ due, rate: past.rate, freeMs: verdict.atMs })
      continue
    }
    out.decisions.push({ due, reason: 'held.rate', params: { channel: name, until: verdict.atMs } })
    const refusing = channelRates.find(({ key }) => verdict.refusedBy.includes(key))
    if (refusing !== undefined) {
      out.rests.push({ channel: name, untilMs: verdict.atMs, for: urgent ? 'all' : 'not-critical' })
      if (urgent) out.limited.push({ channel: name, waiting: candidates.slice(index).filter(({ priority }) => priority === 0).length })
      if (urgent) usedUp = { rate: refusing.rate, freeMs: verdict.atMs }
      // What is still to come is not more urgent than this one: it would be refused too.
      break
    }
    if (urgent && ratePerAddress !== undefined) crowded.push({ due, rate: ratePerAddress, freeMs: verdict.atMs })
    else listIn(postpone, verdict.atMs).push(due.id)
  }
  // What is sent or ended now is closed first: nothing joins it any more.
  const fences = take.length === 0 ? [] : await tx.lease(take.map((due) => due.id), nowMs + parts.delivery.leaseMs, nowMs)
  for (const [result, ids] of finish) await tx.finish(ids, result, nowMs)
  const merges = [await mergeAtAddress(tx, name, crowded, nowMs), await mergePastLimit(tx, name, pastLimit, nowMs)]
  const gone = new Set(merges.flatMap(({ merged }) => merged))
  for (const { due, freeMs } of [...crowded, ...pastLimit]) if (!gone.has(due)) listIn(postpone, freeMs).push(due.id)
  for (const ids of [...finish.values(), ...postpone.values()]) out.moved += ids.length
  for (const [dueMs, ids] of postpone) await tx.postpone(ids, dueMs, nowMs)
  if (book.changed.size > 0) await tx.putRates(book.changed)
  const follows = await firstMessagesOf(tx, take, lane.open)
  for (const [index, due] of take.entries()) {
    const first = follows[index]
    out.claimed.push({ ...due, fence: fences[index] ?? 0, ...(first === undefined ? {} : { follows: first }) })
  }
  if (usedUp !== undefined) merges.push(await mergeOnChannel(tx, lane.open, usedUp, parts, nowMs))
  for (const { merged, decisions } of merges) {
    out.moved += merged.length
    out.decisions.push(...decisions)
  }
}

/** How often it is looked whether the first message of a thread has found its place, or whether what could not be collected goes, milliseconds. */
const followsAgainMs = 1_000

/**
 * News about one alert go to one reader one after the other, where they follow the first: two at once would both be the first. What
 * is critical does not wait.
 */
class ThreadOrder {
  readonly #behind: readonly boolean[] | undefined
  readonly #taken = new Set<string>()

  /** @param behind absent: nothing follows anything on this channel */
  constructor(behind: readonly boolean[] | undefined) {
    this.#behind = behind
  }

  hasToWait({ notification }: DueDelivery, index: number): boolean {
    if (this.#behind === undefined) return false
    const thread = threadOf(notification)
    return thread !== undefined && (this.#behind[index] === true || this.#taken.has(thread))
  }

  took({ notification }: DueDelivery): void {
    const thread = this.#behind === undefined ? undefined : threadOf(notification)
    if (thread !== undefined) this.#taken.add(thread)
  }
}

/** For each what it follows, where its channel answers or changes the first message about an alert. */
async function firstMessagesOf(tx: Transaction, take: readonly DueDelivery[], { type }: OpenChannel): Promise<readonly (string | undefined)[]> {
  if (type.needsFirst !== true || take.length === 0) return []
  const threads = take.map(({ notification }) => threadOf(notification))
  const first = await tx.firstMessages(threads.flatMap((thread) => thread ?? []))
  return threads.map((thread) => (thread === undefined ? undefined : first.get(thread)))
}

/** @param priorities those of which something may be due */
async function candidatesOf(tx: Transaction, lane: Lane, priorities: ReadonlySet<number>, { project, chance }: ClaimParts, nowMs: number): Promise<readonly DueDelivery[]> {
  const find = (priority: number, limit: number): Promise<readonly DueDelivery[]> =>
    limit <= 0 || !priorities.has(priority) ? Promise.resolve([]) : tx.due({ project, channel: lane.open.name, priority, nowMs, limit })
  const critical = await find(0, lane.free)
  const room = Math.min(lane.free - critical.length, lane.freeForRest)
  if (room === 0) return critical
  const turns = Array.from({ length: room }, () => (chance.next() < 1 / oldestOneIn ? 'oldest' : 'most urgent'))
  const turnsForOldest = turns.filter((turn) => turn === 'oldest').length
  const high = await find(1, room)
  const warning = await find(2, Math.max(room - high.length, turnsForOldest))
  const info = await find(3, Math.max(room - high.length - warning.length, turnsForOldest))
  return [...critical, ...inTurns(turns, [...high, ...warning, ...info])]
}

/** Each turn takes its own, so that the oldest comes up also where a rate ends the claim after the first few. */
function inTurns(turns: readonly ('oldest' | 'most urgent')[], byPriority: readonly DueDelivery[]): readonly DueDelivery[] {
  if (!turns.includes('oldest')) return byPriority.slice(0, turns.length)
  // An array's iterator goes on where a loop left it.
  const [byAge, byUrgency] = [byPriority.toSorted((a, b) => a.dueMs - b.dueMs || a.id - b.id).values(), byPriority.values()]
  const taken = new Set<DueDelivery>()
  for (const turn of turns) {
    for (const due of turn === 'oldest' ? byAge : byUrgency) {
      if (taken.has(due)) continue
      taken.add(due)
      break
    }
  }
  return [...taken]
}

function listIn<Key, Value>(lists: Map<Key, Value[]>, key: Key): Value[] {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}
