import type { Event } from '../../model/event.ts'
import type { EventView } from '../view.ts'
import { addHistogram, addValue, emptyHistogram, fit, histogramFrom, quantileOf, type Histogram } from './histogram.ts'
import type { Measure } from './measure.ts'

/**
 * A window is cut into slices of time. Adding to a slice is commutative: counts and sums of whole numbers, extremes, and
 * a histogram; so neither the order in which events come nor how they are spread over batches and processes matters.
 */
export interface Slice {
  count: number
  /** For a share its hits, for a sum or mean the sum, for an extreme that; 0 otherwise. */
  value: number
  /** For percentiles; as text until it is looked into, which most slices of a row never are. */
  bins?: Histogram | string
}

/** By index: the time since 1970 in slices. */
export type Slices = Map<number, Slice>

/** How a window is cut. */
export interface Cut {
  readonly sliceMs: number
  /** Slices in a window; the one that is not over yet comes on top, so that a window is never shorter than it is said to be. */
  readonly slices: number
}

const slicesMost = 30
/** Histograms take more room: fewer of them. */
const slicesOfHistograms = 12
const sliceLeastMs = 1_000

export function cutOf(measure: Pick<Measure, 'kind'>, windowMs: number): Cut {
  const most = measure.kind === 'percentile' ? slicesOfHistograms : slicesMost
  const sliceMs = Math.max(sliceLeastMs, Math.ceil(windowMs / most))
  return { sliceMs, slices: Math.ceil(windowMs / sliceMs) }
}

/** Counts an event in. Nothing where it does not say what is measured: what is not known is not 0. */
export function addEvent(slices: Slices, index: number, measure: Measure, event: Event, view: EventView): boolean {
  if ('hits' in measure) {
    // Asked before anything is counted: a condition that fails leaves nothing half done.
    const hits = measure.hits(view) ? 1 : 0
    const slice = sliceAt(slices, index)
    slice.count += 1
    slice.value += hits
    return true
  }
  const value = measure.numberOf(event, view)
  if (value === undefined) return false
  const slice = sliceAt(slices, index)
  slice.value = slice.count === 0 ? value : merged(measure.kind, slice.value, value)
  slice.count += 1
  if (measure.kind === 'percentile') addValue((slice.bins = histogramOf(slice)), value)
  return true
}

export function mergeSlices(into: Slices, from: Slices, kind: Measure['kind']): void {
  for (const [index, slice] of from) {
    const before = into.get(index)
    if (before === undefined) {
      into.set(index, slice)
      continue
    }
    before.count += slice.count
    before.value = merged(kind, before.value, slice.value)
    if (slice.bins === undefined) continue
    const bins = histogramOf(before)
    addHistogram(bins, histogramOf(slice))
    fit(bins)
    before.bins = bins
  }
}

function sliceAt(slices: Slices, index: number): Slice {
  const kept = slices.get(index)
  if (kept !== undefined) return kept
  const slice = { count: 0, value: 0 }
  slices.set(index, slice)
  return slice
}

function histogramOf({ bins }: Slice): Histogram {
  return typeof bins === 'string' ? histogramFrom(bins) : (bins ?? emptyHistogram())
}

function merged(kind: Measure['kind'], a: number, b: number): number {
  if (kind === 'min') return Math.min(a, b)
  if (kind === 'max') return Math.max(a, b)
  if (kind === 'percentile') return 0
  // Beyond it sums would not be exact, and so depend on the order.
  return Math.min(Number.MAX_SAFE_INTEGER, a + b)
}

/** What the window that ends at `atMs` holds. */
export interface Measured {
  readonly samples: number
  /** In the measure's own whole numbers, a share from 0 to 1, a rate per minute. 0 where there are no samples. */
  readonly value: number
}

export function measureAt(slices: Slices, { sliceMs, slices: many }: Cut, measure: Measure, atMs: number): Measured {
  const last = Math.floor(atMs / sliceMs)
  const within = [...slices].flatMap(([index, slice]) => (index <= last && index >= last - many ? [slice] : []))
  const samples = within.reduce((sum, { count }) => sum + count, 0)
  if (samples === 0) return { samples, value: 0 }
  const sum = (): number => within.reduce((total, { value }) => merged('sum', total, value), 0)
  switch (measure.kind) {
    case 'count':
      return { samples, value: samples }
    case 'rate':
      return { samples, value: samples / ((atMs - (last - many) * sliceMs) / 60_000) }
    case 'share':
    case 'avg':
      return { samples, value: sum() / samples }
    case 'sum':
      return { samples, value: sum() }
    case 'min':
      return { samples, value: within.reduce((least, { value }) => Math.min(least, value), Infinity) }
    case 'max':
      return { samples, value: within.reduce((most, { value }) => Math.max(most, value), 0) }
    case 'percentile': {
      const all = emptyHistogram()
      for (const slice of within) addHistogram(all, histogramOf(slice))
      return { samples, value: quantileOf(all, measure.quantile) ?? 0 }
    }
  }
}

/** Drops what no window that ends at `atMs` or later can hold. */
export function dropOld(slices: Slices, { sliceMs, slices: many }: Cut, atMs: number): void {
  const first = Math.floor(atMs / sliceMs) - many
  for (const index of slices.keys()) if (index < first) slices.delete(index)
}
