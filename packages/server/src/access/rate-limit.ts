import type { Clock } from 'tocsin/engine'
import { BoundedMap } from './bounded-map.ts'

/** How often something may fail, or be done, within a time. */
export interface Rate {
  readonly max: number
  readonly windowMs: number
}

const minuteMs = 60_000

/**
 * All limits of a node. Each node counts by itself: of four nodes behind one address an attacker gets four times as many tries. What
 * counts are failures, so that whoever knows their password or key is not kept out by their own hurry.
 */
export const rates = {
  /** Wrong passwords from one address, for whatever account. */
  loginOfAddress: { max: 20, windowMs: 15 * minuteMs },
  /** Wrong passwords for one account from one address. */
  loginOfBoth: { max: 5, windowMs: 15 * minuteMs },
  /** Wrong passwords for one account from everywhere together. Does not hold for an address from which its owner has logged in. */
  loginOfAccount: { max: 50, windowMs: 60 * minuteMs },
  /** Keys from one address that do not work. One that has worked on this node is let through all the same. */
  keysOfAddress: { max: 30, windowMs: minuteMs },
  /** Links (owner, invitation) from one address that do not work. */
  linksOfAddress: { max: 10, windowMs: 15 * minuteMs },
  /** Invitations, and links to a new password, that one person sends. */
  invitationsOfPerson: { max: 30, windowMs: 60 * minuteMs },
  /** Codes that one person has sent to addresses, to prove them. */
  codesOfPerson: { max: 10, windowMs: 60 * minuteMs },
  /** Codes to one address, whoever has them sent: it may be somebody else's. */
  codesOfAddress: { max: 5, windowMs: 60 * minuteMs },
} as const satisfies Readonly<Record<string, Rate>>

const keysMax = 20_000

/** Counts by key within a window that begins with the first of them. */
export class RateLimit {
  readonly #rate: Rate
  readonly #clock: Clock
  readonly #counts = new BoundedMap<string, { count: number; readonly untilMs: number }>(keysMax)

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
  }

  /** Milliseconds until it is open again for this key; 0: it is open. */
  closedForMs(key: string): number {
    const entry = this.#counts.get(key)
    if (entry === undefined) return 0
    const leftMs = entry.untilMs - this.#clock.monotonicMs()
    if (leftMs <= 0) this.#counts.delete(key)
    return entry.count >= this.#rate.max ? Math.max(0, leftMs) : 0
  }

  count(key: string): void {
    const nowMs = this.#clock.monotonicMs()
    const entry = this.#counts.get(key)
    if (entry !== undefined && entry.untilMs > nowMs) entry.count += 1
    else this.#counts.set(key, { count: 1, untilMs: nowMs + this.#rate.windowMs })
  }

  /** It was none after all. */
  uncount(key: string): void {
    const entry = this.#counts.get(key)
    if (entry !== undefined) entry.count = Math.max(0, entry.count - 1)
  }

  forget(key: string): void {
    this.#counts.delete(key)
  }
}

/** By which an address is counted: who has one of IPv6 has the 2^64 beside it too. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%', 1)[0]?.toLowerCase().split('::') ?? []
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0')
  return `${[...first, ...zeros, ...last].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}
