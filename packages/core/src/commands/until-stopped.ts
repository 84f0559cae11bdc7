import { systemClock } from '../model/clock.ts'

/** Longest time that an orderly end may take, milliseconds; the server itself keeps within it. */
const stopMs = 10_000
/** What comes within this is the same press of Ctrl-C: npm hands on what the terminal has sent already. Milliseconds. */
const sameMs = 250

/**
 * Waits for SIGINT or SIGTERM, closes what runs, and ends the process: what hangs in the background then holds nothing. A second signal ends
 * it at once.
 */
export function untilStopped(running: { close(): Promise<void> }): Promise<never> {
  return new Promise((_resolve, reject) => {
    let firstMs: number | undefined
    for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15]] as const) {
      process.on(signal, () => {
        const nowMs = systemClock.monotonicMs()
        if (firstMs !== undefined) {
          // As a shell tells it of a process that a signal ended.
          if (nowMs - firstMs >= sameMs) process.exit(128 + number)
          return
        }
        firstMs = nowMs
        AbortSignal.timeout(stopMs).addEventListener('abort', () => process.exit(0))
        running.close().then(() => process.exit(0), reject)
      })
    }
  })
}
