import { expect, test } from 'vitest'
import type { StoreUnderTest } from '../store-suite.ts'

export function installationSuite(here: StoreUnderTest): void {
  test('a store has a key of its own, which is the same after it was opened again', async () => {
    const first = Buffer.from(here.store.redactionKey).toString('hex')
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(first).size).toBeGreaterThan(4)
    expect(Buffer.from((await here.reopen()).redactionKey).toString('hex')).toBe(first)
  })
}
