import { TocsinError } from '../../model/error.ts'

/** Intervals of ten minutes in an hour, six hours, a day, a week. */
export const hour = 6
export const sixHours = 36
export const day = 144
export const week = 1008

/** Intervals kept one by one: a day, six hours before it, and room to shift by half an hour. */
const finest = 192
/** Hours kept: a week, and the six hours before it that its first window needs. */
const hours = 176
/** How many signals a detector has; their figures are kept in step with `signals.ts`. */
export const signalCount = 4

const version = 1
const figures = 6 + 3 * signalCount
const bytes = 1 + 8 * figures + 2 * (finest + 2 * hours)

/**
 * What a series is remembered by: a day of single intervals, a week of hours, and a few figures. The size is fixed:
 * {@link bytes} whatever comes. Amounts are kept with eight bits of precision (an error of 0.2 %), and what is in memory is
 * rounded as what is saved, so that a restored series goes on exactly as the one that was saved.
 */
export interface Memory {
  /** The interval last taken, counted from 1970; −1 before the first. */
  lastSlot: number
  /** Intervals taken since the series began, filled gaps among them. */
  known: number
  /** The highest score of the standing alarm, and when it was reached. */
  peak: number
  peakSlot: number
  /** By signal: the running mean of the fourth power of what it says. */
  readonly habit: Float64Array
  /** By signal: how much of what it says is forgiven, since a person said so. */
  readonly forgiven: Float64Array
  /** The alarm that a person's answer would be about: its score, when it was reached, and by signal the most that was said. */
  loudest: number
  loudestSlot: number
  readonly atLoudest: Float64Array
  /** Twice over, so that any span that is kept can be read without a break. */
  readonly intervals: Float32Array
  /** By hour: the sum, and the highest mean of three intervals in a row. */
  readonly hourSums: Float32Array
  readonly hourTops: Float32Array
}

/** A series of which nothing is known. */
export function emptyMemory(): Memory {
  return {
    lastSlot: -1,
    known: 0,
    peak: 0,
    peakSlot: -1,
    loudest: 0,
    loudestSlot: -1,
    habit: new Float64Array(signalCount),
    forgiven: new Float64Array(signalCount),
    atLoudest: new Float64Array(signalCount),
    intervals: new Float32Array(2 * finest),
    hourSums: new Float32Array(hours),
    hourTops: new Float32Array(hours),
  }
}

/**
 * Where an interval lies in {@link Memory.intervals}; those before it lie just before it there, as many as are kept.
 * One that was never taken is 0.
 */
export function placeOf(slot: number): number {
  return (slot % finest) + finest
}

/** What was spent in an hour, by its number. */
export function hourSum(memory: Memory, index: number): number {
  return memory.hourSums[(index + hours) % hours] ?? 0
}

/** The highest mean of three intervals in a row that ended in an hour, by its number. */
export function hourTop(memory: Memory, index: number): number {
  return memory.hourTops[(index + hours) % hours] ?? 0
}

/** The mean of so many intervals, the last of which lies at a place. */
export function meanTo(intervals: Float32Array, place: number, length: number): number {
  let sum = 0
  for (let at = place - length + 1; at <= place; at += 1) sum += intervals[at] ?? 0
  return sum / length
}

/** Takes the next interval. Its hour is summed up with it, so that an hour is whole when the next one begins. */
export function remember(memory: Memory, slot: number, value: number): void {
  const { intervals, hourSums, hourTops } = memory
  const place = placeOf(slot)
  intervals[place] = intervals[place - finest] = rounded(value)
  const index = Math.floor(slot / hour) % hours
  const isFirst = slot % hour === 0 || memory.known === 0
  const three = meanTo(intervals, place, 3)
  hourSums[index] = rounded((isFirst ? 0 : (hourSums[index] ?? 0)) + value)
  hourTops[index] = rounded(Math.max(isFirst ? 0 : (hourTops[index] ?? 0), three))
  memory.lastSlot = slot
  memory.known += 1
}

/** The memory as text, always of the same length. */
export function saveMemory(memory: Memory): string {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUInt8(version, 0)
  let at = 1
  for (const figure of [memory.lastSlot, memory.known, memory.peak, memory.peakSlot, memory.loudest, memory.loudestSlot, ...memory.habit, ...memory.forgiven, ...memory.atLoudest]) at = buffer.writeDoubleLE(figure, at)
  for (const ring of [memory.intervals.subarray(finest), memory.hourSums, memory.hourTops]) {
    for (const amount of ring) {
      const half = upperHalf(amount)
      // By hand: a call for each of a thousand was a good part of an interval's time.
      buffer[at] = half & 0xff
      buffer[at + 1] = half >>> 8
      at += 2
    }
  }
  return buffer.toString('base64')
}

/**
 * The memory that was saved.
 *
 * @throws TocsinError `wrong-usage` if the text is not what {@link saveMemory} wrote
 */
export function restoreMemory(text: string): Memory {
  const buffer = Buffer.from(text, 'base64')
  if (buffer.length !== bytes || buffer.readUInt8(0) !== version) throw unreadable()
  const memory = emptyMemory()
  let at = 1
  const next = (): number => {
    at += 8
    return buffer.readDoubleLE(at - 8)
  }
  memory.lastSlot = next()
  memory.known = next()
  memory.peak = next()
  memory.peakSlot = next()
  memory.loudest = next()
  memory.loudestSlot = next()
  for (const figuresOf of [memory.habit, memory.forgiven, memory.atLoudest]) for (let i = 0; i < signalCount; i += 1) figuresOf[i] = next()
  for (const ring of [memory.intervals.subarray(finest), memory.hourSums, memory.hourTops]) {
    for (let i = 0; i < ring.length; i += 1) {
      ring[i] = fromUpperHalf((buffer[at] ?? 0) | ((buffer[at + 1] ?? 0) << 8))
      at += 2
    }
  }
  memory.intervals.copyWithin(0, finest)
  if (!isSound(memory)) throw unreadable()
  return memory
}

/** Whether every figure can be reckoned with: a text of the right length may still be another's. */
function isSound({ lastSlot, known, peak, peakSlot, loudest, loudestSlot, habit, forgiven, atLoudest, intervals, hourSums, hourTops }: Memory): boolean {
  const counts = [lastSlot, known, peakSlot, loudestSlot]
  const isAmount = (amount: number): boolean => amount >= 0 && amount < Infinity
  // One after the other: to put a thousand of them into one list took longer than the interval that is judged.
  return counts.every((count) => Number.isSafeInteger(count) && count >= -1) && known >= 0 && isAmount(peak) && isAmount(loudest)
    && [habit, forgiven, intervals, hourSums, hourTops].every((amounts) => amounts.every(isAmount)) && atLoudest.every(Number.isFinite)
}

function unreadable(): TocsinError {
  return new TocsinError('wrong-usage', 'The state of a spend detector must be what save() gave; this is not, or it is of another version. Start without it: the series is learned anew in two days.')
}

// A number of 32 bits keeps sign, exponent and seven bits of the fraction in its upper half: the form that chips for
// neural networks call bfloat16. Half the size, the whole range.
const number = new Float32Array(1)
const bits = new Uint32Array(number.buffer)

function upperHalf(amount: number): number {
  number[0] = amount
  return (bits[0] ?? 0) >>> 16
}

function fromUpperHalf(half: number): number {
  bits[0] = half << 16
  return number[0] ?? 0
}

function rounded(amount: number): number {
  number[0] = amount
  bits[0] = ((bits[0] ?? 0) + 0x8000) & 0xffff0000
  return number[0] ?? 0
}
