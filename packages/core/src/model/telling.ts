import type { DeliveryResult } from './delivery.ts'

/** A delivery that carries the news that an alert fires, by itself or with others. */
export interface Telling {
  readonly delivery: number
  readonly route: string
  /** Empty for a direct address. Where the channel is the address, whoever of its readers is named in it. */
  readonly person: string
  readonly channel: string
  readonly address: string
  readonly priority: number
  readonly state: 'waiting' | 'claimed' | 'done'
  /** Of one that is done. */
  readonly result?: DeliveryResult
  readonly doneMs?: number
  /** Attempts so far; an open one is among them. */
  readonly attempts: number
  /** Of one that waits, when it may be claimed; of one that is claimed, when its lease ends. */
  readonly dueMs: number
}

/** The part of a transaction that knows what became of the news of an alert. */
export interface Tellings {
  /** Those that were enqueued at or after `sinceMs`, and collections that were sent then or may be, oldest first; of more than 1,000 those that are not done, then the newest. */
  tellings(alert: number, sinceMs: number): Promise<readonly Telling[]>
}
