/** The first message that was sent in a thread. */
export interface FirstMessage {
  /** See `model/thread.ts`. */
  readonly thread: string
  readonly providerId: string
  readonly atMs: number
}

/** The part of a transaction that knows what later news follow. */
export interface FirstMessages {
  /** The provider's id of the first message in each of these threads, by thread; absent threads have none. */
  firstMessages(threads: readonly string[]): Promise<ReadonlyMap<string, string>>
  /**
   * For each of these deliveries whether older news about its alert are in flight to the same reader on its channel (`threadOf`):
   * what is to follow them has to wait until their place is known.
   */
  behindOlder(ids: readonly number[], nowMs: number): Promise<readonly boolean[]>
  /** The first that is kept for a thread stays. */
  keepFirstMessages(messages: readonly FirstMessage[]): Promise<void>
  /** Those that are still kept as this: another may have taken the place meanwhile. */
  forgetFirstMessages(messages: readonly Pick<FirstMessage, 'thread' | 'providerId'>[]): Promise<void>
}
