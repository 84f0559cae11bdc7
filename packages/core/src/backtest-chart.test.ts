import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backtest, type Backtest } from './backtest.ts'
import { configurationFrom } from './configuration.ts'
import type { ConfigInput } from './model/config.ts'
import type { Event } from './model/event.ts'
import type { Store } from './model/store.ts'
import { openSqliteStore } from './stores/sqlite.ts'
import { manualClock } from './testing/manual-clock.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const fromMs = Date.parse('2026-11-16T00:00:00Z')
const untilMs = fromMs + 7 * dayMs

let folder: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-chart-'))
  store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: manualClock(untilMs), durability: 'normal' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

let number = 0
const call = (atMs: number, durationMs: number, costNanoUsd: number, model = 'gpt-5'): Event => ({
  id: `call-${(number += 1)}`, project: 'default', type: 'llm.call', source: 'native', atMs, durationMs, tags: {}, status: 'ok', agent: 'bot', llm: { provider: 'openai', model, operation: 'chat', costNanoUsd, costSource: 'priced' },
})
const put = async (events: readonly Event[]): Promise<void> => {
  for (let from = 0; from < events.length; from += 1_000) await store.transaction((tx) => tx.insertEvents(events.slice(from, from + 1_000)))
}
/** One call every ten minutes. */
const week = (of: (atMs: number) => readonly Event[]): readonly Event[] => Array.from({ length: 7 * 144 }, (_, index) => of(fromMs + index * 10 * minuteMs + 1)).flat()
const people: ConfigInput = { channels: { kept: { type: 'inbox' } }, people: { dana: { role: 'admin' } }, routes: [{ to: ['dana'], via: ['kept'] }] }
const run = (rule: string, config: ConfigInput): Promise<Backtest> => backtest({ config: configurationFrom({ ...people, ...config }), rule, read: store.read, fromMs, untilMs, draws: true })

test('of a threshold the window is drawn at its worst in each hour, by the rule’s own measure, with where it fires', async () => {
  const slowMs = fromMs + 3 * dayMs + 5 * hourMs
  await put(week((atMs) => [call(atMs, atMs >= slowMs && atMs < slowMs + 20 * minuteMs ? 30_000 : 1_000, 1), call(atMs + 1, 500, 1, 'gpt-5-mini')]))
  const { chart, marks, markTotals, alerts, alertsTotal } = await run('slow', { rules: { slow: { on: 'llm.call', measure: 'max(durationMs)', above: 20_000, window: '1h', groupBy: ['model'], severity: 'high' } } })
  expect(chart).toMatchObject({ kind: 'threshold', measure: 'max(durationMs)', unit: 'ms', stepMs: hourMs, groupBy: ['model'], groups: 2, thresholds: [{ value: 20_000, isBelow: false, until: 18_000 }] })
  expect(chart?.series.map(({ values, points }) => [values, points.length > 160])).toEqual([[['gpt-5'], true], [['gpt-5-mini'], true]])
  const worst = chart?.series[0]?.points.filter(({ value }) => value > 20_000) ?? []
  expect(worst.map(({ atMs }) => Math.ceil((atMs - fromMs) / hourMs))).toEqual([3 * 24 + 6, 3 * 24 + 7])
  expect([worst[0]?.value, alertsTotal, alerts[0]?.atMs]).toEqual([30_000, 1, expect.closeTo(slowMs, -6) as number])
  expect(markTotals).toEqual({ told: (marks ?? []).filter(({ kind }) => kind === 'told').length, merged: (marks ?? []).filter(({ kind }) => kind === 'merged').length, held: (marks ?? []).filter(({ kind }) => kind === 'held').length })
  const told = marks?.find(({ kind }) => kind === 'told')
  expect([told?.person, told?.channel, told?.alerts, (told?.atMs ?? 0) - (alerts[0]?.atMs ?? 0) < hourMs]).toEqual(['*', 'kept', [0], true])
})

test('of an anomaly each interval is drawn with what was expected before it came', async () => {
  const strangeMs = fromMs + 5 * dayMs
  await put(week((atMs) => [call(atMs, 1, atMs >= strangeMs && atMs < strangeMs + 20 * minuteMs ? 9_000_000_000 : 200_000_000 + (Math.floor(atMs / hourMs) % 24) * 1_000_000)]))
  const { chart, alertsTotal, alerts } = await run('spend-anomaly', {})
  expect([chart?.kind, chart?.unit, chart?.measure, alertsTotal]).toEqual(['anomaly', 'usd', 'sum(costUsd)', 1])
  const points = chart?.series[0]?.points ?? []
  // Two days are learned.
  const known = points.find(({ expected }) => expected !== undefined)
  expect((known?.atMs ?? 0) - fromMs).toBeGreaterThanOrEqual(2 * dayMs)
  const outside = points.filter(({ value, high = Infinity }) => value > high * 5)
  expect(outside.map(({ value }) => value)).toEqual([9])
  expect(outside[0]).toMatchObject({ atMs: expect.closeTo(alerts[0]?.atMs ?? 0, -6) as number, expected: expect.closeTo(0.21, 1) as number })
})

test('of a budget what was spent is drawn from nothing in each period, with its thresholds', async () => {
  await put(week((atMs) => [call(atMs, 1, 10_000_000)]))
  const { chart, alertsTotal } = await run('day', { budgets: { day: { amountUsd: 1, period: 'day', thresholds: [0.5, 1], forecast: false } } })
  expect([chart?.kind, chart?.thresholds, alertsTotal]).toEqual(['budget', [{ value: 0.5, isBelow: false, share: 0.5 }, { value: 1, isBelow: false, share: 1 }], 14])
  const days = Array.from({ length: 7 }, (_, day) => Math.max(...(chart?.series[0]?.points ?? []).filter(({ atMs }) => atMs > fromMs + day * dayMs && atMs <= fromMs + (day + 1) * dayMs).map(({ value }) => value)))
  expect(days.map((value) => Math.round(value * 100) / 100)).toEqual([1.44, 1.44, 1.44, 1.44, 1.44, 1.44, 1.44])
})

test('a rule that measures nothing has no chart, and nothing is drawn that nobody asked for', async () => {
  await put([call(fromMs + hourMs, 1, 2_000_000_000)])
  const config: ConfigInput = { rules: { big: { on: 'llm.call', when: 'event.costUsd > 1.0' } }}
  // That it is over is told as well.
  expect(await run('big', config)).toMatchObject({ alertsTotal: 1, marks: [{ kind: 'told', alerts: [0] }, { kind: 'told', alerts: [0] }] })
  expect(await run('big', config)).not.toHaveProperty('chart')
  const plain = await backtest({ config: configurationFrom({ ...people, ...config }), rule: 'big', read: store.read, fromMs, untilMs })
  expect([plain.chart, plain.marks]).toEqual([undefined, undefined])
})
