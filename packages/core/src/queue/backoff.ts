import type { Chance } from '../model/chance.ts'

/**
 * Exponential back-off with full jitter: a wait anywhere between nothing and `baseMs · 2^attempts`, capped. Spreading
 * over the whole range empties a thundering herd fastest (Marc Brooker, "Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015). A tenth of the ceiling is kept as the least wait, so that a retry is never immediate.
 *
 * @param attempts attempts already made, from 1
 */
export function backoffMs(attempts: number, bounds: { readonly retryMs: number; readonly retryMaxMs: number }, chance: Chance): number {
  const ceilingMs = Math.min(bounds.retryMaxMs, bounds.retryMs * 2 ** Math.min(30, Math.max(0, attempts - 1)))
  return Math.round(ceilingMs * (0.1 + 0.9 * chance.next()))
}
