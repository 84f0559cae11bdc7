import { afterEach, expect, test } from 'vitest'
import { manualClock } from '../testing/manual-clock.ts'
import { Driver } from './driver.ts'

const nothing = { settled: 0, fired: 0, claimed: 0, moved: 0 }
const startMs = Date.parse('2026-11-23T10:00:00Z')
let driver: Driver | undefined
afterEach(() => driver?.stop())

/** Looks at a store in which nothing is due, counted. */
function idle(hears: boolean): { readonly pass: (ms: number) => Promise<void>; readonly looks: () => number; readonly wake: () => void } {
  const clock = manualClock(startMs)
  let looks = 0
  const own = new Driver({ inFlight: 0, unsettled: 0, deliver: async () => nothing, nextDueMs: async () => void (looks += 1) }, clock, () => undefined, { hears })
  driver = own
  own.start()
  return {
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += 100) {
        clock.advance(100)
        // What it does at once is done, without time passing.
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
      }
    },
    looks: () => looks,
    wake: () => own.wake(),
  }
}

test('where nobody says what they leave, it looks every half second', async () => {
  const { pass, looks } = idle(false)
  await pass(10_000)
  expect(looks()).toBeGreaterThanOrEqual(17)
})

test('where others say so it looks every two seconds, and at once when it hears', async () => {
  const { pass, looks, wake } = idle(true)
  await pass(10_000)
  const looked = looks()
  expect(looked).toBeGreaterThanOrEqual(4)
  expect(looked).toBeLessThanOrEqual(6)
  wake()
  await pass(100)
  expect(looks()).toBe(looked + 1)
})
