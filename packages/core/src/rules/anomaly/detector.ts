import { excess, widen, widthOf } from './range.ts'
import { learnHour, usualAt } from './rhythm.ts'
import { newState, restoreState, saveState, type SeriesState } from './series-state.ts'

/** How a detector is made. */
export interface AnomalyDetectorOptions {
  /** What `save()` of an earlier detector returned: the series goes on exactly there. @default nothing learned yet */
  readonly state?: string
}

/** What left its range: the value itself, its step away from the level, its difference to the usual of this hour, the level, the unrest. */
export type AnomalyCause = 'value' | 'step' | 'rhythm' | 'level' | 'unrest'

/** What a detector says about one value. */
export interface AnomalyReading {
  /**
   * How far the value leaves what was expected, 0 (not at all) to below 1; from 0.5 on it deserves attention. Within 200 steps
   * of a score above 0 only what is worse scores again. 0 while `learning`, and for what was `refused`.
   */
  readonly score: number
  /** The value that was expected before this one was seen, in the unit of the series. */
  readonly expected: number
  /** Lowest value that would have scored below 0.5. */
  readonly low: number
  /** Highest value that would have scored below 0.5. */
  readonly high: number
  /** What left its range most; nothing where nothing did. */
  readonly cause?: AnomalyCause
  /** The series is too young (under 100 values) to say anything; `expected`, `low` and `high` are a first impression. */
  readonly learning: boolean
  /** Why nothing was learned: value or time is no finite number (`not-finite`), the time lies before the newest one (`out-of-order`). */
  readonly refused?: 'not-finite' | 'out-of-order'
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

/** After a score, only what is worse scores for so many steps. */
const restSteps = 200

/** Share of a range by which a value must leave it to score 0.5. */
const marginAtHalf = 0.1

/** Weights of a new value in level, base and unrest. */
const levelWeight = 1 / 10
const baseWeight = 1 / 200
const unrestWeight = 1 / 40

/** So many values refused for their time in a row mean that the clock was put back: the next is believed. */
const refusedInRowMax = 20

const causes: readonly AnomalyCause[] = ['value', 'step', 'rhythm', 'level', 'unrest']

/**
 * Makes a detector for any series of numbers: traffic, latency, temperature, tokens. It keeps the range of five streams
 * derived from the series and scores what leaves a range, as a share of its width, so that a score means the same in every unit.
 *
 * @throws {TocsinError} `wrong-usage` where `state` is not what `save()` returned
 * @example
 * const detector = createAnomalyDetector()
 * for (let minute = 0; minute < 500; minute++) detector.step(100 + (minute % 7), minute * 60_000)
 * const { score, low, high } = detector.step(180, 500 * 60_000)
 * if (score >= 0.5) console.log(`180 came, ${low} to ${high} was expected`)
 */
export function createAnomalyDetector({ state: saved }: AnomalyDetectorOptions = {}): AnomalyDetector {
  const state = saved === undefined ? newState(causes.length) : restoreState(saved, causes.length)
  return {
    step(value, atMs) {
      const refused = refusal(state, value, atMs)
      if (refused !== undefined) return { score: 0, ...expectation(state, Number.isFinite(atMs) ? atMs : state.numbers.lastAtMs), learning: isLearning(state), refused }
      const expected = expectation(state, atMs)
      const { worst, cause } = learn(state, value, atMs)
      const learning = isLearning(state)
      const score = learning ? 0 : rested(state, worst / (worst + marginAtHalf))
      return cause === undefined || learning ? { score, ...expected, learning } : { score, ...expected, cause, learning }
    },
    save: () => saveState(state),
  }
}

function isLearning({ numbers }: SeriesState): boolean {
  return numbers.steps <= learningSteps
}

function refusal({ numbers }: SeriesState, value: number, atMs: number): AnomalyReading['refused'] {
  if (!Number.isFinite(value) || !Number.isFinite(atMs)) return 'not-finite'
  if (numbers.steps > 0 && atMs < numbers.lastAtMs && numbers.refusedInRow < refusedInRowMax) {
    numbers.refusedInRow++
    return 'out-of-order'
  }
  numbers.refusedInRow = 0
  return undefined
}

/** Where a value may lie without leaving any range by much: each stream allows an interval of values, this is what all allow. */
function expectation({ numbers, ranges, rhythm }: SeriesState, atMs: number): { expected: number; low: number; high: number } {
  const { steps, level, base, unrest } = numbers
  if (steps === 0) return { expected: 0, low: 0, high: 0 }
  const expected = usualAt(rhythm, atMs) ?? level
  let low = -Infinity
  let high = Infinity
  for (const [index, range] of ranges.entries()) {
    const margin = marginAtHalf * widthOf(range)
    const [from, to] = allowed(index, range.low - margin, range.high + margin)
    low = Math.max(low, from)
    high = Math.min(high, to)
  }
  return low <= high ? { expected, low, high } : { expected, low: high, high: low }

  function allowed(index: number, from: number, to: number): readonly [number, number] {
    switch (causes[index]) {
      case 'step':
        return [level + from, level + to]
      case 'rhythm': {
        const usual = usualAt(rhythm, atMs) ?? base
        return [usual + from, usual + to]
      }
      case 'level':
        return [level + (from - level) / levelWeight, level + (to - level) / levelWeight]
      case 'unrest': {
        const most = unrest + (to - unrest) / unrestWeight
        return [level - most, level + most]
      }
      default:
        return [from, to]
    }
  }
}

function learn({ numbers, ranges, rhythm }: SeriesState, value: number, atMs: number): { worst: number; cause: AnomalyCause | undefined } {
  numbers.steps++
  numbers.lastAtMs = atMs
  const { steps } = numbers
  if (steps === 1) numbers.level = numbers.base = value
  const step = value - numbers.level
  const difference = value - (usualAt(rhythm, atMs) ?? numbers.base)
  learnHour(rhythm, atMs, value)
  numbers.level += step * Math.max(1 / steps, levelWeight)
  numbers.base += (value - numbers.base) * Math.max(1 / steps, baseWeight)
  numbers.unrest += (Math.abs(step) - numbers.unrest) * Math.max(1 / steps, unrestWeight)
  const streams = [value, step, difference, numbers.level, numbers.unrest]
  let worst = 0
  let cause: AnomalyCause | undefined
  for (const [index, range] of ranges.entries()) {
    const stream = streams[index] ?? 0
    const out = steps > 1 ? excess(range, stream) : 0
    if (out > worst) {
      worst = out
      cause = causes[index]
    }
    widen(range, stream, steps)
  }
  return { worst, cause }
}

function rested({ numbers }: SeriesState, score: number): number {
  numbers.sincePeak++
  if (numbers.sincePeak > restSteps) numbers.peak = 0
  if (score <= numbers.peak) return 0
  numbers.peak = score
  numbers.sincePeak = 0
  return score
}
