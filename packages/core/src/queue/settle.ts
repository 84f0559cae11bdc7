import { createHash } from 'node:crypto'
import type { Chance } from '../model/chance.ts'
import type { OpenChannel } from '../model/channel.ts'
import type { Config } from '../model/config.ts'
import type { Attempt, ClaimedDelivery, DeliveryResult } from '../model/delivery.ts'
import type { EventInput } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import type { BadAddress, Settlement, Transaction } from '../model/store.ts'
import { backoffMs } from './backoff.ts'
import { recordDecided, type Decided } from './decide.ts'
import { mayResend } from './doubt.ts'

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

/** So long an address that a receiver refused is left alone, then it is tried again, milliseconds. */
const badAddressMs = 86_400_000

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
  const worked: Pick<BadAddress, 'project' | 'channel' | 'address'>[] = []
  const verdicts = finished.map((one) => verdictOn(one, parts, nowMs))
  const held = await tx.settle(verdicts.map((verdict) => verdict.settlement))
  const paused = new Set((await tx.pauses(parts.project)).map((pause) => pause.channel))
  for (const [index, verdict] of verdicts.entries()) {
    const one = finished[index]
    if (one === undefined || held[index] !== true) continue
    decisions.push(...verdict.decisions)
    if (verdict.next !== undefined) ended.push({ claimed: one.claimed, inDoubt: verdict.next === 'fallback-in-doubt' || one.claimed.inDoubtSinceMs !== undefined })
    if (!('outcome' in one)) continue
    const { name } = one.open
    if (one.outcome.kind === 'bad-config') {
      await tx.pauseChannel({ project: parts.project, channel: name, cause: one.outcome.detail, sinceMs: nowMs, untilMs: nowMs + parts.delivery.pauseMs })
      if (paused.has(name)) continue
      paused.add(name)
    } else if (paused.has(name) && one.outcome.kind !== 'retry') {
      await tx.resumeChannel(parts.project, name)
      paused.delete(name)
      resumed.push(name)
    }
    const address = { project: parts.project, channel: name, address: one.claimed.notification.recipient.address }
    if (one.outcome.kind === 'bad-address' && address.address !== '') {
      await tx.addBadAddress({ ...address, code: one.outcome.code ?? 'refused', sinceMs: nowMs, untilMs: nowMs + badAddressMs })
    }
    if (one.outcome.kind === 'sent') worked.push(address)
    // A paused channel is always told, by another one; an address is not where the message was itself about the product.
    if (verdict.event !== undefined && (one.outcome.kind === 'bad-config' || !isOnlyAboutUs(one.claimed))) events.push(verdict.event)
  }
  await tx.clearBadAddresses(worked)
  await recordDecided(tx, decisions, nowMs)
  return { ended, events, resumed }
}

function verdictOn(one: Finished, parts: SettleParts, nowMs: number): Verdict {
  const { claimed, open } = one
  const mark = { id: claimed.id, fence: claimed.fence }
  if (!('outcome' in one)) {
    return { settlement: { ...mark, kind: 'later', dueMs: nowMs, uncounted: true, cost: one.cost }, decisions: [] }
  }
  const { outcome } = one
  const number = claimed.attemptsBefore + 1
  const attempt: Attempt = { number, atMs: one.startedMs, tookMs: one.tookMs, outcome: outcome.kind, code: 'code' in outcome ? outcome.code : undefined, detail: outcome.detail ?? '' }
  const done = (result: DeliveryResult): Settlement => ({ ...mark, attempt, kind: 'done', result, atMs: nowMs })
  // What failed at last may have arrived before.
  const failed = (): Settlement => done(claimed.inDoubtSinceMs === undefined ? 'failed' : 'in-doubt')
  const say = (reason: Decided['reason'], params: Decided['params']): Decided[] => [{ due: claimed, reason, params }]
  const { channel, recipient } = claimed.notification
  const cause = outcome.detail ?? ''
  const together = claimed.notification.alerts.length + claimed.notification.moreAlerts
  const about = { type: 'custom', source: 'engine', atMs: nowMs } as const

  switch (outcome.kind) {
    case 'sent':
      return {
        settlement: done('sent'),
        decisions: [
          ...(together > 1 ? say('sent.digest', { time: nowMs, count: together - 1 }) : []),
          ...(claimed.inDoubtSinceMs === undefined || one.found ? [] : say('sent.repeated_in_doubt', { channel, time: claimed.inDoubtSinceMs })),
        ],
      }
    case 'retry': {
      const dueMs = nowMs + (outcome.afterMs ?? backoffMs(number, parts.delivery, parts.chance))
      if (number >= parts.delivery.attemptsMax || dueMs > claimed.expiresMs) {
        return { settlement: failed(), decisions: say('failed.exhausted', { attempts: number, cause }), next: 'fallback' }
      }
      return { settlement: { ...mark, attempt, kind: 'later', dueMs }, decisions: say('held.retry', { attempt: number, cause, time: dueMs }) }
    }
    case 'in-doubt': {
      const dueMs = nowMs + backoffMs(number, parts.delivery, parts.chance)
      const again = mayResend({ ...claimed, doubtfulAttempts: claimed.doubtfulAttempts + 1 }, open)
      if (again && number < parts.delivery.attemptsMax && dueMs <= claimed.expiresMs) {
        return { settlement: { ...mark, attempt, kind: 'later', dueMs }, decisions: say('held.retry', { attempt: number, cause, time: dueMs }) }
      }
      return { settlement: done('in-doubt'), decisions: say('doubt.no_answer', { provider: channel }), next: 'fallback-in-doubt' }
    }
    case 'bad-address':
      return {
        settlement: done('bad-address'),
        decisions: say('refused.bad_address', { provider: channel, address: recipient.address, code: outcome.code ?? 'refused' }),
        event: {
          ...about,
          type: 'tocsin.address-bad',
          id: `address-bad:${channel}:${createHash('sha256').update(recipient.address).digest('hex').slice(0, 16)}`,
          detail: { channel, person: recipient.person, address: recipient.address, code: outcome.code ?? 'refused' },
        },
        next: 'fallback',
      }
    case 'bad-content':
      return { settlement: failed(), decisions: say('failed.content', { channel, cause }), next: 'fallback' }
    case 'bad-config': {
      const untilMs = nowMs + parts.delivery.pauseMs
      return {
        // The message is not at fault: this attempt does not count against it.
        settlement: { ...mark, kind: 'later', dueMs: untilMs, uncounted: true },
        decisions: say('held.channel_paused', { channel, cause }),
        event: { ...about, type: 'tocsin.channel-paused', id: `channel-paused:${channel}:${nowMs}`, detail: { channel, cause, until: String(untilMs) } },
      }
    }
  }
}

/** An alert about the product itself never causes another. */
function isOnlyAboutUs(claimed: ClaimedDelivery): boolean {
  return claimed.notification.alerts.every((alert) => alert.kind === 'system')
}
