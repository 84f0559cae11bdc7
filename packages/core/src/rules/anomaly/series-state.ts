import { TocsinError } from '../../model/error.ts'
import type { Range } from './range.ts'
import { newRhythm, type Rhythm } from './rhythm.ts'

/** First character of a saved state; a state of another form is refused, for its numbers would mean something else. */
const form = '1:'

/** Single numbers that a detector remembers of one series. All values are kept less `origin`: small differences of large numbers stay exact. */
export interface SeriesNumbers {
  /** Values learned from. */
  steps: number
  lastAtMs: number
  /** Refusals for an old time since the last accepted value. */
  lateInRow: number
  /** The first value. */
  origin: number
  /** Means of the last values, exponentially weighted: over a short, a middle and a long time. */
  level: number
  trend: number
  base: number
  /** Mean distance of a value to the level before it, over a short and a long time. */
  unrest: number
  levelError: number
  /** How far the last values lay above the usual of their hours, exponentially weighted. */
  offUsual: number
  /** The last value, how often it came again without a break, and the longest such run before. */
  last: number
  run: number
  longestRun: number
  /** The excess that was told last, and steps since. */
  peak: number
  sincePeak: number
}

/** All that a detector remembers of one series: 1,384 bytes. */
export interface SeriesState {
  readonly numbers: SeriesNumbers
  readonly ranges: readonly Range[]
  readonly rhythm: Rhythm
}

/** The state before the first value. */
export function newState(ranges: number): SeriesState {
  return {
    numbers: { steps: 0, lastAtMs: 0, lateInRow: 0, origin: 0, level: 0, trend: 0, base: 0, unrest: 0, levelError: 0, offUsual: 0, last: 0, run: 0, longestRun: 0, peak: 0, sincePeak: 0 },
    ranges: Array.from({ length: ranges }, () => ({ high: 0, low: 0, middle: 0 })),
    rhythm: newRhythm(),
  }
}

/** The state as text. Every number is kept with all its bits, so that a restored detector continues exactly. */
export function saveState({ numbers, ranges, rhythm }: SeriesState): string {
  const single = Float64Array.from([numbers, rhythm.errors, ...ranges].flatMap((one) => Object.values<number>({ ...one })))
  return form + Buffer.concat([single, ...arraysOf(rhythm)].map(bytesOf)).toString('base64')
}

/** @param saved what `saveState` returned, by whatever way: it is checked */
export function restoreState(saved: string, ranges: number): SeriesState {
  if (!saved.startsWith(form)) throw notAState(`it does not begin with ${form}`)
  const state = newState(ranges)
  const bytes = Buffer.from(saved.slice(form.length), 'base64')
  const expected = Buffer.from(saveState(state).slice(form.length), 'base64').length
  if (bytes.length !== expected) throw notAState(`it has ${bytes.length} bytes, ${expected} were expected`)
  let at = 0
  for (const target of [state.numbers, state.rhythm.errors, ...state.ranges]) {
    for (const name of Object.keys(target)) {
      const number = bytes.readDoubleLE(at)
      if (!Number.isFinite(number)) throw notAState('it holds a number that is not finite')
      Object.assign(target, { [name]: number })
      at += 8
    }
  }
  for (const array of arraysOf(state.rhythm)) {
    const target = bytesOf(array)
    target.set(bytes.subarray(at, at + target.length))
    at += target.length
    if (!array.every(Number.isFinite)) throw notAState('it holds a number that is not finite')
  }
  return state
}

function arraysOf({ dayMeans, dayUnrest, weekMeans, dayCounts, weekCounts }: Rhythm): readonly (Float32Array | Uint8Array)[] {
  return [dayMeans, dayUnrest, weekMeans, dayCounts, weekCounts]
}

function bytesOf({ buffer }: { readonly buffer: ArrayBufferLike }): Uint8Array {
  return new Uint8Array(buffer)
}

function notAState(why: string): TocsinError {
  return new TocsinError('wrong-usage', `The state of an anomaly detector must be what save() returned: ${why}. Give no state to learn afresh.`)
}
