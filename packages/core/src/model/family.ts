import type { Alert } from './alert.ts'

/** The part of a transaction in which alerts are part of another, which is their cause (`Finding.cause`, `Alert.parent`). */
export interface AlertFamilies {
  /** Alerts of this cause (`outageKeyOf`) that were opened at or after `sinceMs` and are part of no other, oldest first. `limit` is 1 to 1,000. */
  withCause(of: { readonly project: string; readonly cause: string; readonly sinceMs: number; readonly limit: number }): Promise<readonly Alert[]>
  /** Alerts that are part of this one and not over, oldest first. `limit` is 1 to 1,000. */
  openUnder(parent: number, limit: number): Promise<readonly Alert[]>
  /** To whom firing news of this alert was ever enqueued, whatever became of it. */
  addressed(alert: number): Promise<readonly { readonly person: string; readonly channel: string; readonly address: string }[]>
  /** What was never tried, is collected with nothing, and waits no longer than `waitMs` from when it was enqueued, is due now. */
  hurry(project: string, waitMs: number, nowMs: number): Promise<void>
}
