import { keptUnder } from '../kept.ts'
import { histogramText } from '../threshold/histogram.ts'
import type { Slices } from '../threshold/slices.ts'
import type { Breakdown } from './breakdown.ts'

/** What an anomaly rule keeps of one group. */
export interface Series {
  /** Identifies what is counted: a row that was written under other settings begins anew. */
  readonly counting: string
  readonly values: readonly string[]
  /** Intervals that are not over, by index. */
  readonly open: Slices
  /** The next interval to be judged. */
  next: number
  /** The detector, as it saves itself. */
  detector?: string
  /** Where money is watched. */
  breakdown?: Breakdown
  /** Events of intervals that were judged already: they are in no sum here. */
  late: number
  heardMs: number
  /** Since when it fires; 0: it does not. */
  firingMs: number
  /** What was expected of an interval when it began to fire: a detector that met something wild expects strange things for a while. */
  expected: number
  low: number
  high: number
  /** Intervals in a row that were as usual, while it fires. */
  calm: number
  /** The last score that was told, and when. */
  toldScore: number
  toldMs: number
  /** Scores up to this were called expected, at that time; it wears off. */
  forgiven: number
  forgivenMs: number
  /** What was forgiven before somebody said the last thing, so that it can be taken back: of each signal, where the detector tells them apart. */
  before?: { readonly alert: number; readonly verdict: string; readonly forgiven: readonly number[]; readonly atMs: number }
}

export function newSeries(counting: string, values: readonly string[], next: number, nowMs: number): Series {
  return { counting, values, open: new Map(), next, late: 0, heardMs: nowMs, firingMs: 0, expected: 0, low: 0, high: 0, calm: 0, toldScore: 0, toldMs: 0, forgiven: 0, forgivenMs: 0 }
}

type Written = Omit<Series, 'open'> & { readonly open: readonly (readonly [index: number, count: number, value: number, bins?: string])[] }

export function seriesText({ open, ...series }: Series): string {
  const written: Written = {
    ...series,
    open: [...open].map(([index, { count, value, bins }]) => (bins === undefined ? [index, count, value] : [index, count, value, typeof bins === 'string' ? bins : histogramText(bins)])),
  }
  return JSON.stringify(written)
}

/** What `seriesText` wrote; nothing where other settings, or a rule of another kind, did. Without `counting` whatever the settings were. */
export function seriesFrom(text: string | undefined, counting?: string): Series | undefined {
  const kept = keptUnder<Written>(text, counting)
  if (kept === undefined || !('open' in kept)) return undefined
  const { open, ...series } = kept
  return { ...series, open: new Map(open.map(([index, count, value, bins]) => [index, { count, value, ...(bins !== undefined && { bins }) }])) }
}
