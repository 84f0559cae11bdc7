/**
 * Calls lie by the period in which they end, so that those of one time are near each other on disk. Two that overlap end at
 * most as far apart as the longer one lasts: for calls up to this long the period before and the one after are enough.
 */
export const callPeriodMs = 21_600_000

/**
 * While one source alone reports the calls of a project, nobody looks for them: they lie in the order in which they end, in a period of
 * their own that stands before all others. In the order of their prints each would write a page of its own, a third of all that an event
 * costs. When somebody looks, those that could be meant are put among the others first.
 */
const looseFrom = -(2 ** 52)

/** Where a call lies that nobody looks for. Far outside of all times there is no such place, and it lies among the others. */
export function loosePeriod(endMs: number): number {
  return endMs >= 0 && endMs < -looseFrom ? looseFrom + endMs : callPeriod(endMs)
}

export function callPeriod(endMs: number): number {
  return Math.floor(endMs / callPeriodMs)
}

/** The places of all loose calls that one of these could be: they end after the first of these began, and within a period of them. */
export function looseAround(calls: readonly { readonly startMs: number; readonly endMs: number }[]): { readonly from: number; readonly to: number } {
  let [firstStartMs, firstEndMs, lastEndMs] = [Infinity, Infinity, -Infinity]
  for (const { startMs, endMs } of calls) {
    firstStartMs = Math.min(firstStartMs, startMs)
    firstEndMs = Math.min(firstEndMs, endMs)
    lastEndMs = Math.max(lastEndMs, endMs)
  }
  const clamped = (ms: number): number => looseFrom + Math.min(Math.max(ms, 0), -looseFrom - 1)
  return { from: clamped(Math.max(firstStartMs, (callPeriod(firstEndMs) - 1) * callPeriodMs)), to: clamped((callPeriod(lastEndMs) + 2) * callPeriodMs) }
}
