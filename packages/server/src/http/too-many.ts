import { addressKey, type RateLimit } from '../access/rate-limit.ts'
import { Problem } from './problem.ts'

/** @throws Problem 429 with Retry-After, while a limit is reached */
export function refuseWhileClosed(what: string, limit: RateLimit, key: string): void {
  const closedMs = limit.closedForMs(key)
  if (closedMs > 0) throw new Problem(429, 'too-many', `Too many ${what}. Try again in ${inWords(closedMs)}.`, { retryAfterSeconds: Math.ceil(closedMs / 1_000) })
}

/** By which the address of a caller is counted. */
export function callerKey({ ip }: { readonly ip: string }): string {
  return addressKey(ip)
}

function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
