import type { Decision } from '../model/decision.ts'
import type { Recipient } from '../model/notification.ts'
import type { Part } from '../model/roles.ts'
import type { BatchItem, NewNotification } from '../model/store.ts'

/** Who is told by which channel and when, who is not, and why. */
export interface Plan {
  /** To be sent each by itself. */
  readonly notifications: readonly NewNotification[]
  /** To be collected with others. */
  readonly batched: readonly BatchItem[]
  readonly decisions: readonly Decision[]
  /** Conditions that cannot be evaluated for this alert; they were passed over, and somebody should know. */
  readonly failed: readonly FailedCondition[]
}

export interface FailedCondition {
  /** Such as `route on-call` or `people.dana.preferences.0`. */
  readonly where: string
  readonly cause: string
}

/** Somebody who was sent news of an alert. */
export interface Told {
  readonly recipient: Recipient
  readonly channel: string
  readonly route: string
  readonly without: readonly Part[]
}
