import type { OpenChannel } from './model/channel.ts'
import type { Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import type { Decision } from './model/decision.ts'
import { deliveryName } from './model/delivery.ts'
import { keepMs, priorityOf, type Severity } from './model/severity.ts'
import type { BatchItem, DueDelivery, Store, Transaction } from './model/store.ts'
import { addressOf, objectionTo } from './queue/objections.ts'
import { typesOfOpen } from './routing/people.ts'
import { createQuietHours } from './routing/quiet-hours.ts'
import { createObjectors, type Objectors } from './routing/objecting.ts'
import type { Router } from './routing/route.ts'
import { createSilences } from './routing/silences/silences.ts'

/**
 * Why a message is not sent again.
 *
 * unknown        there is no such delivery, or nothing of what it told is on record
 * not-ended      it waits or is under way: it may still arrive by itself
 * waiting        it was sent again already, and that one waits
 * erased         its reader was erased
 * channel-gone   its channel is not in the configuration
 * not-a-message  it only showed who has an alert
 */
export type ResendRefusal = 'unknown' | 'not-ended' | 'waiting' | 'erased' | 'channel-gone' | 'not-a-message'

export type Resent =
  | {
      /** A delivery of its own, with a number of its own: where receivers pass over what they have, they do not pass over this. */
      readonly delivery: number
      readonly dueMs: number
      /** What holds it until then, as far as is known now; rates are not reckoned with. */
      readonly heldBy?: 'quiet-hours' | 'channel-paused' | 'everything-paused'
    }
  | { readonly refused: ResendRefusal }
  /** As it would be when it is its turn: the decision that would be recorded then. */
  | { readonly objection: Decision }

/** Sends again what ended, because somebody wants it. */
export type Resend = (delivery: number, by: string) => Promise<Resent>

export interface ResendingParts {
  readonly store: Store
  readonly clock: Clock
  readonly config: Config
  readonly channels: ReadonlyMap<string, OpenChannel>
  readonly router: Router
  readonly wake: () => void
}

/** So many join one that waits; whatever a collection holds is copied whole. */
const membersMax = 1_000

/**
 * It goes into the queue like any other: what forbids it now is said at once, and everything is looked at again when it is claimed. No next
 * channel is asked for it.
 */
export function createResend({ store, clock, config, channels, router, wake }: ResendingParts): Resend {
  const { project } = config
  const quietHours = createQuietHours(config)
  let objectors: Objectors | undefined

  function object(tx: Transaction, due: DueDelivery, nowMs: number): ReturnType<Objectors['one']> {
    objectors ??= createObjectors(config, router, { silences: createSilences(config), router, channelTypeOf: typesOfOpen(channels) })
    return objectors.one(tx, due, nowMs)
  }

  return async (id, by) => {
    const resent = await store.transaction(async (tx): Promise<Resent> => {
      const nowMs = clock.nowMs()
      const found = await tx.delivery(id)
      if (found === undefined || found.due.notification.project !== project) return { refused: 'unknown' }
      const { due, state, result } = found
      const { notification } = due
      const { channel, recipient, alerts, news, route, without, turn } = notification
      if (state !== 'done') return { refused: 'not-ended' }
      if (result === 'erased' || recipient.address.startsWith('erased ')) return { refused: 'erased' }
      const open = channels.get(channel)
      if (open === undefined) return { refused: 'channel-gone' }
      if (news === 'acknowledged') return { refused: 'not-a-message' }
      const batchKey = `resend|${id}`
      if ((await tx.openBatch(project, batchKey)) !== undefined) return { refused: 'waiting' }
      const severity = highestOf(alerts.map((alert) => alert.severity))
      const fresh = freshOf(due, nowMs + keepMs(severity))
      const [bad] = await tx.badAddresses([addressOf(fresh, open)], nowMs)
      const objection = await objectionTo(tx, fresh, open, { delivery: config.delivery, object }, bad, nowMs)
      const [first] = alerts
      if (first === undefined) return { refused: 'unknown' }
      if (objection !== undefined) return { objection: { alert: first.id, person: recipient.person, channel, reason: objection.reason, params: objection.params, atMs: nowMs, count: 1 } }
      const item: BatchItem = {
        project, channel, recipient, route, news, alert: first.id, without, priority: priorityOf(severity), dueMs: nowMs, expiresMs: nowMs + keepMs(severity), fallback: [], createdAtMs: nowMs,
        batchKey, batchMax: membersMax, ...(turn !== undefined && { turn }),
      }
      const isCollection = alerts.length > 1 || notification.moreAlerts > 0
      const enqueued = isCollection ? await tx.copyBatch(id, item) : (await tx.enqueueInBatch([item]))[0]
      if (enqueued === undefined) return { refused: 'unknown' }
      await tx.recordDecisionsForDelivery(enqueued.delivery, { person: recipient.person, channel, reason: 'sent.resent', params: { by, first: deliveryName(id) }, atMs: nowMs, count: 1 })
      return { delivery: enqueued.delivery, ...(await goesAt(tx, channel, recipient.person, severity, nowMs)) }
    }, { project })
    if ('delivery' in resent) wake()
    return resent
  }

  async function goesAt(tx: Transaction, channel: string, person: string, severity: Severity, nowMs: number): Promise<Omit<Extract<Resent, { readonly delivery: number }>, 'delivery'>> {
    if ((await tx.hold(project)) !== undefined) return { dueMs: nowMs, heldBy: 'everything-paused' }
    const pause = (await tx.pauses(project)).find((one) => one.channel === channel)
    if (pause !== undefined && pause.untilMs > nowMs) return { dueMs: pause.untilMs, heldBy: 'channel-paused' }
    const quiet = severity === 'critical' ? undefined : quietHours.at(person, nowMs)
    return quiet === undefined ? { dueMs: nowMs } : { dueMs: quiet.untilMs, heldBy: 'quiet-hours' }
  }
}

function highestOf(of: readonly Severity[]): Severity {
  return of.reduce((highest, one) => (priorityOf(one) < priorityOf(highest) ? one : highest), 'info')
}

/** As if it had never been tried. */
function freshOf({ inDoubtSinceMs: _doubt, supersededBy: _newer, ...due }: DueDelivery, expiresMs: number): DueDelivery {
  return { ...due, expiresMs, attemptsBefore: 0, doubtfulAttempts: 0, fallbackAsked: false }
}
