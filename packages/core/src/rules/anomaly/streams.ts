import { usualAt, type Usual } from './rhythm.ts'
import type { SeriesState } from './series-state.ts'

/**
 * What is strange: the step away from level and rhythm, the difference to the usual of this hour, the level itself, the level against that of
 * a longer time, the unrest, or that the value does not change any more.
 */
export type AnomalyCause = 'step' | 'rhythm' | 'level' | 'shift' | 'unrest' | 'flat'

/**
 * A number derived from the series, as a function of the value that is to come. Both directions are from one definition: the stream of
 * a value, and the values for which a stream stays in its range.
 */
export interface Stream {
  readonly cause: AnomalyCause
  /** Whether it is held against its range of now, which each value widens, or against that of a while ago: so a creeping rise is seen. */
  readonly against: 'now' | 'earlier'
  /** What an excess counts: means move less than single values. */
  readonly weight: number
  /** Smallest width of a range that counts, in the unit of the stream. */
  readonly grain: number
  /** The stream with this value. */
  readonly at: (value: number) => number
  /** Lowest and highest value with which the stream lies between two numbers. */
  readonly within: (from: number, to: number) => readonly [low: number, high: number]
}

/** How many streams there are. */
export const streamCount = 8

/** Values over which level, trend, base, unrest and the error of the level are exponentially weighted means (Roberts, 1959). */
const levelSteps = 10
const trendSteps = 40
const baseSteps = 200
const unrestSteps = 40
const errorSteps = 500

/** Weight of the means, and of a level against its range of a while ago, where much of what is normal shows as well. */
const meanWeight = 1.5
const creepWeight = 0.3

/** From so many steps the difference to the usual is also counted in unrests of the hour, of which this share is that of the whole day. */
const relativeFrom = 30
const unrestShare = 0.3

/** The usual of a time; at an hour that was never seen, the base. */
export function usualOf({ numbers, rhythm }: SeriesState, atMs: number): Usual {
  return usualAt(rhythm, atMs, numbers.base)
}

/** The streams in the order of their ranges, before the value is seen. */
export function streamsOf({ numbers, rhythm }: SeriesState, usual: Usual): readonly Stream[] {
  const { steps, origin, level, trend, base, unrest, offUsual } = numbers
  const grain = 1e-12 * Math.max(Math.abs(origin), Math.abs(level + origin)) + 1e-15
  const byLevel = weightOf(levelSteps, steps)
  const byTrend = weightOf(trendSteps, steps)
  const byBase = weightOf(baseSteps, steps)
  const byUnrest = weightOf(unrestSteps, steps)
  const relative = steps > relativeFrom ? 1 / (usual.unrest + unrestShare * rhythm.errors.dayError + grain) : 0
  const withoutRhythm = linear(offUsual * (1 - byLevel) - usual.value * byLevel, byLevel)
  return [
    // What the hour brings is no step, nor is what stays at the level when the hour would change it.
    { cause: 'step', against: 'now', weight: 1, grain, ...beyond(level, usual.value + offUsual) },
    { cause: 'rhythm', against: 'now', weight: 1, grain, ...linear(-usual.value, 1) },
    { cause: 'rhythm', against: 'now', weight: 1, grain: 1e-6, ...linear(-usual.value * relative, relative) },
    { cause: 'level', against: 'now', weight: meanWeight, grain, ...linear(level * (1 - byLevel), byLevel) },
    // The level without the rhythm: kept for the one behind it, which sees what creeps.
    { cause: 'level', against: 'now', weight: 0, grain, ...withoutRhythm },
    { cause: 'level', against: 'earlier', weight: creepWeight, grain, ...withoutRhythm },
    { cause: 'shift', against: 'now', weight: meanWeight, grain, ...linear(trend * (1 - byTrend) - base * (1 - byBase), byTrend - byBase) },
    { cause: 'unrest', against: 'now', weight: 1, grain, ...distance(level, unrest * (1 - byUnrest), byUnrest) },
  ]
}

type Shape = Pick<Stream, 'at' | 'within'>

/** @param slope 0 (the value does not matter yet) or above */
function linear(offset: number, slope: number): Shape {
  return {
    at: (value) => offset + slope * value,
    within: (from, to) => (slope > 0 ? [(from - offset) / slope, (to - offset) / slope] : [-Infinity, Infinity]),
  }
}

/** How far the value lies beyond both of two numbers, with its sign; 0 between them. */
function beyond(one: number, other: number): Shape {
  const low = Math.min(one, other)
  const high = Math.max(one, other)
  return {
    at: (value) => (value > high ? value - high : Math.min(value - low, 0)),
    within: (from, to) => [low + from, high + to],
  }
}

/** Grows with the distance of the value to a number; no value is too near to it. */
function distance(around: number, offset: number, slope: number): Shape {
  return {
    at: (value) => offset + slope * Math.abs(value - around),
    within: (_from, to) => [around - (to - offset) / slope, around + (to - offset) / slope],
  }
}

/** Learns the means that the streams are made of. */
export function learnMeans({ numbers }: SeriesState, value: number, usual: Usual): void {
  const { steps, level, trend, base, unrest, offUsual, levelError } = numbers
  const away = Math.abs(value - level)
  numbers.level = level + (value - level) * weightOf(levelSteps, steps)
  numbers.trend = trend + (value - trend) * weightOf(trendSteps, steps)
  numbers.base = base + (value - base) * weightOf(baseSteps, steps)
  numbers.unrest = unrest + (away - unrest) * weightOf(unrestSteps, steps)
  numbers.offUsual = offUsual + (value - usual.value - offUsual) * weightOf(levelSteps, steps)
  numbers.levelError = levelError + (away - levelError) * weightOf(errorSteps, steps)
}

/** The first values are a plain mean. */
function weightOf(memory: number, steps: number): number {
  return 1 / Math.min(steps + 1, memory)
}
