import type { Chance } from '../model/chance.ts'
import type { OpenChannel } from '../model/channel.ts'
import type { Config } from '../model/config.ts'
import type { Attempt, ClaimedDelivery, DeliveryResult } from '../model/delivery.ts'
import type { EventInput } from '../model/event.ts'
import { stoppedCode, type Outcome } from '../model/outcome.ts'
import type { FirstMessage } from '../model/first-message.ts'
import type { BadAddress, ChannelPause, Settlement, Transaction } from '../model/store.ts'
import { shownAddress } from '../model/shown-address.ts'
import { threadOf } from '../model/thread.ts'
import { addressOf } from './objections.ts'
import { backoffMs } from './backoff.ts'
import { addressBad, badAddressMs } from './bad-address.ts'
import { recordDecided, type Decided } from './decide.ts'
import { mayResend } from './doubt.ts'
import { givesWayUntilMs, isWell, judge, pauseAfterProbe, watch } from './health.ts'

/** A send that came back, or a delivery put back before it was sent because it costs more of the rate than was charged. */
export type Finished =
  | { readonly claimed: ClaimedDelivery; readonly open: OpenChannel; readonly outcome: Outcome; readonly startedMs: number; readonly tookMs: number; readonly found: boolean }
  | { readonly claimed: ClaimedDelivery; readonly open: OpenChannel; readonly cost: number }

export interface SettleParts {
  readonly project: string
  readonly chance: Chance
  readonly delivery: Config['delivery']
}

export interface Settled {
  /** Deliveries that ended without being sent, for whom the next channel is asked; `inDoubt` may have arrived. */
  readonly ended: readonly { readonly claimed: ClaimedDelivery; readonly inDoubt: boolean }[]
  /** The product's own events: a channel paused, an address bad. */
  readonly events: readonly EventInput[]
  /** Channels that were paused and answered again. */
  readonly resumed: readonly string[]
}

/** What one outcome means for its delivery, its channel and its address. Pure. */
interface Verdict {
  readonly settlement: Settlement
  readonly decisions: readonly Decided[]
  readonly event?: EventInput
  readonly next?: 'fallback' | 'fallback-in-doubt'
}

/** Records what came back, in the caller's transaction. An outcome whose lease was lost changes nothing. */
export async function settle(tx: Transaction, finished: readonly Finished[], parts: SettleParts, nowMs: number): Promise<Settled> {
  const ended: { claimed: ClaimedDelivery; inDoubt: boolean }[] = []
  const events: EventInput[] = []
  const resumed: string[] = []
  const decisions: Decided[] = []
  const firsts: FirstMessage[] = []
  const gone: Pick<FirstMessage, 'thread' | 'providerId'>[] = []
  const worked: Pick<BadAddress, 'project' | 'channel' | 'address'>[] = []
  if (finished.length === 0) return { ended, events, resumed }
  const known = await watch(tx, parts.project)
  const afters = finished.map((one) => ('outcome' in one ? pauseAfterProbe(known.pauses.get(one.open.name), one.claimed, one.outcome, parts, nowMs) : undefined))
  const verdicts = finished.map((one, index) => verdictOn(one, parts, afters[index], nowMs))
  const held = await tx.settle(verdicts.map((verdict) => verdict.settlement))
  for (const [index, verdict] of verdicts.entries()) {
    const one = finished[index]
    if (one === undefined || held[index] !== true) continue
    decisions.push(...verdict.decisions)
    if (verdict.next !== undefined) ended.push({ claimed: one.claimed, inDoubt: verdict.next === 'fallback-in-doubt' || one.claimed.inDoubtSinceMs !== undefined })
    const { name } = one.open
    if (!('outcome' in one)) {
      await letAnother(tx, known.pauses.get(name), one.claimed.id, nowMs)
      continue
    }
    const judged = one.outcome.kind === 'sent' && isWell(known, name) ? undefined : await judge(tx, known, { claimed: one.claimed, channel: name, outcome: one.outcome, after: afters[index] }, parts, nowMs)
    // A paused channel is always told, by another one.
    if (judged?.event !== undefined) events.push(judged.event)
    if (judged?.isResumed === true) resumed.push(name)
    const address = addressOf(one.claimed, one.open)
    if (one.outcome.kind === 'bad-address' && address.address !== '') {
      await tx.addBadAddress({ ...address, code: one.outcome.code ?? 'refused', sinceMs: nowMs, untilMs: nowMs + badAddressMs })
    }
    if (one.outcome.kind === 'sent') worked.push(address)
    firsts.push(...firstMessageOf(one.claimed, one.open, one.outcome, nowMs))
    gone.push(...goneFirst(one.claimed, one.outcome))
    if (verdict.event !== undefined && !isOnlyAboutUs(one.claimed)) events.push(verdict.event)
  }
  await tx.clearBadAddresses(worked)
  if (gone.length > 0) await tx.forgetFirstMessages(gone)
  if (firsts.length > 0) await tx.keepFirstMessages(firsts)
  await recordDecided(tx, decisions, nowMs)
  return { ended, events, resumed }
}

/** What later news about the same alert will answer or change. */
function firstMessageOf(claimed: ClaimedDelivery, open: OpenChannel, outcome: Outcome, nowMs: number): readonly FirstMessage[] {
  if (open.type.needsFirst !== true || outcome.kind !== 'sent' || outcome.providerId === undefined) return []
  if (claimed.follows !== undefined && outcome.first !== 'this') return []
  const thread = threadOf(claimed.notification)
  return thread === undefined ? [] : [{ thread, providerId: outcome.providerId, atMs: nowMs }]
}

/** What later news would follow in vain. */
function goneFirst({ follows, notification }: ClaimedDelivery, outcome: Outcome): readonly Pick<FirstMessage, 'thread' | 'providerId'>[] {
  if (follows === undefined || outcome.kind !== 'sent' || outcome.first === undefined) return []
  const thread = threadOf(notification)
  return thread === undefined ? [] : [{ thread, providerId: follows }]
}

/** What was let through was not sent after all: the next may be. */
async function letAnother(tx: Transaction, pause: ChannelPause | undefined, delivery: number, nowMs: number): Promise<void> {
  if (pause === undefined || pause.probe !== delivery) return
  const { probe: _probe, ...rest } = pause
  await tx.pauseChannel({ ...rest, untilMs: nowMs })
}

/** @param after the pause that follows where it was let through in vain: others go first then */
function verdictOn(one: Finished, parts: SettleParts, after: ChannelPause | undefined, nowMs: number): Verdict {
  const { claimed, open } = one
  const mark = { id: claimed.id, fence: claimed.fence }
  if (!('outcome' in one)) {
    return { settlement: { ...mark, kind: 'later', dueMs: nowMs, uncounted: true, cost: one.cost }, decisions: [] }
  }
  const { outcome } = one
  const number = claimed.attemptsBefore + 1
  const attempt: Attempt = {
    number, atMs: one.startedMs, tookMs: one.tookMs, outcome: outcome.kind, detail: outcome.detail ?? '',
    code: 'code' in outcome ? outcome.code : undefined,
    providerId: outcome.kind === 'sent' ? outcome.providerId : undefined,
  }
  if (outcome.kind === 'sent') return { settlement: { ...mark, attempt, kind: 'done', result: 'sent', atMs: nowMs }, decisions: saidOfSent(one, nowMs) }
  const done = (result: DeliveryResult): Settlement => ({ ...mark, attempt, kind: 'done', result, atMs: nowMs })
  // What failed at last may have arrived before.
  const failed = (): Settlement => done(claimed.inDoubtSinceMs === undefined ? 'failed' : 'in-doubt')
  const say = (reason: Decided['reason'], params: Decided['params']): Decided[] => [{ due: claimed, reason, params }]
  const { channel, recipient } = claimed.notification
  const cause = outcome.detail ?? ''
  const giveWay = (dueMs: number): number => (after === undefined ? dueMs : Math.max(dueMs, Math.min(claimed.expiresMs, givesWayUntilMs(after))))

  switch (outcome.kind) {
    case 'retry': {
      // Never before the time that was named; and where that is short, or nothing, the attempts are not used up in a moment.
      const dueMs = nowMs + Math.max(outcome.afterMs ?? 0, backoffMs(number, parts.delivery, parts.chance))
      if (number >= parts.delivery.attemptsMax || dueMs > claimed.expiresMs) {
        return { settlement: failed(), decisions: say('failed.exhausted', { attempts: number, cause }), next: 'fallback' }
      }
      return { settlement: { ...mark, attempt, kind: 'later', dueMs: giveWay(dueMs) }, decisions: say('held.retry', { attempt: number, cause, time: giveWay(dueMs) }) }
    }
    case 'in-doubt': {
      const dueMs = nowMs + backoffMs(number, parts.delivery, parts.chance)
      const again = mayResend({ ...claimed, doubtfulAttempts: claimed.doubtfulAttempts + 1 }, open)
      if (again && number < parts.delivery.attemptsMax && dueMs <= claimed.expiresMs) {
        return { settlement: { ...mark, attempt, kind: 'later', dueMs: giveWay(dueMs) }, decisions: say('held.retry', { attempt: number, cause, time: giveWay(dueMs) }) }
      }
      return { settlement: done('in-doubt'), decisions: say('doubt.no_answer', { provider: channel }), next: 'fallback-in-doubt' }
    }
    case 'bad-address':
      if (outcome.code === stoppedCode) return { settlement: done('opted-out'), decisions: say('refused.stopped', { person: recipient.person, date: nowMs }), next: 'fallback' }
      return {
        settlement: done('bad-address'),
        decisions: say('refused.bad_address', { provider: channel, address: shownAddress(recipient.address), code: outcome.code ?? 'refused' }),
        event: addressBad(claimed.notification, outcome.code ?? 'refused', nowMs),
        next: 'fallback',
      }
    case 'bad-content':
      return { settlement: failed(), decisions: say('failed.content', { channel, cause }), next: 'fallback' }
    case 'bad-config':
      return {
        // The message is not at fault: this attempt does not count against it.
        settlement: { ...mark, kind: 'later', dueMs: giveWay(nowMs + parts.delivery.pauseMs), uncounted: true },
        decisions: say('held.channel_paused', { channel, cause }),
      }
  }
}

/** That others were told with it, and that it may have arrived before. */
function saidOfSent({ claimed: due, found }: Extract<Finished, { readonly outcome: Outcome }>, nowMs: number): readonly Decided[] {
  const { channel, alerts, moreAlerts } = due.notification
  const together = alerts.length + moreAlerts
  const isRepeated = due.inDoubtSinceMs !== undefined && !found
  if (together < 2 && !isRepeated) return []
  return [
    ...(together > 1 ? [{ due, reason: 'sent.digest', params: { time: nowMs, count: together - 1 } } as const] : []),
    ...(isRepeated ? [{ due, reason: 'sent.repeated_in_doubt', params: { channel, time: due.inDoubtSinceMs } } as const] : []),
  ]
}

/** An alert about the product itself never causes another. */
function isOnlyAboutUs(claimed: ClaimedDelivery): boolean {
  return claimed.notification.alerts.every((alert) => alert.kind === 'system')
}
