import type { Alert } from './alert.ts'
import type { Decision } from './decision.ts'
import type { Attempt, DeliveryResult } from './delivery.ts'
import type { Event } from './event.ts'
import type { News } from './notification.ts'
import type { ReportReads } from './report-reads.ts'
import type { Session } from './session.ts'

export interface Page {
  /** Rows before this id (`seq` of events and of the inbox); absent: the newest. */
  readonly before?: number
  /** 1 to 1,000. @default 100 */
  readonly limit?: number
}

export interface DeliveryRecord {
  readonly id: number
  readonly notification: number
  readonly channel: string
  readonly person: string
  readonly address: string
  readonly route: string
  readonly news: News
  readonly priority: number
  readonly state: 'waiting' | 'claimed' | 'done'
  readonly result?: DeliveryResult
  readonly createdAtMs: number
  readonly dueMs: number
  readonly doneAtMs?: number
  readonly alerts: readonly number[]
  readonly attempts: readonly Attempt[]
}

/** An event on record. */
export interface StoredEvent extends Event {
  /** Place in the order of commits, for `Page.before`. */
  readonly seq: number
}

export interface InboxMessage {
  /** Place in the order of commits, for `Page.before`. */
  readonly seq: number
  readonly id: string
  readonly channel: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly severity: Alert['severity']
  readonly atMs: number
}

/** Which events are read in the order in which they happened. */
export interface EventRange {
  readonly project: string
  /** The first instant, milliseconds since 1970. */
  readonly fromMs: number
  /** The first instant after. */
  readonly untilMs: number
  /** The last event of the page before; absent: from the beginning. */
  readonly after?: { readonly atMs: number; readonly id: string }
  /** 1 to 1,000. */
  readonly limit: number
}

export interface Reader extends ReportReads {
  events(page?: Page): Promise<readonly StoredEvent[]>
  /** Events of a project by their time, oldest first; of one instant by their id. */
  eventsBetween(range: EventRange): Promise<readonly StoredEvent[]>
  alerts(page?: Page): Promise<readonly Alert[]>
  alert(id: number): Promise<Alert | undefined>
  /** Alerts that are part of this one, newest first. */
  alertsUnder(parent: number, page?: Page): Promise<readonly Alert[]>
  session(project: string, sessionId: string): Promise<Session | undefined>
  deliveries(page?: Page): Promise<readonly DeliveryRecord[]>
  deliveriesOf(alert: number): Promise<readonly DeliveryRecord[]>
  decisionsOf(alert: number): Promise<readonly Decision[]>
  inbox(page?: Page): Promise<readonly InboxMessage[]>
  /**
   * The next instant at which this project has something to claim on these channels or a timer to fire; absent: nothing waits.
   * Of the channels named in `criticalOnly` only critical deliveries count.
   */
  nextDueMs(project: string, channels: readonly string[], criticalOnly: readonly string[]): Promise<number | undefined>
  /** Since when the longest waiting delivery of each channel is due, or when it will be. */
  firstDue(project: string): Promise<readonly { readonly channel: string; readonly dueMs: number }[]>
  /** Deliveries that are not done, by channel and priority; of one project, or of all. */
  waiting(project?: string): Promise<readonly { readonly channel: string; readonly priority: number; readonly count: number }[]>
  counts(): Promise<{ readonly events: number; readonly alerts: number; readonly deliveries: number; readonly attempts: number }>
}
