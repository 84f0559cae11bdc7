import type { Attempt, DeliveryResult } from './delivery.ts'

/** The part of a transaction that looks back at what was sent. */
export interface SentDeliveries {
  /** Alerts that a delivery carries, by number, also those that are not loaded with it, those after the given one; empty where there is none. At most 1,000. */
  alertsIn(delivery: number, after: number): Promise<readonly number[]>
  /**
   * What the provider said of a delivery after it had taken it: one attempt more on record, in whose place stands what it says later.
   *
   * @param result it was not sent after all
   * @returns whether it was sent, and as this message of the provider; else nothing is changed
   */
  learn(delivery: number, said: Omit<Attempt, 'number'>, result?: DeliveryResult): Promise<boolean>
}
