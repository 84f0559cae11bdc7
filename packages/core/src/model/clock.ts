/**
 * Time is handed in. This file and `chance.ts` are the only places that ask the machine for it, so that the
 * simulation can run a week in a second and a test can move time instead of sleeping.
 */
export interface Clock {
  /** Wall clock in milliseconds since 1970-01-01T00:00Z. */
  nowMs(): number
  /** Milliseconds from an arbitrary start; never goes back. For durations. */
  monotonicMs(): number
  /** Runs `task` once after `delayMs` (0: as soon as what is running now is done; at most 2^31-1). The returned function cancels it. */
  after(delayMs: number, task: () => void): () => void
}

const delayMaxMs = 2 ** 31 - 1

function clockWith(hold: <T extends NodeJS.Timeout | NodeJS.Immediate>(pending: T) => T): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, task) {
      if (delayMs <= 0) {
        const immediate = hold(setImmediate(task))
        return () => clearImmediate(immediate)
      }
      const timer = hold(setTimeout(task, Math.min(delayMs, delayMaxMs)))
      return () => clearTimeout(timer)
    },
  }
}

/** The machine's clock. A pending `after` keeps the process alive. */
export const systemClock: Clock = clockWith((pending) => pending)

/** The machine's clock for work inside somebody else's process: a pending `after` does not keep it alive. */
export const backgroundClock: Clock = clockWith((pending) => {
  pending.unref()
  return pending
})

/**
 * A clock that follows `clock` but never goes back: when the wall clock jumps back, time goes on at the
 * monotonic pace from where it was, until the wall clock has caught up. Leases and due times rest on this.
 */
export function steadyClock(clock: Clock): Clock {
  // With its fraction: of many looks within a millisecond each must still move it on.
  let lastMs = clock.nowMs()
  let lastMonotonicMs = clock.monotonicMs()
  return {
    ...clock,
    nowMs() {
      const monotonicMs = clock.monotonicMs()
      const elapsedMs = Math.max(0, monotonicMs - lastMonotonicMs)
      lastMonotonicMs = monotonicMs
      const wallMs = clock.nowMs()
      lastMs = wallMs >= Math.floor(lastMs) ? wallMs : lastMs + elapsedMs
      return Math.floor(lastMs)
    },
  }
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const onAbort = (): void => {
      cancel()
      resolve()
    }
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
