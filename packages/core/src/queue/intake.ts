import type { Clock } from '../model/clock.ts'

/** Most that goes into one transaction; as many deliveries are claimed in one, so that they keep step with the events that cause them. */
const batchMax = 1_000

interface Waiting<Item, Result> {
  readonly items: readonly Item[]
  readonly resolve: (result: Result) => void
  readonly reject: (failure: unknown) => void
}

/**
 * Group commit: whatever waits when a transaction ends goes into the next one together. No timer delays a lone event.
 *
 * @param commit handles one batch; each caller gets its own slice of the result by `share`
 */
export function createIntake<Item, Whole, Result>(
  clock: Clock,
  commit: (items: readonly Item[]) => Promise<Whole>,
  share: (committed: Whole, from: number, count: number) => Result,
): (items: readonly Item[]) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = []
  let running = false

  async function run(): Promise<void> {
    const batch = takeBatch()
    try {
      const whole = await commit(batch.flatMap((one) => one.items))
      let from = 0
      for (const one of batch) {
        one.resolve(share(whole, from, one.items.length))
        from += one.items.length
      }
    } catch (failure) {
      for (const one of batch) one.reject(failure)
    }
    // Whoever answers each commit at once with the next events would keep everything else waiting, deliveries first of all.
    clock.after(0, () => {
      running = waiting.length > 0
      if (running) void run()
    })
  }

  function takeBatch(): Waiting<Item, Result>[] {
    let count = 0
    let end = 0
    while (end < waiting.length) {
      count += waiting[end]?.items.length ?? 0
      if (end > 0 && count > batchMax) break
      end += 1
    }
    const batch = waiting.slice(0, end)
    waiting = waiting.slice(end)
    return batch
  }

  return (items) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ items, resolve, reject })
      if (running) return
      running = true
      clock.after(0, () => void run())
    })
}
