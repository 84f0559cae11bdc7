import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configSchema, type ConfigInput } from '../model/config.ts'
import type { Event } from '../model/event.ts'
import type { Store } from '../model/store.ts'
import { createDetector } from '../rules/detect.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { manualClock, type ManualClock } from '../testing/manual-clock.ts'
import { budgetSeries, roundAbove, spentBefore } from './budget-series.ts'

const dayMs = 86_400_000
const nowMs = Date.parse('2026-11-20T12:00:00Z')
const usd = 1e9

let folder: string
let store: Store
let clock: ManualClock
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-burn-'))
  clock = manualClock(nowMs)
  store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock, durability: 'normal' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

let number = 0
const call = (atMs: number, costNanoUsd: number, agent = 'bot'): Event => ({
  id: `call-${(number += 1)}`, project: 'bots', type: 'llm.call', source: 'native', atMs, durationMs: 1, tags: {}, status: 'ok', agent, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd, costSource: 'priced' },
})
const configOf = (budgets: NonNullable<ConfigInput['budgets']>) => configSchema.parse({ project: 'bots', budgets })
const take = (config: ReturnType<typeof configOf>, events: readonly Event[], atMs = nowMs) => store.transaction((tx) => createDetector(config).detect(tx, events, atMs))

test('ten dollars a day lead to three hundred by the end of the month, and past the amount on its 28th', async () => {
  const config = configOf({ team: { amountUsd: 275, period: 'month', thresholds: [0.5, 0.9] } })
  const startMs = Date.parse('2026-11-01T00:00:00Z')
  for (let atMs = startMs + 3_600_000; atMs < nowMs; atMs += 2 * 3_600_000) await take(config, [call(atMs, (10 / 12) * usd)], atMs)
  await take(config, [call(Date.parse('2026-10-10T00:00:00Z'), 300 * usd)])
  const series = await budgetSeries({ read: store.read, clock, config }, 'team', 5)
  expect(series).toMatchObject({ startMs, endMs: Date.parse('2026-12-01T00:00:00Z'), groupsTotal: 1, last: { startMs: Date.parse('2026-10-01T00:00:00Z'), nanoUsd: 300 * usd } })
  const [course] = series?.courses ?? []
  expect((course?.spentNanoUsd ?? 0) / usd).toBeCloseTo(195, 5)
  expect(course?.buckets.at(-1)?.totalNanoUsd).toBe(course?.spentNanoUsd)
  expect(course?.thresholds.map(({ crossedAtMs }) => crossedAtMs === undefined ? undefined : Math.floor((crossedAtMs - startMs) / dayMs))).toEqual([13, undefined])
  const { forecast } = course ?? {}
  expect([forecast?.nanoUsd, forecast?.lowNanoUsd, forecast?.highNanoUsd].map((one) => Math.round((one ?? 0) / usd))).toEqual([expect.closeTo(300, -1), expect.closeTo(300, -1), expect.closeTo(300, -1)])
  expect(new Date(forecast?.crossesAtMs ?? 0).toISOString().slice(0, 10)).toBe('2026-11-28')
  expect([(forecast?.earliestCrossingMs ?? 0) <= (forecast?.crossesAtMs ?? 0), (forecast?.crossesAtMs ?? 0) <= (forecast?.latestCrossingMs ?? 0)]).toEqual([true, true])
  expect([forecast?.buckets.at(-1)?.untilMs, forecast?.buckets.at(-1)?.value, (forecast?.buckets[0]?.untilMs ?? 0) > nowMs]).toEqual([series?.endMs, forecast?.nanoUsd, true])
})

test('too little is not foreseen, and what lasts has no crossing', async () => {
  const config = configOf({ team: { amountUsd: 500, period: 'month' } })
  await take(config, [call(nowMs - dayMs, usd)])
  expect((await budgetSeries({ read: store.read, clock, config }, 'team', 5))?.courses[0]).not.toHaveProperty('forecast')
  for (let day = 2; day < 19; day += 1) await take(config, [call(nowMs - day * dayMs, usd)])
  const { forecast } = (await budgetSeries({ read: store.read, clock, config }, 'team', 5))?.courses[0] ?? {}
  expect(forecast).toBeDefined()
  expect(forecast).not.toHaveProperty('crossesAtMs')
  expect(await budgetSeries({ read: store.read, clock, config }, 'none', 5)).toBeUndefined()
})

test('last month is what the project spent whatever budgets there are, and a round amount above it is suggested', async () => {
  const config = configOf({})
  await take(config, [call(Date.parse('2026-10-01T00:00:00Z'), 110 * usd), call(Date.parse('2026-10-31T23:59:59Z'), 200 * usd), call(Date.parse('2026-11-01T00:00:00Z'), 7 * usd)])
  expect(await spentBefore({ read: store.read, clock }, 'bots', 'month', 'UTC')).toEqual({ startMs: Date.parse('2026-10-01T00:00:00Z'), endMs: Date.parse('2026-11-01T00:00:00Z'), nanoUsd: 310 * usd, unpriced: 0, suggestedUsd: 400 })
  expect(await spentBefore({ read: store.read, clock }, 'bots', 'day', 'UTC')).toBeUndefined()
  expect([387, 1.3, 12, 100, 0.034, 1_400].map(roundAbove)).toEqual([400, 1.5, 15, 100, 0.04, 1_500])
})
