import type { OutageKind } from '../../model/cause.ts'
import { bucketOf, bucketsPerWindow, callsIn, failingBuckets, failuresIn, sumOf, type Running, type Tally } from './tally.ts'

/** From how many failures of how large a share of calls on it is an outage. */
export interface Limits {
  /** Failures within a window; twice as many are a major outage. */
  readonly count: number
  /** Share of the calls in that window, 0 to 1. */
  readonly share: number
}

export interface Judged {
  readonly isMajor: boolean
  /** When the window begins in which it was seen, milliseconds since 1970. */
  readonly sinceMs: number
}

/** A major outage is so many times a minor one. */
const majorTimes = 2
/** A provider works again when so many calls succeeded after the last failure, and that is so long ago, milliseconds. */
const successesMin = 5
const calmMs = 30_000
/** Where nobody calls any more, it is over when nothing failed for so long, milliseconds. */
const silentMs = 300_000

/**
 * Whether a provider, or one model of it, is out: enough failures, and enough of all calls, in any window that is kept. All windows are
 * asked, so that it makes no difference when a call became known.
 */
export function judge(tally: Tally, kind: OutageKind, { count, share }: Limits): Judged | undefined {
  const failing = failingBuckets(tally, kind)
  let minor: Judged | undefined
  for (const from of failing) {
    const to = from + bucketsPerWindow - 1
    for (const model of [undefined, ...tally.models.keys()]) {
      const counts = sumOf(tally, from, to, model)
      const failures = failuresIn(counts, kind)
      if (failures < count || failures < share * callsIn(counts)) continue
      const sinceMs = from * tally.bucketMs
      if (failures >= majorTimes * count) return { isMajor: true, sinceMs }
      minor ??= { isMajor: false, sinceMs }
    }
  }
  return minor
}

/**
 * Whether an outage is over: calls succeed and none failed for half a minute; or failures are few among the calls of the last two
 * windows; or nothing failed for five minutes, because nobody calls.
 */
export function isOver(tally: Tally, kind: OutageKind, { lastMs, sinceMs }: Running, { count, share }: Limits, nowMs: number): boolean {
  const calmFor = nowMs - lastMs
  if (calmFor >= silentMs) return true
  const last = bucketOf(tally, lastMs)
  const after = sumOf(tally, last + 1, Infinity)
  if (calmFor >= calmMs && callsIn(after) >= successesMin && failuresIn(after, kind) === 0) return true
  const windows = 2 * bucketsPerWindow
  if (nowMs - sinceMs < windows * tally.bucketMs) return false
  const lately = sumOf(tally, bucketOf(tally, nowMs) - windows + 1, Infinity)
  return callsIn(lately) >= count && failuresIn(lately, kind) < (share / 2) * callsIn(lately)
}
