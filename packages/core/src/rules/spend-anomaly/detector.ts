import { day, emptyMemory, hour, remember, restoreMemory, saveMemory, week, type Memory } from './memory.ts'
import { departure, signals, type Signal, type SpendSignal } from './signals.ts'
import { usualFor, usualOfHour, type Usual, type UsualOfHour } from './usual.ts'

/** The interval of a spend series, in milliseconds: ten minutes, beginning at whole ten minutes of UTC. */
export const spendIntervalMs = 600_000

/** The score from which a person is told, unless they chose otherwise: on the series it was measured with, about one a week comes by chance. */
export const spendAlertScore = 1

/** A series is learned for so many intervals before anything is said of it: two days. */
const learningIntervals = 2 * day
/** How long an alarm stands: a day. In that time only what is worse says something again. */
const standingIntervals = day
/** Calibration forgets with this share an interval: about a week. */
const forgetting = 1 / week
/** What a person has said is forgiven wears off by half in four weeks. */
const forgivingDecay = Math.exp(-Math.LN2 / (4 * week))

/** What a person says of an alarm: it was to be expected, or it was right but did not help. */
export type SpendFeedback = 'expected' | 'not-useful'

/** How a detector is made. */
export interface SpendDetectorOptions {
  /** What {@link SpendDetector.save} gave: the series goes on exactly as the saved one would have. @default none, a new series */
  readonly state?: string
}

/** What a detector says of one interval. */
export interface SpendReading {
  /** 0 (usual) and up; from {@link spendAlertScore} on it is rare. Within a day after a score, only a higher one is given. */
  readonly score: number
  /** What was expected for the interval before its value came, in the unit of the values. */
  readonly expected: number
  /** The range expected before the value came. */
  readonly low: number
  readonly high: number
  /** `true` in the first two days of a series and after a gap of a week: then the score is 0 and the range is a first guess. */
  readonly learning: boolean
  /** Which departure gave the score: its span, and what came and was usual in that span, as sums. Absent if the score is 0. */
  readonly departure?: SpendDeparture
  /** Why the value was not taken. Absent if it was. */
  readonly skipped?: 'late' | 'unreadable'
}

/** The departure that a score stands for. */
export interface SpendDeparture {
  readonly signal: SpendSignal
  /** Where its span begins, in milliseconds since 1970. */
  readonly sinceMs: number
  readonly spanMs: number
  /** What came in the span, and what the span would usually have been at most (for a `drop`: at least). */
  readonly came: number
  readonly usual: number
}

/** Watches one series of spend; see {@link createSpendDetector}. */
export interface SpendDetector {
  /**
   * Takes what was spent in the interval of ten minutes that holds `atMs`, and says how unusual it is.
   * Call it once an interval, with 0 where nothing was spent. What was left out is unknown, not nothing: it is filled
   * with what was usual, and after a week without a value the series is learned anew. A value for an interval already
   * taken, or before it, is skipped as `late`; one that is not a number, negative or infinite as `unreadable`. Never throws.
   *
   * @param value what was spent, in any one unit of money
   * @param atMs any time in the interval, in milliseconds since 1970
   */
  step(value: number, atMs: number): SpendReading
  /**
   * What a person says of the last alarm: the highest score of late, where a score a day old counts half.
   * `expected`: as great a departure says nothing from now on. `not-useful`: half of it is taken off. Both wear off by half in four weeks.
   */
  feedback(verdict: SpendFeedback): void
  /** The state as text, at most 2,000 characters whatever the series. */
  save(): string
}

/**
 * Makes a detector for spend per ten minutes. It learns the time of day and the day of the week, keeps less than 2 kB and
 * takes a few microseconds an interval. Whether a departure is large enough in money to tell anyone is not its business:
 * the score says how unusual the departure is in this series, and nothing else.
 *
 * @example
 * const detector = createSpendDetector()
 * const startMs = Date.UTC(2026, 0, 5)
 * for (let i = 0; i < 7 * 144; i += 1) detector.step(i % 144 < 60 ? 0.2 : 0.5 + 0.02 * (i % 7), startMs + i * 600_000)
 * const { score, high } = detector.step(9, startMs + 7 * 144 * 600_000)
 * console.log(score > 1, high < 2) // true true
 *
 * @throws TocsinError `wrong-usage` if `state` is not what `save()` gave
 */
export function createSpendDetector(options: SpendDetectorOptions = {}): SpendDetector {
  let memory = options.state === undefined ? emptyMemory() : restoreMemory(options.state)
  let ofHour: UsualOfHour | undefined

  const usualAt = (slot: number): Usual => {
    const index = Math.floor(slot / hour)
    if (ofHour?.index !== index) ofHour = usualOfHour(memory, index)
    return usualFor(memory, slot, ofHour)
  }

  return {
    step(value, atMs) {
      const slot = Math.floor(atMs / spendIntervalMs)
      if (!Number.isSafeInteger(slot) || slot < 0 || !Number.isFinite(value) || value < 0) return skip(memory, 'unreadable')
      if (slot <= memory.lastSlot) return skip(memory, 'late')
      if (memory.known > 0 && slot - memory.lastSlot > week) {
        const { forgiven } = memory
        memory = emptyMemory()
        memory.forgiven.set(forgiven)
      }
      if (memory.known > 0) while (memory.lastSlot < slot - 1) remember(memory, memory.lastSlot + 1, usualAt(memory.lastSlot + 1).middle)
      const usual = usualAt(slot)
      const before = memory.known
      remember(memory, slot, value)
      const range = rangeOf(memory, usual)
      if (before < learningIntervals) return { score: 0, ...range, learning: true }
      return { ...scoreOf(memory, slot, usual), ...range, learning: false }
    },
    feedback(verdict) {
      const share = verdict === 'expected' ? 1 : 0.5
      memory.atLoudest.forEach((said, i) => {
        memory.forgiven[i] = Math.max(memory.forgiven[i] ?? 0, share * said)
      })
    },
    save: () => saveMemory(memory),
  }

  function skip({ lastSlot, known }: Memory, skipped: 'late' | 'unreadable'): SpendReading {
    const range = known === 0 ? { expected: 0, low: 0, high: 0 } : rangeOf(memory, usualAt(lastSlot + 1))
    return { score: 0, ...range, learning: known < learningIntervals, skipped }
  }
}

/** The highest score of all signals, if it is higher than what stands; and what it was about. */
function scoreOf(memory: Memory, slot: number, usual: Usual): { readonly score: number; readonly departure?: SpendDeparture } {
  let score = 0
  let speaker: Signal | undefined
  const said: number[] = []
  for (const [i, signal] of signals.entries()) {
    const says = departure(signal, signal.came(memory, slot), signal.usual(usual), usual.mean)
    const scaled = (signal.weight * (says - (memory.forgiven[i] ?? 0))) / (signal.unit + signal.calibration * (memory.usual[i] ?? 0) ** 0.25)
    said.push(says)
    if (scaled > score) {
      score = scaled
      speaker = signal
    }
    memory.usual[i] = (memory.usual[i] ?? 0) + forgetting * (Math.max(0, says) ** 4 - (memory.usual[i] ?? 0))
    memory.forgiven[i] = (memory.forgiven[i] ?? 0) * forgivingDecay
  }
  if (slot - memory.peakSlot > standingIntervals) memory.peak = 0
  // The loudest alarm is all that its signals say within its day, so that a person's answer is about the whole of it.
  if (slot - memory.loudestSlot <= standingIntervals) memory.atLoudest.forEach((loudest, i) => (memory.atLoudest[i] = Math.max(loudest, said[i] ?? 0)))
  if (speaker === undefined || score <= memory.peak) return { score: 0 }
  memory.peak = score
  memory.peakSlot = slot
  if (score > memory.loudest * 0.5 ** ((slot - memory.loudestSlot) / day)) {
    if (slot - memory.loudestSlot > standingIntervals) memory.atLoudest.set(said)
    memory.loudest = score
    memory.loudestSlot = slot
  }
  const { name, intervals } = speaker
  return {
    score,
    departure: { signal: name, sinceMs: (slot - intervals + 1) * spendIntervalMs, spanMs: intervals * spendIntervalMs, came: speaker.came(memory, slot) * intervals, usual: speaker.usual(usual) * intervals },
  }
}

/** What one interval may cost without any signal saying much: the highest that was usual, and what the series does anyhow. */
function rangeOf(memory: Memory, { middle, lowest, highest }: Usual): { readonly expected: number; readonly low: number; readonly high: number } {
  const spread = Math.exp((memory.usual[2] ?? 0) ** 0.25)
  return { expected: middle, low: lowest / spread, high: highest * spread }
}
