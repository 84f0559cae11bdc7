import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configSchema } from '../model/config.ts'
import type { Event } from '../model/event.ts'
import type { Store } from '../model/store.ts'
import { createDetector } from '../rules/detect.ts'
import { slotScopeOf } from '../rules/budgets/slots.ts'
import { createSpendDetector } from '../rules/spend-anomaly/detector.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { manualClock, type ManualClock } from '../testing/manual-clock.ts'
import { spendSeries, type SpendSeriesAsk } from './spend-series.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const slotMs = 600_000
const noonMs = Date.parse('2026-11-23T12:05:00Z')

let folder: string
let store: Store
let clock: ManualClock
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-series-'))
  clock = manualClock(noonMs)
  store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock, durability: 'normal' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

let number = 0
const call = (atMs: number, costNanoUsd: number | 'unknown', change: { readonly agent?: string; readonly model?: string } = {}): Event => ({
  id: `call-${(number += 1)}`, project: 'bots', type: 'llm.call', source: 'native', atMs, durationMs: 1, tags: {}, status: 'ok', agent: change.agent ?? 'bot',
  llm: { provider: 'openai', model: change.model ?? 'gpt-5', operation: 'chat', ...(costNanoUsd === 'unknown' ? { costSource: 'unknown' as const } : { costNanoUsd, costSource: 'priced' as const }) },
})
/** By an engine of its own, as another process would. */
const take = (...events: readonly Event[]) => store.transaction((tx) => createDetector(configSchema.parse({})).detect(tx, events, noonMs))
/** What is asked for waits for nothing but its turn. */
async function series(ask: Partial<SpendSeriesAsk>): ReturnType<typeof spendSeries> {
  const immediate = { ...clock, nowMs: () => clock.nowMs(), monotonicMs: () => clock.monotonicMs(), after: (_delayMs: number, task: () => void) => { setImmediate(task); return () => undefined } }
  return spendSeries({ read: store.read, clock: immediate }, { project: 'bots', sinceMs: noonMs - 3 * hourMs, untilMs: noonMs, step: 'hour', timezone: 'UTC', ...ask })
}

test('what calls cost is summed by hours as it comes, late and twice included, without a look at any event', async () => {
  await take(call(noonMs - hourMs, 100), call(noonMs - hourMs, 'unknown'), call(noonMs - 3 * hourMs, 7))
  await take(call(noonMs - hourMs, 11), call(noonMs, 5))
  const { buckets, firstMs, forecast } = await series({})
  expect(buckets.map(({ nanoUsd, calls, unpriced }) => [nanoUsd, calls, unpriced])).toEqual([[7, 1, 0], [0, 0, 0], [111, 3, 1], [5, 1, 0]])
  expect([buckets[0]?.fromMs, buckets.at(-1)?.untilMs, firstMs, forecast]).toEqual([Date.parse('2026-11-23T09:00:00Z'), Date.parse('2026-11-23T13:00:00Z'), Date.parse('2026-11-23T09:00:00Z'), []])
})

test('days are those of the zone', async () => {
  await take(call(Date.parse('2026-11-22T15:59:00Z'), 1), call(Date.parse('2026-11-22T16:01:00Z'), 10))
  const { buckets } = await series({ step: 'day', timezone: 'Asia/Shanghai', sinceMs: noonMs - dayMs })
  expect(buckets.map(({ nanoUsd }) => nanoUsd)).toEqual([1, 10])
})

test('ten minutes in which a day begins belong to one day, whoever is asked about', async () => {
  // In Kathmandu it begins at 18:15 UTC.
  await take(call(Date.parse('2026-11-22T18:14:00Z'), 1), call(Date.parse('2026-11-22T18:19:00Z'), 10), call(Date.parse('2026-11-22T18:20:00Z'), 100))
  const { buckets, groups } = await series({ step: 'day', timezone: 'Asia/Kathmandu', sinceMs: noonMs - dayMs, groupBy: 'agent' })
  expect([buckets.map(({ nanoUsd }) => nanoUsd), groups?.map((group) => group.series)]).toEqual([[11, 100], [[11, 100]]])
})

test('five groups have a series of their own, and all others share one', async () => {
  await take(...Array.from({ length: 7 }, (_, index) => call(noonMs - hourMs, 100 - index, { model: `m${index}`, agent: index % 2 === 0 ? 'even' : 'odd|\\' })), call(noonMs, 1_000, { model: 'm1' }))
  const { groups } = await series({ groupBy: 'model' })
  expect(groups?.map(({ name, nanoUsd, calls }) => [name, nanoUsd, calls])).toEqual([['m1', 1_099, 2], ['m0', 100, 1], ['m2', 98, 1], ['m3', 97, 1], ['m4', 96, 1], [undefined, 95 + 94, 2]])
  expect(groups?.map((group) => group.series)).toEqual([[0, 0, 99, 1_000], ...[100, 98, 97, 96, 95 + 94].map((sum) => [0, 0, sum, 0])])
  expect((await series({ groupBy: 'model', step: 'day', timezone: 'Asia/Kathmandu', sinceMs: noonMs - dayMs })).groups?.map((group) => group.series)).toEqual([[0, 1_099], [0, 100], [0, 98], [0, 97], [0, 96], [0, 95 + 94]])
  const { buckets } = await series({ agent: 'odd|\\' })
  expect(buckets.map(({ nanoUsd }) => nanoUsd)).toEqual([0, 0, 99 + 97 + 95, 0])
  expect((await series({ agent: 'even', model: 'm1' })).buckets.map(({ nanoUsd }) => nanoUsd)).toEqual([0, 0, 0, 0])
  expect((await series({ agent: 'nobody' })).buckets.every(({ nanoUsd }) => nanoUsd === 0)).toBe(true)
})

test('names beyond the fiftieth of a day share a sum, and nothing is lost', async () => {
  const events = Array.from({ length: 60 }, (_, index) => call(noonMs, 10, { agent: `a${index}` }))
  await take(...events)
  const { buckets, groups } = await series({ groupBy: 'agent' })
  expect([buckets.at(-1)?.nanoUsd, groups?.[0]]).toMatchObject([600, { name: 'other', nanoUsd: 100 }])
  expect(slotScopeOf(String.raw`a\|b\\|gpt`)).toEqual({ agent: 'a|b\\', model: 'gpt' })
})

test('what is usual is what the detector of spend holds for usual, and what is left of today is foreseen', async () => {
  const first = Math.floor((noonMs - 5 * dayMs) / slotMs)
  const value = (slot: number): number => 1_000_000 + (slot % 144) * 10_000
  const last = Math.floor(noonMs / slotMs)
  await take(...Array.from({ length: last - first }, (_, index) => call((first + index) * slotMs + 1, value(first + index))))
  const { buckets, forecast } = await series({ sinceMs: noonMs - 4 * dayMs, untilMs: noonMs + 3 * hourMs })
  const detector = createSpendDetector()
  let hour = { expected: 0, low: 0, high: 0 }
  for (let slot = first; slot < last; slot += 1) {
    const { expected, low, high } = detector.step(value(slot), slot * slotMs)
    if (slot >= last - last % 6 - 6 && slot < last - last % 6) hour = { expected: hour.expected + expected, low: hour.low + low, high: hour.high + high }
  }
  const { expected } = buckets.findLast(({ untilMs }) => untilMs <= noonMs) ?? {}
  expect([expected?.expected, expected?.low, expected?.high].map((one) => (one ?? 0) / 1e4)).toEqual([hour.expected, hour.low, hour.high].map((one) => expect.closeTo(one / 1e4, 0) as number))
  // Two days are learned first.
  expect([buckets[0]?.expected, buckets.at(-1)?.expected !== undefined]).toEqual([undefined, true])
  expect(forecast).toHaveLength(4)
  expect(forecast[0]).toMatchObject({ fromMs: Math.floor(noonMs / slotMs) * slotMs, untilMs: Date.parse('2026-11-23T13:00:00Z') })
  for (const { value: foreseen, low, high } of forecast) expect([low <= foreseen && foreseen <= high, foreseen > 4_000_000]).toEqual([true, true])
})
