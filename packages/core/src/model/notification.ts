import type { Alert, AlertKind } from './alert.ts'
import type { Part, Role } from './roles.ts'
import type { Severity } from './severity.ts'
import type { Turn } from './turn.ts'

/**
 * What about an alert is told: that it fires, or that it is over. `acknowledged`: who has it changed, which changes what was told where
 * that can be changed, and is no message of its own.
 */
export type News = 'firing' | 'resolved' | 'acknowledged'

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

/** How many alerts of one kind and severity are in a collection. */
export interface BatchTotal {
  readonly kind: AlertKind
  readonly severity: Severity
  /** They were not sent in time and are told late. */
  readonly isLate: boolean
  readonly count: number
}

/** Of a line in a collection that stands for several alerts which say the same of different things. */
export interface Similar {
  /** How many, the one that is shown among them. At least 2. */
  readonly alerts: number
  /** When the first and the last of them opened, milliseconds since 1970. */
  readonly firstMs: number
  readonly lastMs: number
  /** How many agents they are about, where that is known. */
  readonly agents?: number
  /** Some of them, at most five. */
  readonly agentNames?: readonly string[]
}

/** What one person gets on one channel, from one alert or from many. */
export interface Notification {
  readonly id: number
  readonly project: string
  readonly channel: string
  readonly recipient: Recipient
  readonly route: string
  readonly news: News
  /** Alerts in it, oldest first; frozen when it is claimed. Of a collection its lines: of alerts that say the same and stand alike the oldest. */
  readonly alerts: readonly Alert[]
  /** By the number of an alert for how many others it stands; absent: each for itself. Only in a collection. */
  readonly similar?: ReadonlyMap<number, Similar>
  /** Alerts beyond those listed: those for which others stand, and in a batch that holds more than is loaded, those beyond its lines. */
  readonly moreAlerts: number
  /** Of all that is in a collection how many there are of each sort; only where not all are listed. */
  readonly totals?: readonly BatchTotal[]
  /** Ids of those among them that were not sent in time and are told late; absent: none. Only in a collection. */
  readonly late?: readonly number[]
  /** Why it is told now; absent: it is the first news of it. */
  readonly turn?: Turn
  /** Parts left out because the role may not see them. */
  readonly without: readonly Part[]
  readonly createdAtMs: number
}

/** How many alerts of a collection stand in none of its lines. All together: those for which its lines stand, and these. */
export function unlistedAlerts({ moreAlerts, similar }: Pick<Notification, 'moreAlerts' | 'similar'>): number {
  let inLines = 0
  for (const { alerts } of similar?.values() ?? []) inLines += alerts - 1
  return Math.max(0, moreAlerts - inLines)
}
