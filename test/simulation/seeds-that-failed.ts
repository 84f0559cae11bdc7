/** Worlds that once found a fault, and which: they stay, so that it does not come back. */
export const seedsThatFailed: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 6, found: 'quiet hours were looked at only when a delivery was enqueued, not when it was sent' },
  { seed: 8, found: 'the text of what a channel threw was put on record with the secret in it' },
  { seed: 10, found: 'a transaction that had waited for its turn claimed by an old time, beyond the rate' },
  { seed: 113, found: 'who shares a message that bears the name of another had no reason on record' },
  { seed: 139, found: 'after the clock jumped back a delivery was due for the engine and leased for the store, and the process span' },
  { seed: 243, found: 'a digest asked of the next channel took trouble with that channel along' },
  { seed: 332, found: 'when the time of a first channel was over and the next was gone, the delivery ended without a reason' },
  { seed: 465, found: 'two routes left their turn to the same channel, and only one reason was kept' },
  { seed: 169, found: 'a step that was taken before its time left its timer behind, which one process left to the other for ever' },
]
