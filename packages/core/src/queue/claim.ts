import type { Chance } from '../model/chance.ts'
import { ratesOf, type OpenChannel } from '../model/channel.ts'
import type { Config } from '../model/config.ts'
import type { DecisionParams, DecisionReason } from '../model/decision.ts'
import { deliveryName, type ClaimedDelivery, type DeliveryResult } from '../model/delivery.ts'
import type { ChannelPause, DueDelivery, Transaction } from '../model/store.ts'
import type { Decided } from './decide.ts'
import { mayResend } from './doubt.ts'
import { RateBook, rateKeys } from './rates.ts'

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

/** Why a delivery must not be made any more although it is due; absent: it may. */
export interface Objection {
  readonly result: DeliveryResult
  readonly reason: DecisionReason
  readonly params: DecisionParams
}

export interface ClaimParts {
  /** Whose deliveries are claimed: other projects in the same store have channels and people of their own. */
  readonly project: string
  readonly chance: Chance
  readonly delivery: Config['delivery']
  /** Role, preference, acknowledgement: what may have changed since it was enqueued. */
  readonly object: (due: DueDelivery, nowMs: number) => Objection | undefined
  /**
   * Quiet hours. They may have begun since it was enqueued: while it was collected, retried, or waited for a rate. Not asked for
   * what is critical.
   */
  readonly hold: (due: DueDelivery, nowMs: number) => Hold | undefined
}

/** Why a delivery that is due is put off, and until when. */
export interface Hold {
  readonly untilMs: number
  readonly params: DecisionParams
}

export interface Claim {
  readonly claimed: readonly ClaimedDelivery[]
  /** Deliveries that ended here without being sent, for whom the next channel is asked. */
  readonly ended: readonly DueDelivery[]
  readonly decisions: readonly Decided[]
  /** Lanes that must not be asked again before this time. */
  readonly rests: readonly Rest[]
  /** How many were ended or put off; where that is not 0, more may be due. */
  readonly moved: number
  /** Channels whose whole rate, the reserve for critical messages included, is used up. */
  readonly limited: readonly Limited[]
}

export interface Limited {
  readonly channel: string
  /** Critical deliveries seen waiting; there may be more. */
  readonly waiting: number
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
  for (const lane of lanes) {
    const open = openFor(lane, pauses.get(lane.open.name), nowMs, result.rests)
    if (open !== undefined) await claimLane(tx, open, parts, nowMs, result)
  }
  return result
}

/** A paused channel rests; when its pause is over one delivery is let through to see whether it works again. */
function openFor(lane: Lane, pause: ChannelPause | undefined, nowMs: number, rests: Rest[]): Lane | undefined {
  if (pause === undefined) return lane
  if (pause.untilMs <= nowMs) return lane.inFlight > 0 ? undefined : { ...lane, free: 1, freeForRest: Math.min(1, lane.freeForRest) }
  rests.push({ channel: lane.open.name, untilMs: pause.untilMs, for: 'all' })
  return undefined
}

interface Writing {
  readonly claimed: ClaimedDelivery[]
  readonly ended: DueDelivery[]
  readonly decisions: Decided[]
  readonly rests: Rest[]
  readonly limited: Limited[]
  moved: number
}

async function claimLane(tx: Transaction, lane: Lane, parts: ClaimParts, nowMs: number, out: Writing): Promise<void> {
  const { name } = lane.open
  const candidates = await candidatesOf(tx, lane, parts, nowMs)
  if (candidates.length === 0) return
  const addressKey = (due: DueDelivery): string => `address:${parts.project}:${name}:${due.notification.recipient.address}`
  const { rate, ratePerAddress } = lane.open.limits
  // Named by what they allow: a rate that is changed begins anew.
  const channelRates = ratesOf(rate).map((one) => ({ key: `channel:${parts.project}:${name}:${one.count}/${one.perMs}`, rate: one }))
  const channelKeys = channelRates.map(({ key }) => key)
  const keys = [...channelKeys, ...(ratePerAddress === undefined ? [] : new Set(candidates.map(addressKey)))]
  const book = new RateBook(keys.length === 0 ? new Map() : await tx.rates(keys.flatMap(rateKeys)), lane.open.limits.cost === undefined ? 'one' : 'several')
  const bad = await tx.badAddresses(candidates.map((due) => ({ project: parts.project, channel: name, address: due.notification.recipient.address })), nowMs)

  const take: DueDelivery[] = []
  const finish = new Map<DeliveryResult, number[]>()
  const postpone = new Map<number, number[]>()
  for (const [index, due] of candidates.entries()) {
    const objection = tooOld(due, nowMs) ?? exhausted(due, parts.delivery.attemptsMax) ?? badAddress(due, bad[index]) ?? doubtful(due, lane.open) ?? parts.object(due, nowMs)
    const newer = objection === undefined ? await overtakenBy(tx, due) : undefined
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
      if (objection.result !== 'acknowledged' && objection.result !== 'resolved-before-told') out.ended.push(due)
      continue
    }
    const urgent = due.priority === 0
    const held = urgent ? undefined : parts.hold(due, nowMs)
    if (held !== undefined) {
      listIn(postpone, held.untilMs).push(due.id)
      out.decisions.push({ due, reason: 'held.quiet_hours', params: held.params })
      continue
    }
    const rates = [...channelRates, ...(ratePerAddress === undefined ? [] : [{ key: addressKey(due), rate: ratePerAddress }])]
    const verdict = book.charge(rates, due.cost, urgent, nowMs)
    if (verdict.allowed) {
      take.push(due)
      continue
    }
    out.decisions.push({ due, reason: 'held.rate', params: { channel: name, until: verdict.atMs } })
    if (verdict.refusedBy.some((key) => channelKeys.includes(key))) {
      out.rests.push({ channel: name, untilMs: verdict.atMs, for: urgent ? 'all' : 'not-critical' })
      if (urgent) out.limited.push({ channel: name, waiting: candidates.slice(index).filter(({ priority }) => priority === 0).length })
      // What is still to come is not more urgent than this one: it would be refused too.
      break
    }
    listIn(postpone, verdict.atMs).push(due.id)
  }
  for (const [result, ids] of finish) await tx.finish(ids, result, nowMs)
  for (const ids of [...finish.values(), ...postpone.values()]) out.moved += ids.length
  for (const [dueMs, ids] of postpone) await tx.postpone(ids, dueMs, nowMs)
  if (book.changed.size > 0) await tx.putRates(book.changed)
  const fences = take.length === 0 ? [] : await tx.lease(take.map((due) => due.id), nowMs + parts.delivery.leaseMs, nowMs)
  for (const [index, due] of take.entries()) out.claimed.push({ ...due, fence: fences[index] ?? 0 })
}

async function candidatesOf(tx: Transaction, lane: Lane, { project, chance }: ClaimParts, nowMs: number): Promise<readonly DueDelivery[]> {
  const find = (priority: number, limit: number): Promise<readonly DueDelivery[]> =>
    limit <= 0 ? Promise.resolve([]) : tx.due({ project, channel: lane.open.name, priority, nowMs, limit })
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

/** What told the same meanwhile: while it was in flight newer news took its place, or its next channel was asked. Trying again would tell twice. */
async function overtakenBy(tx: Transaction, due: DueDelivery): Promise<string | undefined> {
  if (due.supersededBy !== undefined) return deliveryName(due.supersededBy)
  if (!due.fallbackAsked) return undefined
  const { alerts, recipient, createdAtMs } = due.notification
  const ways = alerts[0] === undefined ? [] : await tx.onTheWay(alerts[0].id, recipient.person, createdAtMs)
  return ways.find(({ channel }) => due.fallback.includes(channel))?.channel ?? 'the next channel'
}

function tooOld(due: DueDelivery, nowMs: number): Objection | undefined {
  return nowMs <= due.expiresMs ? undefined : { result: 'too-old', reason: 'refused.too_old', params: { expires: due.expiresMs } }
}

/** Attempts whose process died were never settled: what kills every process that takes it on must end, too. */
function exhausted(due: DueDelivery, attemptsMax: number): Objection | undefined {
  if (due.attemptsBefore < attemptsMax) return undefined
  return { result: due.inDoubtSinceMs === undefined ? 'failed' : 'in-doubt', reason: 'failed.exhausted', params: { attempts: due.attemptsBefore, cause: 'no answer' } }
}

function badAddress(due: DueDelivery, bad: { readonly code: string } | undefined): Objection | undefined {
  if (bad === undefined || due.notification.recipient.address === '') return undefined
  const { channel, recipient } = due.notification
  return { result: 'bad-address', reason: 'refused.bad_address', params: { provider: channel, address: recipient.address, code: bad.code } }
}

/** An earlier attempt may have arrived: whether to try again is the law of the channel. */
function doubtful(due: DueDelivery, open: OpenChannel): Objection | undefined {
  if (due.inDoubtSinceMs === undefined || mayResend(due, open)) return undefined
  return { result: 'in-doubt', reason: 'doubt.no_answer', params: { provider: open.name } }
}

function listIn<Key, Value>(lists: Map<Key, Value[]>, key: Key): Value[] {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}
