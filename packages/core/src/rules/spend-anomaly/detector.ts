import { day, emptyMemory, hour, remember, restoreMemory, saveMemory, signalCount, week, type Memory } from './memory.ts'
import { departure, signals, type Signal, type SpendSignal } from './signals.ts'
import { cameWith, usualFor, usualOfHour, type Usual, type UsualOfHour } from './usual.ts'

/** The interval of a spend series, in milliseconds: ten minutes, beginning at whole ten minutes of UTC. */
export const spendIntervalMs = 600_000

/** The score from which a person is told, unless they chose otherwise: on the series it was measured with, about one a week comes by chance. */
export const spendAlertScore = 1

/** The most an interval may cost; what is above it is `unreadable`. Far above any bill in any unit, and below what the memory can hold. */
export const spendMax = 1e30

/** A series is learned for so many intervals before anything is said of it: two days. */
export const learningIntervals = 2 * day
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

export interface SpendRange {
  /** What was expected for the interval before its value came, in the unit of the values. */
  readonly expected: number
  /** The range that the last hour, yesterday and last week had around this time, a tenth wider; it does not hold what came. */
  readonly low: number
  readonly high: number
}

/** What a detector says of one interval. */
export interface SpendReading extends SpendRange {
  /** 0 (usual) and up; from {@link spendAlertScore} on it is rare. Within a day after a score, only a higher one is given. */
  readonly score: number
  /** How unusual the interval is, whatever was said before. It falls when an alarm is over, and where it lasts: six hours on, a series is getting used to it. */
  readonly level: number
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
  /** What came in the span, what was expected in it, and the most that was usual (for a `drop`: the least). */
  readonly came: number
  readonly expected: number
  readonly usual: number
}

/** Watches one series of spend; see {@link createSpendDetector}. */
export interface SpendDetector {
  /**
   * Takes what was spent in the interval of ten minutes that holds `atMs`, and says how unusual it is.
   * Call it once an interval, with 0 where nothing was spent. What was left out is unknown, not nothing: it is filled
   * with what was usual, and after a week without a value the series is learned anew. A value for an interval already
   * taken, or before it, is skipped as `late`; one that is not a number, negative or above {@link spendMax} as `unreadable`. Never throws.
   *
   * @param value what was spent, in any one unit of money
   * @param atMs any time in the interval, in milliseconds since 1970; the interval should be over, for whatever comes after one far
   *   in the future is late
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
    if (ofHour?.index !== Math.floor(slot / hour)) ofHour = usualOfHour(memory, slot)
    return usualFor(memory, slot, ofHour)
  }

  return {
    step(value, atMs) {
      const slot = Math.floor(atMs / spendIntervalMs)
      if (!Number.isSafeInteger(slot) || slot < 0 || !(value >= 0 && value <= spendMax)) return skip(memory, 'unreadable')
      if (slot <= memory.lastSlot) return skip(memory, 'late')
      if (memory.known > 0 && slot - memory.lastSlot > week) {
        const { forgiven } = memory
        memory = emptyMemory()
        memory.forgiven.set(forgiven)
      }
      if (memory.known > 0) while (memory.lastSlot < slot - 1) remember(memory, memory.lastSlot + 1, usualAt(memory.lastSlot + 1).expected)
      const usual = usualAt(slot)
      const before = memory.known
      remember(memory, slot, value)
      const range = rangeOf(usual)
      if (before < learningIntervals) return { score: 0, level: 0, ...range, learning: true }
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
    const range = known === 0 ? { expected: 0, low: 0, high: 0 } : rangeOf(usualAt(lastSlot + 1))
    return { score: 0, level: 0, ...range, learning: known < learningIntervals, skipped }
  }
}

/** The highest score of all signals, if it is higher than what stands; and what it was about. */
function scoreOf(memory: Memory, slot: number, usual: Usual): Pick<SpendReading, 'score' | 'level' | 'departure'> {
  const { habit, forgiven, atLoudest } = memory
  const came = cameWith(memory, slot)
  const seen = memory.known - learningIntervals
  // The mean of the first days is short of what it will be; and a series that has seen no weekend speaks softly.
  const warmth = 1 - Math.exp(-forgetting * seen)
  const confidence = Math.min(1, memory.known / week)
  const isOfLoudest = slot - memory.loudestSlot <= standingIntervals
  let level = 0
  let speaker: Signal | undefined
  signals.forEach((signal, i) => {
    const says = departure(signal, signal.came(came), signal.usual(usual), usual.mean)
    const power = habit[i] ?? 0
    const scaled = (confidence * signal.weight * (says - (forgiven[i] ?? 0))) / (signal.unit + signal.calibration * Math.sqrt(Math.sqrt(power / warmth)))
    if (scaled > level) {
      level = scaled
      speaker = signal
    }
    habit[i] = power + forgetting * (says > 0 ? says * says * says * says - power : -power)
    forgiven[i] = (forgiven[i] ?? 0) * forgivingDecay
    saying[i] = says
    // The loudest alarm is all that its signals say within its day, so that a person's answer is about the whole of it.
    if (isOfLoudest && says > (atLoudest[i] ?? 0)) atLoudest[i] = says
  })
  if (slot - memory.peakSlot > standingIntervals) memory.peak = 0
  if (speaker === undefined || level <= memory.peak) return { score: 0, level }
  memory.peak = level
  memory.peakSlot = slot
  if (level > memory.loudest * 0.5 ** ((slot - memory.loudestSlot) / day)) {
    if (!isOfLoudest) atLoudest.set(saying)
    memory.loudest = level
    memory.loudestSlot = slot
  }
  const { name, intervals } = speaker
  return {
    score: level,
    level,
    departure: { signal: name, sinceMs: (slot - intervals + 1) * spendIntervalMs, spanMs: intervals * spendIntervalMs, came: speaker.came(came) * intervals, expected: speaker.expected(usual) * intervals, usual: speaker.usual(usual) * intervals },
  }
}

/** What the signals say of the interval in hand: one list for all steps, so that a step makes none. */
const saying = new Float64Array(signalCount)

/** The lowest and the highest that the last hour, yesterday and last week had around this time, and a tenth more. */
export function rangeOf({ expected, lowest, highest }: Usual): SpendRange {
  return { expected, low: lowest / (1 + margin), high: Math.max(expected, highest * (1 + margin)) }
}

const margin = 0.1
