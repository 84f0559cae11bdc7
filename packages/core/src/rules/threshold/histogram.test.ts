import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededChance } from '../../model/chance.ts'
import { addHistogram, addValue, binsMax, emptyHistogram, fit, histogramFrom, histogramText, quantileOf, type Histogram } from './histogram.ts'

function histogramOf(values: readonly number[]): Histogram {
  const histogram = emptyHistogram()
  for (const value of values) addValue(histogram, value)
  return histogram
}

function exact(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(quantile * (sorted.length - 1))] ?? 0
}

const wholeNumbers = fc.array(fc.integer({ min: 0, max: 10_000_000_000 }), { minLength: 1, maxLength: 600 })

describe('a histogram', () => {
  it('is off by at most one per cent where its values fit, and by what its level says otherwise', () => {
    fc.assert(
      fc.property(wholeNumbers, fc.constantFrom(0.5, 0.9, 0.95, 0.99), (values, quantile) => {
        const histogram = histogramOf(values)
        const wide = (1.01 / 0.99) ** (2 ** histogram.level)
        const allowed = (wide - 1) / (wide + 1)
        const wanted = exact(values, quantile)
        const found = quantileOf(histogram, quantile) ?? -1
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(wanted * allowed * (1 + 1e-9) + 1e-9)
      }),
    )
  })

  it('of an hour of latencies keeps within two per cent', () => {
    const chance = seededChance(7)
    // Log-normal around two seconds, in microseconds.
    const values = Array.from({ length: 20_000 }, () => Math.round(2_000_000 * Math.exp(0.6 * (chance.next() + chance.next() + chance.next() + chance.next() - 2) * 1.7)))
    const histogram = histogramOf(values)
    expect(histogram.level).toBeLessThanOrEqual(1)
    for (const quantile of [0.5, 0.9, 0.99]) expect(Math.abs((quantileOf(histogram, quantile) ?? 0) / exact(values, quantile) - 1)).toBeLessThan(0.02)
  })

  it('is the same whatever the order of its values and however they were put together', () => {
    fc.assert(
      fc.property(wholeNumbers, wholeNumbers, wholeNumbers, (a, b, c) => {
        const together = histogramText(histogramOf([...c, ...a, ...b]))
        const pieces = histogramOf(b)
        for (const other of [c, a]) {
          addHistogram(pieces, histogramOf(other))
          fit(pieces)
        }
        expect(histogramText(pieces)).toBe(together)
      }),
    )
  })

  it('is read as it was written, and never longer than its bound', () => {
    fc.assert(
      fc.property(wholeNumbers, (values) => {
        const histogram = histogramOf(values)
        expect(histogram.bins.size).toBeLessThanOrEqual(binsMax)
        const text = histogramText(histogram)
        expect(text.length).toBeLessThan(binsMax * 8 + 8)
        expect(histogramText(histogramFrom(text))).toBe(text)
      }),
    )
  })

  it('of nothing has no percentile, and of zeros has zero', () => {
    expect(quantileOf(emptyHistogram(), 0.5)).toBeUndefined()
    expect(quantileOf(histogramOf([0, 0, 0]), 0.99)).toBe(0)
  })
})
