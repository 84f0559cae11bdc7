/** Steps after which the ends of a range have come back to its middle by 63 %, unless they are reached again. */
const forgetSteps = 5_000

/** Steps over which the middle of a range is a mean. */
const middleSteps = 2_000

/**
 * The range in which a stream of numbers has been, slowly forgetting: high and low return to the middle, so that one old
 * extreme does not blind for ever.
 */
export interface Range {
  high: number
  low: number
  middle: number
}

/** How far a value lies outside a range, as a share of its width; 0 inside. */
export function excess(range: Range, value: number): number {
  const out = Math.max(value - range.high, range.low - value)
  return out <= 0 ? 0 : out / widthOf(range)
}

/** Width of a range, never 0: whatever leaves a range that was a single value has gone far. */
export function widthOf({ high, low, middle }: Range): number {
  return Math.max(high - low, 1e-6 * Math.abs(middle), 1e-12)
}

/** @param steps how many values the range has seen, this one included */
export function widen(range: Range, value: number, steps: number): void {
  if (steps === 1) {
    range.high = range.low = range.middle = value
    return
  }
  range.middle += (value - range.middle) / Math.min(steps, middleSteps)
  range.high = Math.max(value, range.high - (range.high - range.middle) / forgetSteps)
  range.low = Math.min(value, range.low + (range.middle - range.low) / forgetSteps)
}
