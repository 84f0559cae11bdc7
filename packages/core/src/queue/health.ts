import type { Config } from '../model/config.ts'
import type { ClaimedDelivery } from '../model/delivery.ts'
import type { EventInput } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import type { ChannelHealth, ChannelPause, Transaction } from '../model/store.ts'

/**
 * A circuit breaker for each channel, in the store, so that it holds over processes and restarts.
 *
 * well      nothing is known against it; whatever a provider judges (sent, address bad, content bad) makes it so
 * failing   sends come back as `retry` or `in-doubt` and nothing else; a provider that names a time to wait is alive, and that says nothing
 * paused    its settings are wrong, or it failed for longer than `unhealthyMs`: what waits is kept, nothing is sent until `untilMs`
 * probed    the pause is over and one delivery is under way, over all processes. What a provider judges ends the pause; a failure begins
 *           the next, twice as long where the channel fails, and the delivery that was let through in vain lets others go first
 */
export interface HealthParts {
  readonly project: string
  readonly delivery: Pick<Config['delivery'], 'pauseMs' | 'unhealthyMs'>
}

/** So many attempts of so many messages must have failed: one message that cannot be sent says nothing of its channel. */
const failuresMin = 5
/** A failure so long after the one before begins a new spell, milliseconds. */
const spellGapMs = 3_600_000
/** No pause lasts longer, unless the configuration says so, milliseconds. */
const pauseMaxMs = 3_600_000
/** A delivery that was let through in vain waits at most so many pauses longer than the others. */
const givesWayMax = 3

/** What is known against the channels of a project, as of this transaction. */
export interface Watch {
  readonly pauses: Map<string, ChannelPause>
  readonly health: Map<string, ChannelHealth>
}

export interface Judged {
  readonly event?: EventInput
  readonly isResumed: boolean
}

type Sign = 'works' | 'wrong' | 'fails' | 'asks-to-wait'

export async function watch(tx: Transaction, project: string): Promise<Watch> {
  const byChannel = <T extends { readonly channel: string }>(rows: readonly T[]): Map<string, T> => new Map(rows.map((row) => [row.channel, row]))
  return { pauses: byChannel(await tx.pauses(project)), health: byChannel(await tx.channelHealth(project)) }
}

/** Nothing is known against it: that it works is no news. */
export function isWell({ pauses, health }: Watch, channel: string): boolean {
  return !pauses.has(channel) && !health.has(channel)
}

/** The pause that follows where this was the one let through and the channel does not work yet; absent: it was not, or it does. */
export function pauseAfterProbe(pause: ChannelPause | undefined, claimed: Pick<ClaimedDelivery, 'id'>, outcome: Outcome, { delivery }: HealthParts, nowMs: number): ChannelPause | undefined {
  if (pause === undefined || pause.probe !== claimed.id) return undefined
  const sign = signOf(outcome, pause)
  if (sign === 'works') return undefined
  const { probe: _probe, ...rest } = pause
  const next = { ...rest, failedProbes: pause.failedProbes + 1 }
  const lengthMaxMs = Math.max(pauseMaxMs, delivery.pauseMs)
  if (sign === 'asks-to-wait') return { ...next, untilMs: nowMs + Math.min(lengthMaxMs, afterMsOf(outcome)) }
  if (sign === 'wrong') return { ...next, why: 'bad-config', cause: outcome.detail ?? '', lengthMs: delivery.pauseMs, untilMs: nowMs + delivery.pauseMs }
  const lengthMs = pause.why === 'failing' ? Math.min(lengthMaxMs, pause.lengthMs * 2) : pause.lengthMs
  return { ...next, lengthMs, untilMs: nowMs + lengthMs }
}

/** A channel was paused, with the cause; or sends again. */
export type ChannelNews = { readonly kind: 'paused'; readonly channel: string; readonly cause: string } | { readonly kind: 'resumed'; readonly channel: string }

/** What became of channels in one round, for whoever keeps a log; it is on record by now. */
export function channelNews(own: readonly EventInput[], resumed: readonly string[]): readonly ChannelNews[] {
  const paused = own.filter(({ type }) => type === pausedType).map(({ detail }): ChannelNews => ({ kind: 'paused', channel: detail?.['channel'] ?? '', cause: detail?.['cause'] ?? '' }))
  return [...paused, ...resumed.map((channel): ChannelNews => ({ kind: 'resumed', channel }))]
}

const pausedType = 'tocsin.channel-paused'

/** When a delivery that was let through in vain may be chosen again: later each time, so that it is not the only one that is ever tried. */
export function givesWayUntilMs({ untilMs, lengthMs, failedProbes }: ChannelPause): number {
  return untilMs + Math.min(givesWayMax, failedProbes) * lengthMs
}

/** Notes what one outcome says about its channel. `after` is the pause that follows a probe in vain. */
export async function judge(
  tx: Transaction, known: Watch, one: { readonly claimed: ClaimedDelivery; readonly channel: string; readonly outcome: Outcome; readonly after: ChannelPause | undefined }, parts: HealthParts, nowMs: number,
): Promise<Judged> {
  const { channel, outcome, after } = one
  const pause = known.pauses.get(channel)
  const put = async (next: ChannelPause): Promise<Judged> => {
    known.pauses.set(channel, next)
    await tx.pauseChannel(next)
    return { event: pausedEvent(next, nowMs), isResumed: false }
  }
  if (after !== undefined) return put(after)
  const sign = signOf(outcome, pause)
  switch (sign) {
    case 'works':
      if (known.health.delete(channel)) await tx.clearChannelHealth(parts.project, channel)
      if (!known.pauses.delete(channel)) return { isResumed: false }
      await tx.resumeChannel(parts.project, channel)
      return { isResumed: true }
    case 'asks-to-wait':
      return { isResumed: false }
    case 'wrong': {
      // Of several that were under way the first has said it.
      if (pause?.why === 'bad-config') return { isResumed: false }
      const { pauseMs } = parts.delivery
      return put({ project: parts.project, channel, why: 'bad-config', cause: outcome.detail ?? '', sinceMs: nowMs, untilMs: nowMs + pauseMs, lengthMs: pauseMs, failedProbes: 0 })
    }
    case 'fails': {
      if (pause !== undefined) return { isResumed: false }
      const health = countIn(known.health.get(channel), one.claimed, channel, parts.project, nowMs)
      if (!isIll(health, parts, nowMs)) {
        known.health.set(channel, health)
        await tx.putChannelHealth(health)
        return { isResumed: false }
      }
      known.health.delete(channel)
      await tx.clearChannelHealth(parts.project, channel)
      const { pauseMs } = parts.delivery
      return put({ project: parts.project, channel, why: 'failing', cause: outcome.detail ?? '', sinceMs: health.failingSinceMs, untilMs: nowMs + pauseMs, lengthMs: pauseMs, failedProbes: 0 })
    }
  }
}

function signOf(outcome: Outcome, pause: ChannelPause | undefined): Sign {
  switch (outcome.kind) {
    case 'sent':
    case 'bad-address':
    case 'bad-content':
      return 'works'
    case 'bad-config':
      return 'wrong'
    case 'retry':
      return outcome.afterMs === undefined ? 'fails' : 'asks-to-wait'
    case 'in-doubt':
      // The body went out: the settings were taken.
      return pause?.why === 'bad-config' ? 'works' : 'fails'
  }
}

function afterMsOf(outcome: Outcome): number {
  return outcome.kind === 'retry' ? (outcome.afterMs ?? 0) : 0
}

function countIn(health: ChannelHealth | undefined, { id }: ClaimedDelivery, channel: string, project: string, nowMs: number): ChannelHealth {
  if (health === undefined || nowMs - health.lastMs > spellGapMs) return { project, channel, failingSinceMs: nowMs, lastMs: nowMs, failures: 1, firstDelivery: id, areSeveral: false }
  return { ...health, lastMs: nowMs, failures: health.failures + 1, areSeveral: health.areSeveral || health.firstDelivery !== id }
}

function isIll({ failures, areSeveral, failingSinceMs }: ChannelHealth, { delivery }: HealthParts, nowMs: number): boolean {
  return failures >= failuresMin && areSeveral && nowMs - failingSinceMs >= delivery.unhealthyMs
}

function pausedEvent({ channel, cause, untilMs }: ChannelPause, nowMs: number): EventInput {
  return { type: pausedType, source: 'engine', atMs: nowMs, id: `channel-paused:${channel}:${nowMs}`, detail: { channel, cause, until: String(untilMs) } }
}
