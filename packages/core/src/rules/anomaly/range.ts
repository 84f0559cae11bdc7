/** Steps after which the ends of a range have come back to its middle by 63 %, unless they are reached again. */
const forgetStepsMax = 3_500

/** A young range forgets sooner: after this and twice its age. What was seen in the first minutes says little about the first day. */
const forgetStepsAtFirst = 200

/** Steps over which the middle of a range is a mean. */
const middleSteps = 1_000

/** The range in which a stream of numbers has been. It slowly forgets, so that one old extreme does not blind for ever. */
export interface Range {
  high: number
  low: number
  middle: number
}

/**
 * How far a number lies outside a range, as a share of its width; 0 inside. That it is a record is the evidence (records
 * of what does not change become rare as 1/n, whatever its distribution: Rényi, Théorie des éléments saillants, 1962); the
 * share tells a new extreme from one that is a hair beyond the last.
 *
 * @param grain the smallest width that counts, so that what left a range of one number has gone far, and rounding has not
 */
export function excess(range: Range, value: number, grain: number): number {
  const out = Math.max(value - range.high, range.low - value)
  return out <= 0 ? 0 : out / widthOf(range, grain)
}

/** Width of a range, at least `grain`. */
export function widthOf({ high, low }: Range, grain: number): number {
  return Math.max(high - low, grain)
}

/** @param age how many numbers the range has seen, this one not included */
export function widen(range: Range, value: number, age: number): void {
  if (age === 0) {
    range.high = range.low = range.middle = value
    return
  }
  const forgetSteps = Math.min(forgetStepsMax, forgetStepsAtFirst + 2 * age)
  range.middle += (value - range.middle) / Math.min(age + 1, middleSteps)
  range.high = Math.max(value, range.high - (range.high - range.middle) / forgetSteps)
  range.low = Math.min(value, range.low + (range.middle - range.low) / forgetSteps)
}
