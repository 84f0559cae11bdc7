import { excess, widen, widthOf } from './range.ts'
import { learnRhythm, type Usual } from './rhythm.ts'
import { newState, restoreState, saveState, type SeriesState } from './series-state.ts'
import { learnMeans, streamCount, streamsOf, usualOf, type AnomalyCause, type Stream } from './streams.ts'

export type { AnomalyCause } from './streams.ts'

/** How a detector is made. */
export interface AnomalyDetectorOptions {
  /** What `save()` of an earlier detector returned: the series goes on exactly there. @default nothing learned yet */
  readonly state?: string
}

/** What a detector says about one value. */
export interface AnomalyReading {
  /**
   * How far the value leaves what was expected, 0 (not at all) to 1; from 0.5 on it deserves attention, 0.65 is for a quieter life.
   * Within 100 steps of a score only what is worse scores again. 0 while `learning`, and for what was `refused`.
   */
  readonly score: number
  /** The value that was expected before this one was seen, in the unit of the series; with `low` and `high` 0 before the first value. */
  readonly expected: number
  /** Lowest value that scores below 0.5, unless it is resting, or a flat line. */
  readonly low: number
  /** Highest value that scores below 0.5, unless it is resting, or a flat line. */
  readonly high: number
  /** What left its range most; nothing where the score is 0. */
  readonly cause?: AnomalyCause
  /** The series is too young (under 100 values) to say anything; `expected`, `low` and `high` are a first impression. */
  readonly learning: boolean
  /**
   * Why nothing was learned: value or time is no finite number (`not-finite`) or beyond ±1e30 or any date (`too-large`), or the time lies before
   * the newest one (`out-of-order`; after 20 of these in a row the clock was put back, and the next is believed).
   */
  readonly refused?: 'not-finite' | 'too-large' | 'out-of-order'
}

/** Watches one series of numbers. */
export interface AnomalyDetector {
  /**
   * Judges a value, then learns from it. Constant time and memory; never throws.
   *
   * @param value the number, in any unit
   * @param atMs when it was, in milliseconds since the epoch; steps may be irregular and may have gaps
   */
  step(value: number, atMs: number): AnomalyReading
  /** All that was learned, as text of at most 2,000 characters, for `createAnomalyDetector({ state })`. */
  save(): string
}

/** Values that must be seen before anything is said. */
const learningSteps = 100

/** After a score, only what is worse scores for so many steps: half as much again, or this many widths beyond the widened range. */
const restSteps = 100
const worseFactor = 1.5
const worseWidths = 2

/** Share of a range by which a value must leave it to score 0.5; the benchmark's given part chooses 0.16 to 0.18 (docs/adr/0022). */
const marginAtHalf = 0.175

/** What a range of `earlier` was is taken anew after so many steps. */
const earlierSteps = 100

/** A value that came again three times as often in a row as ever before, and 30 times at least, is a flat line; its excess scores 0.6. */
const flatFactor = 3
const flatRunLeast = 10
const flatExcess = 0.3

/** So many values in a row refused for their time mean that the clock was put back: the next is believed. */
const lateInRowMax = 20

/** Beyond this no arithmetic on values is safe from overflow; no series of a real unit comes near. */
const valueMax = 1e30

/** Latest and earliest time that a Date can hold, milliseconds from the epoch. */
const atMsMax = 8.64e15

/**
 * Makes a detector for any series of numbers: traffic, latency, temperature, tokens. It keeps the ranges of streams
 * derived from the series and scores what leaves a range, as a share of its width, so that a score means the same in every unit.
 * Rises, falls, lasting changes, a broken rhythm of day or week (UTC) and flat lines score; what repeats does not.
 *
 * @throws {TocsinError} `wrong-usage` where `state` is not what `save()` returned
 * @example
 * const detector = createAnomalyDetector()
 * for (let minute = 0; minute < 500; minute++) detector.step(100 + (minute % 7), minute * 60_000)
 * const { score, low, high } = detector.step(180, 500 * 60_000)
 * if (score >= 0.5) console.log(`180 came, ${low} to ${high} was expected`)
 */
export function createAnomalyDetector({ state: saved }: AnomalyDetectorOptions = {}): AnomalyDetector {
  const state = saved === undefined ? newState(streamCount) : restoreState(saved, streamCount)
  return {
    step(value, atMs) {
      const refused = refusal(state, value, atMs)
      const usual = usualOf(state, refused === undefined ? atMs : state.numbers.lastAtMs)
      const streams = streamsOf(state, usual)
      const range = expectation(state, usual, streams)
      const learning = state.numbers.steps < learningSteps
      if (refused !== undefined) return { score: 0, ...range, learning, refused }
      const { worst, cause } = learn(state, streams, usual, value, atMs)
      const told = learning ? 0 : rested(state, worst)
      const score = told / (told + marginAtHalf)
      return score === 0 || cause === undefined ? { score, ...range, learning } : { score, ...range, cause, learning }
    },
    save: () => saveState(state),
  }
}

function refusal({ numbers }: SeriesState, value: number, atMs: number): AnomalyReading['refused'] {
  if (!Number.isFinite(value) || !Number.isFinite(atMs)) return 'not-finite'
  if (Math.abs(value) > valueMax || Math.abs(atMs) > atMsMax) return 'too-large'
  if (numbers.steps > 0 && atMs < numbers.lastAtMs && numbers.lateInRow < lateInRowMax) {
    numbers.lateInRow++
    return 'out-of-order'
  }
  numbers.lateInRow = 0
  return undefined
}

/** Each stream allows the values that leave its range by too little to score 0.5; expected is what all streams allow. */
function expectation({ numbers, ranges }: SeriesState, usual: Usual, streams: readonly Stream[]): Pick<AnomalyReading, 'expected' | 'low' | 'high'> {
  const { steps, origin, level, levelError } = numbers
  if (steps === 0) return { expected: 0, low: 0, high: 0 }
  let low = -Infinity
  let high = Infinity
  for (const [index, range] of ranges.entries()) {
    const stream = streams[index]
    if (stream === undefined) continue
    const margin = (marginAtHalf / stream.weight) * widthOf(range, stream.grain)
    const [from, to] = stream.within(range.low - margin, range.high + margin)
    low = Math.max(low, from)
    high = Math.min(high, to)
  }
  // Streams that contradict each other (a jump at the hour at which it is usual) allow nothing: then any value is a surprise.
  if (low > high) low = high = (low + high) / 2
  const expected = levelError < usual.error ? level : usual.value
  return { expected: origin + Math.min(Math.max(expected, low), high), low: origin + low, high: origin + high }
}

/** How far the stream that left its range most has left it; then everything is learned from the value. */
function learn(state: SeriesState, streams: readonly Stream[], usual: Usual, value: number, atMs: number): { worst: number; cause: AnomalyCause | undefined } {
  const { numbers, ranges, rhythm } = state
  const { steps, base } = numbers
  if (steps === 0) numbers.origin = value
  const shifted = value - numbers.origin
  let worst = isFlatFromHere(state, shifted) ? flatExcess : 0
  let cause: AnomalyCause | undefined = worst > 0 ? 'flat' : undefined
  for (const [index, range] of ranges.entries()) {
    const stream = streams[index]
    if (stream === undefined) continue
    const now = stream.at(shifted)
    const out = steps === 0 ? 0 : excess(range, now, stream.grain) * stream.weight
    if (out > worst) {
      worst = out
      ;({ cause } = stream)
    }
    if (stream.against === 'now') widen(range, now, steps)
    // The range of now lies one place before; that it has seen this value already makes no difference a hundred steps later.
    else if (steps % earlierSteps === 0) Object.assign(range, ranges[index - 1])
  }
  learnRhythm(rhythm, atMs, shifted, usual, base, steps)
  learnMeans(state, shifted, usual)
  numbers.steps++
  numbers.lastAtMs = atMs
  return { worst, cause }
}

/** Says once, at the step at which it becomes one, that this is a flat line. */
function isFlatFromHere({ numbers }: SeriesState, value: number): boolean {
  if (value !== numbers.last) {
    numbers.last = value
    numbers.longestRun = Math.max(numbers.longestRun, numbers.run)
    numbers.run = 0
    return false
  }
  numbers.run++
  return numbers.run === flatFactor * Math.max(numbers.longestRun, flatRunLeast)
}

/**
 * After an excess only what is worse counts, until `restSteps` have passed: one happening is told once. Worse than one that scored 0.5 is
 * half as much again, for what creeps on is no news at each step, or so far that the range is left although the last has widened it.
 */
function rested({ numbers }: SeriesState, excessNow: number): number {
  numbers.sincePeak++
  if (numbers.sincePeak > restSteps) numbers.peak = 0
  const { peak } = numbers
  if (excessNow <= (peak < marginAtHalf ? peak : Math.min(worseFactor * peak, worseWidths))) return 0
  numbers.peak = Math.max(peak, excessNow)
  numbers.sincePeak = 0
  return excessNow
}
