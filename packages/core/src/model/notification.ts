import type { Alert } from './alert.ts'
import type { Part, Role } from './roles.ts'

/** What about an alert is told: that it fires, or that it is over. */
export type News = 'firing' | 'resolved'

/** Who gets it, how to reach them, and what they may see; fixed when it is enqueued, checked again when it is claimed. */
export interface Recipient {
  /** Name in the configuration; empty for a direct address. */
  readonly person: string
  readonly role: Role
  readonly address: string
  readonly locale: string
  /** IANA name, such as `Asia/Shanghai`. */
  readonly timezone: string
}

/** What one person gets on one channel, from one alert or from many. */
export interface Notification {
  readonly id: number
  readonly project: string
  readonly channel: string
  readonly recipient: Recipient
  readonly route: string
  readonly news: News
  /** Alerts in it, oldest first; frozen when it is claimed. */
  readonly alerts: readonly Alert[]
  /** Alerts beyond those listed, where a batch holds more than is loaded. */
  readonly moreAlerts: number
  /** Ids of those among them that were not sent in time and are told late; absent: none. Only in a collection. */
  readonly late?: readonly number[]
  /** Parts left out because the role may not see them. */
  readonly without: readonly Part[]
  readonly createdAtMs: number
}
