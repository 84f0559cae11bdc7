import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openSqliteStore, type Event, type Store } from 'tocsin/engine'
import { SlotBook, SlotScopes } from '../../../core/src/rules/budgets/slots.ts'
import { manualClock, type ManualClock } from '../../../core/src/testing/manual-clock.ts'
import { SpendToday } from './spend-today.ts'

const noonMs = Date.parse('2026-11-23T12:35:00Z')
const hourMs = 3_600_000
const dayMs = 24 * hourMs

let folder: string
let store: Store
let clock: ManualClock
let spend: SpendToday
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-spend-'))
  clock = manualClock(noonMs)
  store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock, durability: 'normal', isListed: true })
  spend = new SpendToday({ read: store.read, clock: unwaiting(), project: 'bots' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** By which what lets others have their turn goes on at once. */
const unwaiting = () => ({ ...clock, after: (_delayMs: number, task: () => void) => { setImmediate(task); return () => undefined } })
const call = (atMs: number, costNanoUsd: number | 'unknown' = 100): Event => ({
  id: `call-${atMs}`, project: 'bots', type: 'llm.call', source: 'native', atMs, durationMs: 1, tags: {}, status: 'ok', agent: `agent-${atMs % 3}`,
  llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', ...(costNanoUsd === 'unknown' ? { costSource: 'unknown' as const } : { costNanoUsd, costSource: 'priced' as const }) },
})
const scopes = new SlotScopes()
/** As the intake counts them. */
const count = (...events: readonly Event[]) => {
  const book = new SlotBook(scopes)
  for (const event of events) book.add(event)
  return store.transaction((tx) => tx.addSpend(book.deltas()))
}

test('today is what was called since its midnight, what has no price apart', async () => {
  await count(call(noonMs - 13 * hourMs, 999), call(noonMs - 12 * hourMs), call(noonMs - hourMs, 50), call(noonMs - 1, 'unknown'))
  expect(await spend.of('UTC')).toEqual({ nanoUsd: 150, calls: 3, unpriced: 1 })
  // In Shanghai the day began eight hours earlier, on another day of UTC.
  expect(await spend.of('Asia/Shanghai')).toEqual({ nanoUsd: 150 + 999, calls: 4, unpriced: 1 })
})

test('what comes later is there after two seconds, and what comes late with it', async () => {
  await count(call(noonMs - 10))
  expect((await spend.of('UTC')).nanoUsd).toBe(100)
  await count(call(noonMs - 1, 7), call(noonMs - 11 * hourMs, 5))
  clock.advance(2_000)
  expect((await spend.of('UTC')).nanoUsd).toBe(112)
})

test('days of which sums alone are known are days too', async () => {
  await count(...[1, 2, 3].map((days): Event => ({ ...call(noonMs - days * dayMs - 2 * hourMs, days * 100), type: 'llm.usage' })))
  expect(await spend.of('UTC')).toEqual({ nanoUsd: 0, calls: 0, unpriced: 0, usualNanoUsd: 200 })
})

test('usual is the mean of the days before up to the same time, of at least three', async () => {
  const before = (days: number, costNanoUsd: number, afterMs = -2 * hourMs) => call(noonMs - days * dayMs + afterMs, costNanoUsd)
  await count(before(1, 100), before(2, 200))
  expect((await spend.of('UTC')).usualNanoUsd).toBeUndefined()
  clock.advance(600_000)
  // What those days cost later than now does not count; of the ten minutes that run their share does: now they are half over.
  await count(before(3, 300), before(1, 5_000, 3 * hourMs), before(2, 60, 600_000 - 1))
  expect((await spend.of('UTC')).usualNanoUsd).toBe((100 + 230 + 300) / 3)
})

test('usual is by the time of day of the zone, also where the clocks were put back', async () => {
  // On 1 November the clocks of New York went back: the day before began 25 hours earlier, and 10:00 of Saturday is 14:00 UTC.
  clock = manualClock(Date.parse('2026-11-02T15:00:00Z'))
  spend = new SpendToday({ read: store.read, clock: unwaiting(), project: 'bots' })
  await count(call(Date.parse('2026-10-31T13:55:00Z'), 30), call(Date.parse('2026-10-31T14:05:00Z'), 1_000), call(Date.parse('2026-10-30T13:55:00Z'), 30), call(Date.parse('2026-10-29T05:00:00Z'), 30))
  expect((await spend.of('America/New_York')).usualNanoUsd).toBe(30)
})

test('no more than a day is read at once, and a day that is over once in ten minutes', async () => {
  const read = vi.spyOn(store.read, 'spendSlots')
  await spend.of('UTC')
  expect(read.mock.calls.every(([{ fromMs, untilMs }]) => untilMs - fromMs === dayMs)).toBe(true)
  expect(read).toHaveBeenCalledTimes(8)
  clock.advance(2_000)
  await spend.of('UTC')
  expect(read).toHaveBeenCalledTimes(9)
  await spend.of('UTC')
  expect(read).toHaveBeenCalledTimes(9)
  clock.advance(600_000)
  await spend.of('UTC')
  expect(read).toHaveBeenCalledTimes(17)
})

test('what could not be read is read anew', async () => {
  await count(call(noonMs - 10))
  vi.spyOn(store.read, 'spendSlots').mockRejectedValueOnce(new Error('disk on fire'))
  await expect(spend.of('UTC')).rejects.toThrow('disk on fire')
  expect((await spend.of('UTC')).nanoUsd).toBe(100)
})
