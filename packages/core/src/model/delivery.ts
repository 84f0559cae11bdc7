import type { Notification } from './notification.ts'
import type { OutcomeKind } from './outcome.ts'

/**
 * The job that carries one notification.
 *
 * waiting  due at `dueMs`; claimable by whoever holds the channel
 * claimed  leased until `leaseUntilMs` under a fencing number; an attempt is open
 * done     `result` says how it ended
 */
export type DeliveryResult =
  | 'sent'
  | 'in-doubt'
  | 'failed'
  | 'bad-address'
  | 'too-old'
  | 'superseded'
  | 'resolved-before-told'
  | 'role-changed'
  | 'acknowledged'
  /** By a silence, in maintenance, snoozed or expected. */
  | 'silenced'
  | 'opted-out'
  | 'muted'
  | 'dry-run'
  /** Whom it was for was erased while it waited. */
  | 'erased'

export interface Attempt {
  /** 1 for the first. */
  readonly number: number
  readonly atMs: number
  readonly tookMs: number
  /** `in-doubt` also where a lease ran out with the attempt open. */
  readonly outcome: OutcomeKind
  readonly code?: string
  /** What the provider calls the message it accepted, to ask it about this one. At most 100 characters. */
  readonly providerId?: string
  /** A safe sentence; no secrets. */
  readonly detail: string
}

/** Somebody who reads the same message of a shared channel, and by what channels they are told where it is not sent. */
export interface AlsoFor {
  readonly person: string
  readonly route: string
  readonly fallback: readonly string[]
  /** As in the delivery, whose timer is that of the first of them. */
  readonly fallbackAfterMs?: number | undefined
}

/** A delivery under lease, with what it carries. */
export interface ClaimedDelivery {
  readonly id: number
  /** Which claim this is; a settle with an older number is ignored. */
  readonly fence: number
  /** Attempts made before this one. */
  readonly attemptsBefore: number
  /** It was claimed before, whatever became of that: it has cost its reader's attention already. */
  readonly claimedBefore?: true
  /** An earlier attempt was left open or in doubt, first at this time: the message may have arrived. */
  readonly inDoubtSinceMs?: number
  /** How many attempts so far were made to the end and had no answer; one whose process died is not among them. */
  readonly doubtfulAttempts: number
  readonly priority: number
  readonly dueMs: number
  readonly expiresMs: number
  readonly notification: Notification
  /** Channels still to try when this one ends without being sent, in order. */
  readonly fallback: readonly string[]
  /** Others who read it, with next channels of their own. */
  readonly alsoFor?: readonly AlsoFor[]
  /** Given where the next channel is asked after a time, and not only when this one fails. Milliseconds after `dueMs`. */
  readonly fallbackAfterMs?: number
  /** The next channel was asked already. Of a delivery in flight ask `Transaction.fallbackAsked`: its timer may have fired meanwhile. */
  readonly fallbackAsked: boolean
  /**
   * A newer delivery about the same alert, to the same person on the same channel: this one was in flight when its turn was
   * taken. Only of what carries a single alert and was claimed before.
   */
  readonly supersededBy?: number
  /** The provider's id of the first message in its thread, where its channel asks for it (`ChannelType.needsFirst`). */
  readonly follows?: string
  /** What it costs of the rates; 1 until it was rendered. */
  readonly cost: number
}

export function deliveryName(id: number): string {
  return `dlv_${id}`
}
