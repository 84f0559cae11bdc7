import { sixHours } from './memory.ts'
import type { Came, Usual } from './usual.ts'

/**
 * What a signal sees:
 * - `record`: half an hour above the highest half hour of the week (a step, a run-away, a creeping rise)
 * - `rise`: six hours above what six hours cost just before, yesterday and last week (the same where bursts are usual)
 * - `spike`: one interval above all of the last hour, and above yesterday and last week around the same time
 * - `drop`: six hours below what six hours cost just before, yesterday and last week (an outage)
 */
export type SpendSignal = 'record' | 'rise' | 'spike' | 'drop'

export interface Signal {
  readonly name: SpendSignal
  /** The span it looks at, in intervals of ten minutes. */
  readonly intervals: number
  /** What came in its span, as a mean of an interval. */
  readonly came: (came: Came) => number
  /** The edge of what was usual for its span, as a mean of an interval. */
  readonly usual: (usual: Usual) => number
  /** What was expected for its span, as a mean of an interval. */
  readonly expected: (usual: Usual) => number
  /** 1 where more than usual is worth a word, −1 where less is. */
  readonly side: 1 | -1
  /** Amounts far below the mean of the week tell nothing by their ratio: this share of the mean is added to both. */
  readonly floor: number
  /** The logarithm that is one unit in a series that never departs from what is usual. */
  readonly unit: number
  /** How much of what the signal used to say in this series is added to the unit. */
  readonly calibration: 0 | 1
  /** Brings the signals to one scale, on which 1 is rare enough to tell a person. */
  readonly weight: number
}

const expectedInInterval = ({ expected }: Usual): number => expected
const expectedInSixHours = ({ sixHoursExpected }: Usual): number => sixHoursExpected
const inSixHours = (came: Came): number => came.sixHours

/** The order is that of the figures in `Memory`. */
export const signals: readonly Signal[] = [
  { name: 'record', intervals: 3, came: ({ halfHour }) => halfHour, usual: ({ record }) => record, expected: expectedInInterval, side: 1, floor: 0.1, unit: 1, calibration: 0, weight: 4.5 },
  { name: 'rise', intervals: sixHours, came: inSixHours, usual: ({ sixHoursHigh }) => sixHoursHigh, expected: expectedInSixHours, side: 1, floor: 0.1, unit: 0.3, calibration: 1, weight: 1 },
  { name: 'spike', intervals: 1, came: ({ interval }) => interval, usual: ({ highest }) => highest, expected: expectedInInterval, side: 1, floor: 0.1, unit: 0.1, calibration: 1, weight: 0.2 },
  { name: 'drop', intervals: sixHours, came: inSixHours, usual: ({ sixHoursLow }) => sixHoursLow, expected: expectedInSixHours, side: -1, floor: 0.01, unit: 1, calibration: 1, weight: 0.62 },
]

/** The logarithm of what came to what was usual, above 0 on the side that the signal watches. */
export function departure(signal: Signal, came: number, usual: number, mean: number): number {
  const floor = signal.floor * mean + smallest
  return signal.side * Math.log((came + floor) / (usual + floor))
}

/** An amount that keeps the logarithm of nothing to nothing at 0. */
const smallest = 1e-12
