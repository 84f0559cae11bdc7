import { TocsinError } from '../../model/error.ts'
import type { Range } from './range.ts'
import { newRhythm, type Rhythm } from './rhythm.ts'

/** Form of a saved state; a state of another form is refused, for its numbers would mean something else. */
const form = 1

/** All single numbers that a detector remembers of one series. */
export interface SeriesNumbers {
  /** Values learned from. */
  steps: number
  lastAtMs: number
  /** Refusals for an old time since the last accepted value. */
  refusedInRow: number
  /** Mean of the last values, exponentially weighted. */
  level: number
  /** The same over a longer time. */
  base: number
  /** Mean distance to the level, exponentially weighted. */
  unrest: number
  /** The score after which only what is worse scores, and steps since. */
  peak: number
  sincePeak: number
}

/** All that a detector remembers of one series. */
export interface SeriesState {
  readonly numbers: SeriesNumbers
  readonly ranges: readonly Range[]
  readonly rhythm: Rhythm
}

/** The state before the first value. */
export function newState(ranges: number): SeriesState {
  return {
    numbers: { steps: 0, lastAtMs: 0, refusedInRow: 0, level: 0, base: 0, unrest: 0, peak: 0, sincePeak: 0 },
    ranges: Array.from({ length: ranges }, () => ({ high: 0, low: 0, middle: 0 })),
    rhythm: newRhythm(),
  }
}

/** The state as text; numbers in JSON come back as they were, bit for bit. */
export function saveState({ numbers, ranges, rhythm }: SeriesState): string {
  const { means, counts } = rhythm
  return JSON.stringify([form, Object.values(numbers), ranges.flatMap(({ high, low, middle }) => [high, low, middle]), base64(means), base64(counts)])
}

/** @param saved what `saveState` returned, from anywhere: it is checked */
export function restoreState(saved: string, rangesExpected: number): SeriesState {
  const state = newState(rangesExpected)
  const [formSaved, numbers, ranges, means, counts] = partsOf(saved)
  if (formSaved !== form) throw notAState(`it is not of form ${form}`)
  const names = Object.keys(state.numbers) as (keyof SeriesNumbers)[] // The keys of an object literal of this type.
  const single = finiteNumbers(numbers, names.length)
  for (const [index, name] of names.entries()) state.numbers[name] = single[index] ?? 0
  const ends = finiteNumbers(ranges, 3 * rangesExpected)
  for (const [index, range] of state.ranges.entries()) {
    range.high = ends[3 * index] ?? 0
    range.low = ends[3 * index + 1] ?? 0
    range.middle = ends[3 * index + 2] ?? 0
  }
  fill(state.rhythm.means, means)
  fill(state.rhythm.counts, counts)
  if (!state.rhythm.means.every(Number.isFinite)) throw notAState('it holds a number that is not finite')
  return state
}

function partsOf(saved: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(saved)
    if (Array.isArray(parts)) return parts
  } catch (cause) {
    throw notAState('it cannot be read', cause)
  }
  throw notAState('it cannot be read')
}

function finiteNumbers(part: unknown, length: number): readonly number[] {
  if (Array.isArray(part) && part.length === length && part.every((one): one is number => Number.isFinite(one))) return part
  throw notAState(`${length} finite numbers were expected`)
}

function base64({ buffer }: { readonly buffer: ArrayBufferLike }): string {
  return Buffer.from(buffer).toString('base64')
}

function fill({ buffer }: { readonly buffer: ArrayBufferLike }, part: unknown): void {
  const bytes = typeof part === 'string' ? Buffer.from(part, 'base64') : Buffer.alloc(0)
  if (bytes.length !== buffer.byteLength) throw notAState(`it has ${bytes.length} bytes of rhythm, ${buffer.byteLength} were expected`)
  new Uint8Array(buffer).set(bytes)
}

function notAState(why: string, cause?: unknown): TocsinError {
  return new TocsinError('wrong-usage', `The state of an anomaly detector must be what save() returned: ${why}. Give no state to learn afresh.`, { cause })
}
