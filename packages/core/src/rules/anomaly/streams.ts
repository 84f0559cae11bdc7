import { usualAt, type Usual } from './rhythm.ts'
import type { SeriesState } from './series-state.ts'

/**
 * What left its range: the step away from the level, the difference to the usual of this hour, the level itself, the level against that of
 * a longer time, or the unrest (also when there is suddenly none, as on a flat line).
 */
export type AnomalyCause = 'step' | 'rhythm' | 'level' | 'shift' | 'unrest'

/**
 * What a stream will be, as a function of the value that is to come: `offset + slope × value`, or with the distance to `around` in place of the
 * value. One definition serves both directions: the stream of a value, and the values for which a stream stays in its range.
 */
export interface Stream {
  readonly cause: AnomalyCause
  readonly offset: number
  /** 0 (the value does not matter yet) or above. */
  readonly slope: number
  readonly around?: number
  /** What an excess counts: means move less than single values. */
  readonly weight: number
  /** Smallest width of a range that counts, in the unit of the stream. */
  readonly grain: number
}

/** How many streams there are. */
export const streamCount = 6

/** Values over which level, trend, base, unrest and the error of the level are exponentially weighted means (Roberts, 1959). */
const levelSteps = 10
const trendSteps = 40
const baseSteps = 200
const unrestSteps = 40
const errorSteps = 500

const meanWeight = 1.5

/** From so many steps the difference to the usual is also counted in unrests of the hour, of which this share is that of the whole day. */
const relativeFrom = 30
const unrestShare = 0.3

/** The usual of a time; at an hour that was never seen, the base. */
export function usualOf({ numbers, rhythm }: SeriesState, atMs: number): Usual {
  return usualAt(rhythm, atMs, numbers.base)
}

/** The streams in the order of their ranges, before the value is seen. */
export function streamsOf(state: SeriesState, usual: Usual): readonly Stream[] {
  const { steps, origin, level, trend, base, unrest } = state.numbers
  const grain = 1e-9 * Math.max(Math.abs(origin), Math.abs(level + origin)) + 1e-12
  const byLevel = weightOf(levelSteps, steps)
  const byTrend = weightOf(trendSteps, steps)
  const byBase = weightOf(baseSteps, steps)
  const byUnrest = weightOf(unrestSteps, steps)
  const relative = steps > relativeFrom ? 1 / (usual.unrest + unrestShare * state.rhythm.errors.dayError + grain) : 0
  return [
    { cause: 'step', offset: -level, slope: 1, weight: 1, grain },
    { cause: 'rhythm', offset: -usual.value, slope: 1, weight: 1, grain },
    { cause: 'rhythm', offset: -usual.value * relative, slope: relative, weight: 1, grain: 1e-6 },
    { cause: 'level', offset: level * (1 - byLevel), slope: byLevel, weight: meanWeight, grain },
    { cause: 'shift', offset: trend * (1 - byTrend) - base * (1 - byBase), slope: byTrend - byBase, weight: meanWeight, grain },
    { cause: 'unrest', offset: unrest * (1 - byUnrest), slope: byUnrest, around: level, weight: 1, grain },
  ]
}

/** What the stream is with this value. */
export function streamAt({ offset, slope, around }: Stream, value: number): number {
  return offset + slope * (around === undefined ? value : Math.abs(value - around))
}

/** The lowest and the highest value with which the stream lies between two numbers; a distance has no lower bound here. */
export function valuesWithin({ offset, slope, around }: Stream, from: number, to: number): readonly [low: number, high: number] {
  if (slope <= 0) return [-Infinity, Infinity]
  const highest = (to - offset) / slope
  return around === undefined ? [(from - offset) / slope, highest] : [around - highest, around + highest]
}

/** Learns the means that the streams are made of. */
export function learnMeans({ numbers }: SeriesState, value: number): void {
  const { steps, level, trend, base, unrest, levelError } = numbers
  const distance = Math.abs(value - level)
  numbers.level = level + (value - level) * weightOf(levelSteps, steps)
  numbers.trend = trend + (value - trend) * weightOf(trendSteps, steps)
  numbers.base = base + (value - base) * weightOf(baseSteps, steps)
  numbers.unrest = unrest + (distance - unrest) * weightOf(unrestSteps, steps)
  numbers.levelError = levelError + (distance - levelError) * weightOf(errorSteps, steps)
}

/** The first values are a plain mean. */
function weightOf(memory: number, steps: number): number {
  return 1 / Math.min(steps + 1, memory)
}
