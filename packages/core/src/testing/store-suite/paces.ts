import { expect, test } from 'vitest'
import type { StoreUnderTest } from '../store-suite.ts'
import { sampleMs } from './samples.ts'

export function paceSuite(here: StoreUnderTest): void {
  const pace = { sinceMs: sampleMs, atMs: sampleMs + 60_000, count: 3 }

  test('a pace is kept by its key over a restart, and absent where there is none', async () => {
    await here.write((tx) => tx.putPaces([{ key: 'storm a', ...pace, count: 1 }, { key: 'storm b', ...pace }]))
    await here.write((tx) => tx.putPaces([{ key: 'storm a', ...pace }]))
    const again = await here.reopen()
    expect(await again.transaction((tx) => tx.paces(['storm a', 'storm b', 'storm c']))).toEqual(new Map([['storm a', pace], ['storm b', pace]]))
  })

  test('a pace that was removed is gone, and no other; removing it again changes nothing', async () => {
    await here.write((tx) => tx.putPaces([{ key: 'storm a', ...pace }, { key: 'storm b', ...pace }]))
    await here.write((tx) => tx.removePaces(['storm a', 'storm c']))
    await here.write((tx) => tx.removePaces(['storm a']))
    expect(await here.write((tx) => tx.paces(['storm a', 'storm b']))).toEqual(new Map([['storm b', pace]]))
  })
}
