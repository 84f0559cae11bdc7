import type { Clock } from '../../model/clock.ts'

/**
 * How long a provider asks to wait, in milliseconds from now, rounded up: Retry-After as seconds or as a date (RFC 9110,
 * 10.2.3), and as some send it, with a fraction. `undefined` where it says neither.
 */
export function retryAfterMs(header: string | undefined, clock: Pick<Clock, 'nowMs'>): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}(?:\.\d{1,9})?$/.test(header.trim())) return Math.ceil(Number(header) * 1_000)
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - clock.nowMs())
}
