import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { AlertChange } from '../../model/alert.ts'
import { configSchema, type ConfigInput } from '../../model/config.ts'
import type { Event, LlmCall } from '../../model/event.ts'
import { nanoFromUsd } from '../../model/money.ts'
import type { Store } from '../../model/store.ts'
import { openSqliteStore } from '../../stores/sqlite.ts'
import { manualClock } from '../../testing/manual-clock.ts'
import { applyNews } from '../alerts.ts'
import { createDetector, type Detector } from '../detect.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const midnightMs = Date.UTC(2026, 10, 22)

const folders: { readonly folder: string; readonly store: Store }[] = []
afterEach(async () => {
  for (const { folder, store } of folders.splice(0)) {
    await store.close()
    rmSync(folder, { recursive: true })
  }
})

/** A store, and an engine that starts anew with each batch: nothing may be kept in memory. */
function world(config: ConfigInput): (events: readonly Event[], nowMs: number) => Promise<readonly AlertChange[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-budgets-'))
  const store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: manualClock(midnightMs), durability: 'normal' })
  folders.push({ folder, store })
  const engine = (): Detector => createDetector(configSchema.parse({ ...config, rules: { 'model-expensive': false, 'session-expensive': false, ...config.rules } }))
  return (events, nowMs) => store.transaction(async (tx) => applyNews(tx, await engine().detect(tx, events, nowMs), nowMs))
}

let count = 0
function call(costUsd: number, atMs: number, change: Partial<Event> = {}, llm: Partial<LlmCall> = {}): Event {
  count += 1
  return {
    id: `e${count}`, project: 'bots', type: 'llm.call', source: 'observe', atMs, durationMs: 100, tags: {}, status: 'ok', agent: 'refund-bot', ...change,
    llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd: nanoFromUsd(costUsd), costSource: 'priced', ...llm },
  }
}

function told(changes: readonly AlertChange[]): readonly string[] {
  return changes.filter(({ change }) => change !== 'counted').map(({ change, alert }) => `${change} ${alert.rule} ${alert.severity}`)
}

describe('a rolling budget', () => {
  const config: ConfigInput = { budgets: { window: { amountUsd: 10, rolling: '24h', thresholds: [0.5, 1] } }, rules: { 'spend-velocity': false } }

  it('tells a threshold once, and again when the window had fallen below nine tenths of it', async () => {
    const accept = world(config)
    expect(told(await accept([call(4, midnightMs)], midnightMs))).toEqual([])
    const changes = await accept([call(2, midnightMs + hourMs)], midnightMs + hourMs)
    expect(told(changes)).toEqual(['opened budget warning'])
    expect(changes[0]?.alert.params).toMatchObject({ percent: 50, spentUsd: 6, windowMs: dayMs, remainingUsd: 4 })
    expect(changes[0]?.alert.params).not.toHaveProperty('period')
    expect(told(await accept([call(1, midnightMs + 2 * hourMs)], midnightMs + 2 * hourMs))).toEqual([])
    // The first call has left the window: 3 are in it, and the next two make 5.5.
    expect(told(await accept([call(1, midnightMs + 24.5 * hourMs)], midnightMs + 24.5 * hourMs))).toEqual([])
    expect(told(await accept([call(1.5, midnightMs + 24.6 * hourMs)], midnightMs + 24.6 * hourMs))).toEqual(['opened budget warning'])
  })

  it('does not tell a threshold again that the sum only dips below', async () => {
    const accept = world(config)
    await accept([call(0.4, midnightMs), call(4.8, midnightMs + hourMs)], midnightMs + hourMs)
    // 4.8 are left, which is more than nine tenths of 5.
    expect(told(await accept([call(0.5, midnightMs + 24.5 * hourMs)], midnightMs + 24.5 * hourMs))).toEqual([])
  })

  it('counts what comes late while it is in the window, and not what is older', async () => {
    const accept = world(config)
    expect(told(await accept([call(8, midnightMs - dayMs), call(4, midnightMs)], midnightMs + hourMs))).toEqual([])
    expect(told(await accept([call(1, midnightMs - 10 * hourMs)], midnightMs + hourMs))).toEqual(['opened budget warning'])
  })
})

describe('a forecast', () => {
  const config: ConfigInput = { budgets: { day: { amountUsd: 24, thresholds: [1] } }, rules: { 'spend-velocity': false } }
  const each = (usd: number, hours: number): readonly Event[] => Array.from({ length: hours * 4 }, (_, index) => call(usd / 4, midnightMs + (index + 1) * 15 * minuteMs))

  it('says once when the amount is used up at this pace, and what the period comes to', async () => {
    const accept = world(config)
    const nowMs = midnightMs + 6 * hourMs
    const changes = await accept(each(2, 6), nowMs)
    expect(told(changes)).toEqual(['opened budget-forecast warning'])
    const { params, evidence } = changes[0]?.alert ?? {}
    expect(params).toMatchObject({ budget: 'day', period: 'day', spentUsd: 12, amountUsd: 24, periodEnd: midnightMs + dayMs })
    expect(Math.abs(Number(params?.projectedUsd) - 48)).toBeLessThan(2)
    expect(Math.abs(Number(params?.crossesAt) - (midnightMs + 12 * hourMs))).toBeLessThan(40 * minuteMs)
    expect(evidence).toMatchObject({ spentNanoUsd: 12e9, amountNanoUsd: 24e9, periodStartMs: midnightMs })
    expect(told(await accept([call(1, nowMs)], nowMs + minuteMs))).toEqual([])
  })

  it('is made of usage that was added up, too', async () => {
    const usage = each(2, 6).map((event): Event => ({ ...event, type: 'llm.usage' }))
    expect(told(await world(config)(usage, midnightMs + 6 * hourMs))).toEqual(['opened budget-forecast warning'])
  })

  it('is not made when the amount will last, from one burst, too early, from few calls, or once everything is spent', async () => {
    expect(told(await world(config)(each(1, 6), midnightMs + 6 * hourMs))).toEqual([])
    expect(told(await world(config)([...each(0.5, 6), call(12, midnightMs + 3 * hourMs)], midnightMs + 6 * hourMs))).toEqual([])
    expect(told(await world(config)(each(5, 2), midnightMs + 2 * hourMs))).toEqual([])
    expect(told(await world(config)([1, 2, 3, 4, 5].map((hour) => call(3, midnightMs + hour * hourMs)), midnightMs + 6 * hourMs))).toEqual([])
    expect(told(await world(config)(each(5, 6), midnightMs + 6 * hourMs))).toEqual(['opened budget critical'])
  })

  it('is switched off for one budget, or for all', async () => {
    expect(told(await world({ ...config, budgets: { day: { amountUsd: 24, thresholds: [1], forecast: false } } })(each(2, 6), midnightMs + 6 * hourMs))).toEqual([])
    expect(told(await world({ ...config, rules: { ...config.rules, 'budget-forecast': false } })(each(2, 6), midnightMs + 6 * hourMs))).toEqual([])
    expect(told(await world({ ...config, rules: { ...config.rules, 'budget-forecast': { severity: 'high' } } })(each(2, 6), midnightMs + 6 * hourMs))).toEqual(['opened budget-forecast high'])
  })

  it('stands in the news of a threshold too', async () => {
    const changes = await world({ ...config, budgets: { day: { amountUsd: 24, thresholds: [0.5, 1] } } })(each(2, 6), midnightMs + 6 * hourMs)
    const crossing = changes.find(({ alert }) => alert.rule === 'budget')
    expect(crossing?.alert.params).toMatchObject({ percent: 50 })
    for (const name of ['crossesAt', 'projectedUsd'] as const) expect(crossing?.alert.params[name]).toBeGreaterThan(24)
  })
})

describe('velocity', () => {
  const config: ConfigInput = { budgets: { day: { amountUsd: 100, thresholds: [1] } }, rules: { 'budget-forecast': false } }
  const noonMs = midnightMs + 12 * hourMs
  const minutes = (usdPerMinute: number, from: number, length: number): readonly Event[] =>
    Array.from({ length: length * 4 }, (_, index) => call(usdPerMinute / 4, noonMs + from * minuteMs + index * 15_000))

  it('says how fast money goes and when the amount is used up', async () => {
    const accept = world(config)
    expect(told(await accept(minutes(0.01, -600, 60), noonMs))).toEqual([])
    const changes = await accept(minutes(5, -1, 6), noonMs + 5 * minuteMs - 1)
    expect(told(changes)).toEqual(['opened spend-velocity high'])
    const { params, ends, quietMs } = changes[0]?.alert ?? {}
    expect(params).toMatchObject({ budget: 'day', calls: 24, amountUsd: 100 })
    expect(params?.perMinuteUsd).toBeCloseTo(5, 3)
    expect(Math.round(Number(params?.toCapMs) / minuteMs)).toBe(14)
    expect(Number(params?.usualPerMinuteUsd)).toBeLessThan(0.01)
    expect([ends, quietMs]).toEqual(['quiet', 600_000])
  })

  it('is not told of a burst, of a slow stream, of few calls, or where the period ends first', async () => {
    expect(told(await world(config)(minutes(20, 0, 1), noonMs + minuteMs))).toEqual([])
    expect(told(await world(config)(minutes(1, 0, 5), noonMs + 5 * minuteMs))).toEqual([])
    expect(told(await world(config)([0, 1, 2, 3].map((minute) => call(5, noonMs + minute * minuteMs)), noonMs + 4 * minuteMs))).toEqual([])
    expect(told(await world({ ...config, budgets: { hour: { amountUsd: 100, period: 'hour', thresholds: [1] } } })(minutes(5, 50, 5), noonMs + 55 * minuteMs))).toEqual([])
  })

  it('watches the whole project without a budget where a limit is given', async () => {
    const accept = world({ rules: { 'spend-velocity': { aboveUsd: 2 } } })
    expect(told(await accept(minutes(1, -1, 6), noonMs + 5 * minuteMs - 1))).toEqual([])
    const changes = await accept(minutes(3, 5, 6), noonMs + 11 * minuteMs - 1)
    expect(told(changes)).toEqual(['opened spend-velocity high'])
    expect(changes[0]?.alert.params.perMinuteUsd).toBeCloseTo(3, 3)
    expect(changes[0]?.alert.params).toMatchObject({ limitUsd: 2 })
    expect(changes[0]?.alert.params).not.toHaveProperty('amountUsd')
  })
})

describe('groups', () => {
  const config: ConfigInput = { budgets: { each: { amountUsd: 10, groupBy: ['agent'], groupsMax: 2, thresholds: [1] } } }
  const of = (agent: string, costUsd: number, atMs = midnightMs): Event => call(costUsd, atMs, { agent })

  it('beyond as many as there may be are one, which is told once', async () => {
    const accept = world(config)
    expect(told(await accept([of('a', 9), of('b', 9), of('c', 6)], midnightMs))).toEqual(['opened budget-groups warning'])
    const changes = await accept([of('d', 5), of('a', 1)], midnightMs)
    expect(changes.map(({ alert }) => `${alert.rule} ${String(alert.params.scope)}`)).toEqual(['budget a', 'budget other'])
    expect(changes[1]?.alert.params).toMatchObject({ spentUsd: 11 })
  })

  it('have room again in the next period', async () => {
    const accept = world(config)
    await accept([of('a', 1), of('b', 1), of('c', 1)], midnightMs)
    const changes = await accept([of('c', 11, midnightMs + dayMs)], midnightMs + dayMs)
    expect(changes.map(({ alert }) => alert.params.scope)).toEqual(['c'])
  })

  it('are bounded for very many values, in the store too', async () => {
    const accept = world({ budgets: { each: { amountUsd: 10, groupBy: ['user'], groupsMax: 50, thresholds: [1] } } })
    for (let batch = 0; batch < 20; batch++) {
      await accept(Array.from({ length: 100 }, (_, index) => call(0.001, midnightMs, { user: `u${batch}-${index}` })), midnightMs)
    }
    const kept = await folders.at(-1)?.store.transaction((tx) => tx.countRuleKeys({ project: 'bots', rule: 'budget', most: 10_000 }))
    expect(kept).toBe(51)
  })
})

describe('what is only a sample', () => {
  it('makes a sum that is at least so much', async () => {
    const accept = world({ budgets: { day: { amountUsd: 10, thresholds: [0.5, 1] } } })
    expect((await accept([call(6, midnightMs)], midnightMs))[0]?.alert.params).not.toHaveProperty('sampled')
    await accept([call(0.1, midnightMs, { tags: { 'tocsin.sampled': '0.1' } })], midnightMs)
    expect((await accept([call(6, midnightMs)], midnightMs))[0]?.alert.params).toMatchObject({ sampled: 'yes' })
  })
})

describe('a model without a known price', () => {
  const unpriced = (model: string, llm: Partial<LlmCall> = {}): Event => call(0, midnightMs, {}, { model, costNanoUsd: undefined, costSource: 'unknown', inputTokens: 10, outputTokens: 10, ...llm })

  it('is told once a day, with what is missing', async () => {
    const accept = world({})
    const changes = await accept([unpriced('own-1'), unpriced('own-1'), unpriced('gpt-5', { inputTokens: undefined })], midnightMs)
    expect(told(changes)).toEqual(['opened price-unknown warning', 'opened price-unknown warning'])
    expect(changes.map(({ alert }) => alert.params)).toMatchObject([{ provider: 'openai', model: 'own-1', noPrice: 'yes' }, { model: 'gpt-5', noTokens: 'yes' }])
    expect(told(await accept([unpriced('own-1')], midnightMs + 23 * hourMs))).toEqual([])
    expect(told(await accept([unpriced('own-1')], midnightMs + 25 * hourMs))).toEqual(['opened price-unknown warning'])
  })

  it('is told of usage that was added up, too', async () => {
    const changes = await world({})([{ ...unpriced('own-2'), type: 'llm.usage' }], midnightMs)
    expect(told(changes)).toEqual(['opened price-unknown warning'])
  })

  it('is not told where the call failed and used nothing', async () => {
    expect(told(await world({ rules: { 'model-failed': false, 'model-outage': false } })([{ ...unpriced('own-1', { inputTokens: undefined, outputTokens: undefined }), status: 'error' }], midnightMs))).toEqual([])
  })

  it('is one of twenty at most, and the others are told together', async () => {
    const accept = world({})
    const changes = await accept(Array.from({ length: 1_000 }, (_, index) => unpriced(`made-up-${index}`)), midnightMs)
    expect(changes).toHaveLength(21)
    expect(changes.at(-1)?.alert.params).toMatchObject({ modelsMax: 20 })
    expect(told(await accept([unpriced('one-more')], midnightMs))).toEqual([])
  })
})

describe('a cache', () => {
  const use = (atMs: number, readShare: number): Event => call(0.01, atMs, {}, { inputTokens: 10_000, cacheReadTokens: 10_000 * readShare, outputTokens: 10 })
  const day = (readShare: number): readonly Event[] => Array.from({ length: 40 }, (_, index) => use(midnightMs + index * 15 * minuteMs, readShare))
  const halfHour = (readShare: number): readonly Event[] => Array.from({ length: 12 }, (_, index) => use(midnightMs + 12 * hourMs + index * 2 * minuteMs, readShare))
  const nowMs = midnightMs + 12 * hourMs + 25 * minuteMs

  it('that is hit much less than usual is told, with what that costs', async () => {
    const accept = world({})
    expect(told(await accept(day(0.8), midnightMs + 10 * hourMs))).toEqual([])
    const changes = await accept(halfHour(0.1), nowMs)
    expect(told(changes)).toEqual(['opened cache-collapsed warning'])
    const { params } = changes[0]?.alert ?? {}
    expect(params).toMatchObject({ agent: 'refund-bot', model: 'gpt-5', percent: 10, usualPercent: 80, windowMs: 30 * minuteMs, calls: 12, inputTokens: 120_000 })
    // gpt-5: 1.25 dollars a million, 0.125 from the cache; 84,000 tokens more were paid in full.
    expect(params?.extraUsd).toBeCloseTo((84_000 * 1.125) / 1e6, 6)
  })

  it('that is hit nearly as usual, was never much use, or is hardly known, is not', async () => {
    for (const [before, after] of [[0.8, 0.3], [0.3, 0], [0, 0]] as const) {
      const accept = world({})
      await accept(day(before), midnightMs + 10 * hourMs)
      expect(told(await accept(halfHour(after), nowMs))).toEqual([])
    }
    expect(told(await world({})([...day(0.8).slice(0, 10), ...halfHour(0)], nowMs))).toEqual([])
  })

  it('costs no row where it is not used', async () => {
    await world({})(day(0), midnightMs + 10 * hourMs)
    expect(await folders.at(-1)?.store.transaction((tx) => tx.countRuleKeys({ project: 'bots', rule: 'cache-collapsed', most: 10 }))).toBe(0)
  })
})
