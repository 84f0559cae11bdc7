import { describe, expect, test } from 'vitest'
import { faults } from './faults.ts'
import { manyRuns } from './many.ts'

describe('budgets under crashes, repetition, lateness and disorder', () => {
  test('tell each crossing and each forecast exactly once in runs 1 to 200', { timeout: 120_000 }, async () => {
    const results = await manyRuns(1, 200)
    expect(results.filter(({ violation }) => violation !== undefined)).toEqual([])
    const sum = (of: 'deaths' | 'resent' | 'crossings' | 'forecasts'): number => results.reduce((total, result) => total + result[of], 0)
    expect(Math.min(sum('deaths'), sum('resent'), sum('crossings'))).toBeGreaterThan(200)
    expect(sum('forecasts')).toBeGreaterThan(20)
  })

  test.each([{ seed: 6912, found: 'a clock that is ahead by more than five minutes counts as now' }])('hold in run $seed, which once did not: $found', async ({ seed }) => {
    expect((await manyRuns(seed, seed)).map(({ violation }) => violation)).toEqual([undefined])
  })

  test.each(faults)('the runs catch that $says', { timeout: 60_000 }, async (fault) => {
    const results = await manyRuns(1, 40, { fault })
    expect(results.filter(({ violation }) => violation !== undefined).length).toBeGreaterThan(0)
  })

  test('a run is the same again for the same seed', async () => {
    expect(await manyRuns(17, 19)).toEqual(await manyRuns(17, 19))
  })
})
