import { alertName } from '../model/alert.ts'
import type { OpenChannel } from '../model/channel.ts'
import type { Config } from '../model/config.ts'
import type { DecisionParams, DecisionReason } from '../model/decision.ts'
import { deliveryName, type DeliveryResult } from '../model/delivery.ts'
import { stoppedCode } from '../model/outcome.ts'
import type { BadAddress, DueDelivery, Transaction } from '../model/store.ts'
import { shownAddress } from '../model/shown-address.ts'
import { mayResend } from './doubt.ts'

/** Why a delivery must not be made any more although it is due; absent: it may. */
export interface Objection {
  readonly result: DeliveryResult
  readonly reason: DecisionReason
  readonly params: DecisionParams
  /** The next channel is asked, also where its result is one after which nobody is. */
  readonly asksNext?: true
}

export interface ObjectParts {
  readonly delivery: Pick<Config['delivery'], 'attemptsMax'>
  /** Role, preference, acknowledgement: what may have changed since it was enqueued. */
  readonly object: (tx: Transaction, due: DueDelivery, nowMs: number) => Objection | undefined | Promise<Objection | undefined>
}

/** Results of those that nobody is to hear by another channel either. */
export const endsForGood: ReadonlySet<DeliveryResult> = new Set(['acknowledged', 'resolved-before-told', 'silenced', 'muted', 'dry-run', 'erased'])

/** Why it must not be made any more; absent: it may. A promise only where the store has to be asked: to wait for nothing takes a good part of a claim. */
export function objectionTo(tx: Transaction, due: DueDelivery, open: OpenChannel, parts: ObjectParts, bad: Pick<BadAddress, 'code' | 'sinceMs'> | undefined, nowMs: number): Objection | undefined | Promise<Objection | undefined> {
  const known = tooOld(due, nowMs) ?? exhausted(due, parts.delivery.attemptsMax) ?? badAddress(due, bad)
  if (known !== undefined) return known
  const others = (): ReturnType<typeof objectionTo> => doubtful(due, open) ?? parts.object(tx, due, nowMs)
  return open.type.can.stops === true ? stopped(tx, due, open).then((found) => found ?? others()) : others()
}

/** What is remembered where it does not work: a person's address, or the channel as it is set where that is the address. */
export function addressOf({ notification }: Pick<DueDelivery, 'notification'>, { place = '' }: Pick<OpenChannel, 'place'>): Pick<BadAddress, 'project' | 'channel' | 'address'> {
  const { project, channel, recipient } = notification
  return { project, channel, address: recipient.address === '' ? place : recipient.address }
}

/** What told the same meanwhile: while it was in flight newer news took its place, its next channel was asked, or what it is part of was told. Trying again would tell twice. */
export async function overtakenBy(tx: Transaction, due: DueDelivery): Promise<string | undefined> {
  if (due.supersededBy !== undefined) return deliveryName(due.supersededBy)
  if (!due.fallbackAsked) return undefined
  const { alerts, recipient, createdAtMs } = due.notification
  const ways = alerts[0] === undefined ? [] : await tx.onTheWay(alerts[0].id, recipient.person, createdAtMs)
  const parent = alerts[0]?.parent
  return ways.find(({ channel }) => due.fallback.includes(channel))?.channel ?? (parent === undefined ? 'the next channel' : alertName(parent))
}

function tooOld(due: DueDelivery, nowMs: number): Objection | undefined {
  return nowMs <= due.expiresMs ? undefined : { result: 'too-old', reason: 'refused.too_old', params: { expires: due.expiresMs } }
}

/** Attempts whose process died were never settled: what kills every process that takes it on must end, too. */
function exhausted(due: DueDelivery, attemptsMax: number): Objection | undefined {
  if (due.attemptsBefore < attemptsMax) return undefined
  return { result: due.inDoubtSinceMs === undefined ? 'failed' : 'in-doubt', reason: 'failed.exhausted', params: { attempts: due.attemptsBefore, cause: 'no answer' } }
}

function badAddress(due: DueDelivery, bad: Pick<BadAddress, 'code' | 'sinceMs'> | undefined): Objection | undefined {
  if (bad === undefined) return undefined
  if (bad.code === stoppedCode) return stoppedSince(due, bad.sinceMs)
  const { channel, recipient } = due.notification
  return { result: 'bad-address', reason: 'refused.bad_address', params: { provider: channel, address: shownAddress(recipient.address), code: bad.code } }
}

/** Whoever reads it there replied STOP, as a provider said or as was received here. */
async function stopped(tx: Transaction, due: DueDelivery, { type }: OpenChannel): Promise<Objection | undefined> {
  const { project, recipient: { address } } = due.notification
  const [sinceMs] = await tx.optOuts([{ project, channelType: type.type, address }])
  return sinceMs === undefined ? undefined : stoppedSince(due, sinceMs)
}

function stoppedSince({ notification: { recipient: { person } } }: DueDelivery, sinceMs: number): Objection {
  return { result: 'opted-out', reason: 'refused.stopped', params: { person, date: sinceMs } }
}

/** An earlier attempt may have arrived: whether to try again is the law of the channel. */
function doubtful(due: DueDelivery, open: OpenChannel): Objection | undefined {
  if (due.inDoubtSinceMs === undefined || mayResend(due, open)) return undefined
  return { result: 'in-doubt', reason: 'doubt.no_answer', params: { provider: open.name } }
}
