import type { Rate } from '../model/channel.ts'

/**
 * Rates by GCRA (ITU-T I.371, the virtual scheduling form): one number per key, the theoretical arrival time, kept in the store
 * and moved in the transaction that claims, so that a rate holds over all processes.
 *
 * `count` per `perMs` means: never more than `count` in any span of `perMs`. A burst of `b` and a spacing of T admit at
 * most `b - 1 + perMs / T` in such a span, so a fifth of the count may go at once and the rest is spaced by
 * `perMs / (count - b + 1)`.
 *
 * Critical messages draw on the whole rate. The others also obey a second one of four fifths, so that a fifth is left
 * whatever they do.
 */
const burstShare = 0.2
const restShare = 0.8

/** No message costs more than so many: an SMS has at most 1,600 characters. */
const costMax = 100

/** Times are sums of fractions, and inexact by less than this, milliseconds. */
const roundingMs = 0.01

/** The clocks of processes that share a rate may differ by so much, milliseconds. */
const skewMs = 60_000

interface Bucket {
  readonly key: string
  /** Key of the rate it belongs to. */
  readonly rate: string
  readonly spacingMs: number
  readonly burst: number
  /** How much of the burst may be drawn on. */
  readonly room: number
  readonly cost: number
}

/** A rate that a message draws on. */
export interface RateUse {
  readonly key: string
  readonly rate: Rate
  /** What may go at once, as a share of the count. @default a fifth */
  readonly burstShare?: number
  /** The share of that which this message may draw on; the rest is left to others. @default all */
  readonly roomShare?: number
  /** What the message costs of this one. @default what it costs of all */
  readonly cost?: number
  /** Whether it draws on the whole of this one. @default as of all */
  readonly urgent?: boolean
}

export interface RateVerdict {
  readonly allowed: boolean
  /** When the message would be allowed, milliseconds since 1970; now where it is. */
  readonly atMs: number
  /** The rates that do not allow it now, the one that lasts longest first. */
  readonly refusedBy: readonly string[]
}

/** Rate state of one claim: read once, charged in memory, written back in the same transaction. */
export class RateBook {
  readonly #times: Map<string, number>
  readonly #changed = new Map<string, number>()
  readonly #costMax: number

  /** @param costs whether messages may cost more than 1 */
  constructor(times: ReadonlyMap<string, number>, costs: 'one' | 'several' = 'several') {
    this.#times = new Map(times)
    this.#costMax = costs === 'one' ? 1 : costMax
  }

  /** Charges `cost` to every rate in `rates`, or to none and says when it would fit. */
  charge(rates: readonly RateUse[], cost: number, urgent: boolean, nowMs: number): RateVerdict {
    if (rates.length === 0) return { allowed: true, atMs: nowMs, refusedBy: [] }
    const buckets = rates.flatMap((use) => bucketsOf(use, use.cost ?? cost, use.urgent ?? urgent))
    const verdict = this.#verdictOn(buckets, nowMs)
    if (!verdict.allowed) return verdict
    for (const bucket of buckets) {
      this.#write(bucket, Math.max(this.#arrivalMs(bucket, nowMs), nowMs) + Math.min(bucket.cost, this.#costMax) * bucket.spacingMs)
    }
    return verdict
  }

  /** What would become of one more, at the cost of one, without charging it. */
  look(rates: readonly RateUse[], nowMs: number): RateVerdict {
    return this.#verdictOn(rates.flatMap((use) => bucketsOf(use, use.cost ?? 1, use.urgent ?? false)), nowMs)
  }

  #verdictOn(buckets: readonly Bucket[], nowMs: number): RateVerdict {
    const waits = buckets.map((bucket) => ({ rate: bucket.rate, atMs: this.#allowedAtMs(bucket, nowMs) })).filter(({ atMs }) => atMs > nowMs + roundingMs)
    // The one that lasts longest stands first: it is the reason.
    const refusing = waits.toSorted((one, other) => other.atMs - one.atMs)
    return { allowed: refusing.length === 0, atMs: Math.ceil(refusing[0]?.atMs ?? nowMs), refusedBy: refusing.map(({ rate }) => rate) }
  }

  /** What has to be written back. */
  get changed(): ReadonlyMap<string, number> {
    return this.#changed
  }

  #allowedAtMs(bucket: Bucket, nowMs: number): number {
    // A message that costs more than the burst goes when the bucket is empty, and is paid for afterwards.
    const room = Math.max(0, bucket.room - bucket.cost)
    return this.#arrivalMs(bucket, nowMs) - room * bucket.spacingMs
  }

  /**
   * A time further ahead than any message could have moved it was written by a clock that was ahead. What was sent then is not known:
   * the bucket counts as full from now on, and that is written down, so that the wait for it ends.
   */
  #arrivalMs(bucket: Bucket, nowMs: number): number {
    const keptMs = this.#times.get(bucket.key) ?? 0
    if (keptMs <= nowMs + Math.max(bucket.burst, this.#costMax) * bucket.spacingMs + skewMs) return keptMs
    return this.#write(bucket, nowMs + bucket.burst * bucket.spacingMs)
  }

  #write(bucket: Bucket, arrivalMs: number): number {
    this.#times.set(bucket.key, arrivalMs)
    this.#changed.set(bucket.key, arrivalMs)
    return arrivalMs
  }
}

/** The keys under which `rate` is kept. */
export function rateKeys(key: string): readonly string[] {
  return [key, restKey(key)]
}

/** Of these the one that is named first among those that refuse. */
export function firstOf(rates: readonly RateUse[], refusedBy: readonly string[]): RateUse | undefined {
  for (const refusing of refusedBy) {
    const found = rates.find(({ key }) => key === refusing)
    if (found !== undefined) return found
  }
  return undefined
}

function bucketsOf({ key, rate, burstShare: share = burstShare, roomShare = 1 }: RateUse, cost: number, urgent: boolean): readonly Bucket[] {
  const burst = Math.max(1, Math.floor(rate.count * share))
  const spacingMs = rate.perMs / (rate.count - burst + 1)
  const whole = { key, rate: key, spacingMs, burst, room: Math.max(1, Math.floor(burst * roomShare)), cost }
  if (urgent) return [whole]
  const restBurst = Math.max(1, Math.floor(burst * restShare))
  return [whole, { key: restKey(key), rate: key, spacingMs: spacingMs / restShare, burst: restBurst, room: restBurst, cost }]
}

function restKey(key: string): string {
  return `${key}#rest`
}
