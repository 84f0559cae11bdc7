import { expect, it } from 'vitest'
import { newState, stateFrom, stateText } from './group-state.ts'
import { addValue, emptyHistogram } from './histogram.ts'
import { cutOf } from './slices.ts'

it('what a group keeps fits into its row, however much came and however long its values are', () => {
  const windowMs = 7 * 86_400_000
  const { sliceMs, slices } = cutOf({ kind: 'percentile' }, windowMs)
  const nowMs = Date.UTC(2026, 10, 22)
  const state = newState('0123456789ab', Array.from({ length: 8 }, () => 'v'.repeat(200)), nowMs)
  for (let index = 0; index <= slices; index++) {
    const bins = emptyHistogram()
    // Six orders of magnitude, millions of values in the fullest bins.
    for (let i = 0; i < 5_000; i++) addValue(bins, Math.round(1_000 * 1.003 ** i))
    for (const bin of bins.bins.keys()) bins.bins.set(bin, 1_500_000)
    state.slices.set(Math.floor(nowMs / sliceMs) + index, { count: 100_000_000, value: 0, bins })
  }
  const text = stateText(state)
  expect(text.length).toBeLessThan(16_000)
  expect(stateText(stateFrom(text, '0123456789ab') ?? newState('', [], 0))).toBe(text)
})
