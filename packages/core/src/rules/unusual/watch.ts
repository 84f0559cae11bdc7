import { createAnomalyDetector } from '../anomaly/detector.ts'
import { createSpendDetector, spendAlertScore, spendIntervalMs, type SpendFeedback } from '../spend-anomaly/detector.ts'

/** What a detector says of one interval, whichever it is. */
export interface Seen {
  /** 0 to say nothing; from 1 on a person is told. Higher than before while it stands. */
  readonly score: number
  readonly expected: number
  readonly low: number
  readonly high: number
  /** Nothing is said yet. */
  readonly learning: boolean
  /** The interval is within what was expected. */
  readonly isUsual: boolean
  /** What the detector saw: such as `spike`, `drop`, `level`. */
  readonly sign?: string
  /** What came and was expected in the span that gave the score, and when it began; else those of the interval. */
  readonly came?: number
  readonly wanted?: number
  readonly sinceMs?: number
  readonly spanMs?: number
}

/** A detector that goes on from its text. */
export interface Watch {
  step(value: number, atMs: number): Seen
  /** What a person said of the last alarm; absent where the detector itself knows nothing of it. */
  readonly feedback?: (verdict: SpendFeedback) => void
  save(): string
}

/** From this score on a person is told what the general detector saw: noise comes so far once in 25,000 steps (docs/adr/0022). */
const attention = 0.65
/** Below half of what is told, an interval counts as usual again. */
const usualShare = 0.5

/** Spend is watched by the detector made for it, where its intervals are those that it knows; everything else by the general one. */
export function watchOf(unit: string, kind: string, everyMs: number, state: string | undefined): Watch {
  return unit === 'usd' && kind === 'sum' && everyMs === spendIntervalMs ? spendWatch(state) : generalWatch(state)
}

function spendWatch(state: string | undefined): Watch {
  const detector = createSpendDetector(state === undefined ? {} : { state })
  return {
    step(value, atMs) {
      const { score, level, expected, low, high, learning, departure } = detector.step(value, atMs)
      return {
        score: score / spendAlertScore, expected, low, high, learning, isUsual: level < spendAlertScore * usualShare,
        ...(departure !== undefined && { sign: departure.signal, came: departure.came, wanted: departure.expected, sinceMs: departure.sinceMs, spanMs: departure.spanMs }),
      }
    },
    feedback: (verdict) => detector.feedback(verdict),
    save: () => detector.save(),
  }
}

function generalWatch(state: string | undefined): Watch {
  const detector = createAnomalyDetector(state === undefined ? {} : { state })
  return {
    step(value, atMs) {
      const { score, expected, low, high, learning, cause } = detector.step(value, atMs)
      return { score: score / attention, expected, low, high, learning, isUsual: value >= low && value <= high, ...(cause !== undefined && { sign: cause }) }
    },
    save: () => detector.save(),
  }
}
