import { backgroundClock } from '../packages/core/src/model/clock.ts'

/** The result of `work`, or an error that says what did not come in time. */
export async function within<T>(work: Promise<T>, mostMs: number, expected: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const cancel = backgroundClock.after(mostMs, () => late.reject(new Error(`expected ${expected} within ${mostMs} ms`)))
  try {
    return await Promise.race([work, late.promise])
  } finally {
    cancel()
  }
}
