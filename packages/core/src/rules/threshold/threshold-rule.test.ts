import { afterEach, describe, expect, it } from 'vitest'
import type { ConfigInput } from '../../model/config.ts'
import type { Event } from '../../model/event.ts'
import { closeRuleWorlds, ruleWorld, ruleWorldStartMs as startMs, type RuleWorld } from '../../testing/rule-world.ts'

afterEach(closeRuleWorlds)

const secondMs = 1_000
const minuteMs = 60_000
let made = 0

function call(atMs: number, more: { durationMs?: number; model?: string; costNanoUsd?: number; status?: 'ok' | 'error'; tags?: Record<string, string> } = {}): Event {
  const { durationMs = 1_000, model = 'gpt-5', costNanoUsd, status = 'ok', tags = {} } = more
  return {
    id: `e-${++made}`, project: 'default', type: 'llm.call', source: 'client', atMs, durationMs, tags, status, agent: 'bot',
    llm: { provider: 'openai', model, operation: 'chat', ...(costNanoUsd !== undefined && { costNanoUsd, costSource: 'reported' }) },
  }
}

/** One event every so often, each committed when it happens. */
async function every(world: RuleWorld, stepMs: number, from: number, to: number, make: (atMs: number) => Event): Promise<void> {
  for (let atMs = from; atMs < to; atMs += stepMs) await world.accept([make(atMs)], atMs)
}

const slow: ConfigInput['rules'] = {
  'slow-p95': { on: 'llm.call', measure: 'p95(durationMs)', above: 8000, for: '5m', window: '15m', groupBy: ['model'], severity: 'warning' },
}

describe('a percentile with for: and groups', () => {
  it('fires five minutes after it went above, for the one group, and is over when the slow calls have left the window', async () => {
    const world = ruleWorld(slow)
    await every(world, 10 * secondMs, startMs, startMs + 20 * minuteMs, (atMs) => call(atMs, { durationMs: 1_000, model: 'gpt-5' }))
    await every(world, 10 * secondMs, startMs + 20 * minuteMs, startMs + 30 * minuteMs, (atMs) => call(atMs, { durationMs: 9_000, model: 'gpt-5' }))
    await every(world, 10 * secondMs, startMs + 30 * minuteMs, startMs + 60 * minuteMs, (atMs) => call(atMs, { durationMs: 1_000, model: 'gpt-5' }))
    expect(world.told.map((line) => line.slice(9))).toEqual(['opened slow-p95 gpt-5', 'resolved slow-p95 gpt-5'])
    const [opened] = world.changes
    expect(opened?.alert.params).toMatchObject({ rule: 'slow-p95', model: 'gpt-5', measure: 'p95(durationMs)', unit: 'ms', limit: 8000, windowMs: 900_000 })
    expect(opened?.alert.params.value).toBeGreaterThan(8_900)
    expect(opened?.alert.params.value).toBeLessThan(9_100)
    // It went above within 15 minutes and a slice, and was told five minutes later.
    expect(Number(opened?.alert.openedAtMs) - Number(opened?.alert.params.sinceAt)).toBeGreaterThanOrEqual(5 * minuteMs)
  })

  it('does not fire where it came back before, nor of fewer calls than say something', async () => {
    const world = ruleWorld({ 'slow-p95': { on: 'llm.call', measure: 'p95(durationMs)', above: 8000, for: '5m', window: '1m' } })
    await every(world, 5 * secondMs, startMs, startMs + 4 * minuteMs, (atMs) => call(atMs, { durationMs: 9_000 }))
    await every(world, 5 * secondMs, startMs + 4 * minuteMs, startMs + 8 * minuteMs, (atMs) => call(atMs))
    await every(world, 20 * secondMs, startMs + 10 * minuteMs, startMs + 20 * minuteMs, (atMs) => call(atMs, { durationMs: 9_000 }))
    await world.until(startMs + 40 * minuteMs)
    expect(world.told).toEqual([])
  })

  it('fires although nothing comes any more, and after a restart in the middle of for:', async () => {
    const before = ruleWorld({ slow: { on: 'llm.call', measure: 'p90(durationMs)', above: 8000, for: '5m', window: '15m', least: 5 } })
    await before.accept(Array.from({ length: 20 }, (_, i) => call(startMs + i, { durationMs: 9_000 })), startMs + secondMs)
    await before.until(startMs + 3 * minuteMs)
    expect(before.told).toEqual([])
    const after = before.again({ rules: { slow: { on: 'llm.call', measure: 'p90(durationMs)', above: 8000, for: '5m', window: '15m', least: 5 } } })
    await after.until(startMs + 10 * minuteMs)
    expect(after.told).toHaveLength(1)
    expect(after.told[0]).toMatch(/^12:0[5-7]:\d\d opened slow$/)
  })
})

describe('a count', () => {
  const many: ConfigInput['rules'] = { many: { on: 'llm.call', when: "event.status == 'error'", measure: 'count', above: 5, window: '1m', severity: 'high' } }
  const failed = (atMs: number): Event => call(atMs, { status: 'error' })

  it('fires with the commit that passes it, and is over when the window has moved on', async () => {
    const world = ruleWorld(many)
    await every(world, secondMs, startMs, startMs + 8 * secondMs, failed)
    expect(world.told).toEqual(['12:00:05 opened many'])
    await world.until(startMs + 5 * minuteMs)
    expect(world.told).toHaveLength(2)
    expect(world.told[1]).toMatch(/^12:01:\d\d resolved many$/)
  })

  it('counts what matches its condition and nothing else', async () => {
    const world = ruleWorld(many)
    await every(world, secondMs, startMs, startMs + 30 * secondMs, (atMs) => call(atMs))
    await every(world, secondMs, startMs + 30 * secondMs, startMs + 35 * secondMs, failed)
    expect(world.told).toEqual([])
  })

  it('fires once of two processes that share a store', async () => {
    const one = ruleWorld(many)
    const two = one.again({ rules: many })
    for (let i = 0; i < 10; i++) await (i % 2 === 0 ? one : two).accept([failed(startMs + i * secondMs)], startMs + i * secondMs)
    expect([...one.told, ...two.told]).toEqual(['12:00:05 opened many'])
    await one.until(startMs + 10 * minuteMs)
    await two.until(startMs + 10 * minuteMs)
    expect([...one.told, ...two.told].filter((line) => line.includes('resolved'))).toHaveLength(1)
  })

  it('judges telemetry that comes late by the time at which it happened', async () => {
    const world = ruleWorld(many)
    // Told forty seconds late, all of them within one minute of their own time.
    for (let i = 0; i < 7; i++) await world.accept([failed(startMs + i * 5 * secondMs)], startMs + i * 5 * secondMs + 40 * secondMs)
    expect(world.told).toEqual(['12:01:05 opened many'])
  })

  it('books what is later than its window, and tells nobody', async () => {
    const world = ruleWorld(many)
    await world.accept(Array.from({ length: 20 }, (_, i) => failed(startMs + i)), startMs + 60 * minuteMs)
    await world.until(startMs + 90 * minuteMs)
    expect(world.told).toEqual([])
  })

  it('is told again while it fires where that was asked for', async () => {
    const world = ruleWorld({ many: { on: 'llm.call', measure: 'count', above: 5, window: '1m', again: '10m' } })
    await every(world, 5 * secondMs, startMs, startMs + 25 * minuteMs, (atMs) => call(atMs))
    expect(world.told).toEqual(['12:00:25 opened many', '12:10:25 raised many', '12:20:25 raised many'])
    expect(world.changes[1]?.alert.params).toMatchObject({ again: 'yes' })
  })

  it('that flaps stays open until it was calm for a quarter of an hour, and says so', async () => {
    const world = ruleWorld({ many: { on: 'llm.call', measure: 'count', above: 5, window: '1m' } })
    const burst = async (atMs: number): Promise<void> => world.accept(Array.from({ length: 8 }, (_, i) => call(atMs + i)), atMs + 10)
    for (let i = 0; i < 6; i++) await burst(startMs + i * 4 * minuteMs)
    await world.until(startMs + 60 * minuteMs)
    const news = world.told.map((line) => line.slice(9, 15))
    expect(news).toEqual(['opened', 'resolv', 'reopen', 'resolv', 'reopen', 'resolv', 'reopen', 'resolv'])
    expect(world.changes[6]?.alert.params).toMatchObject({ flaps: 4, calmMs: 15 * minuteMs })
    // The last burst was at 12:20.
    expect(world.told[7]).toMatch(/^12:3[6-9]/)
  })
})

describe('other measures', () => {
  it('a share is of what matches, and needs ten samples unless said otherwise', async () => {
    const rules: ConfigInput['rules'] = { bad: { on: 'llm.call', measure: "share(event.status == 'error')", above: 0.5, window: '5m' } }
    const world = ruleWorld(rules)
    await world.accept(Array.from({ length: 9 }, (_, i) => call(startMs + i, { status: 'error' })), startMs + 20)
    expect(world.told).toEqual([])
    await world.accept([call(startMs + 30)], startMs + 30)
    expect(world.told).toEqual(['12:00:00 opened bad'])
    expect(world.changes[0]?.alert.params).toMatchObject({ unit: 'percent', value: 90, limit: 50, samples: 10 })
  })

  it('a sum of money is exact, and for those who may see money', async () => {
    const world = ruleWorld({ spent: { on: 'llm.call', measure: 'sum(costUsd)', above: 0.3, window: '1h' } })
    await world.accept([100_000_000, 200_000_000].map((costNanoUsd, i) => call(startMs + i, { costNanoUsd })), startMs + 10)
    expect(world.told).toEqual([])
    await world.accept([call(startMs + 20, { costNanoUsd: 1 })], startMs + 20)
    expect(world.told).toEqual(['12:00:00 opened spent'])
    expect(world.changes[0]?.alert).toMatchObject({ kind: 'cost', params: { valueUsd: 0.300000001, limitUsd: 0.3 } })
  })

  it('an unknown price is no sample, and so never 0', async () => {
    const world = ruleWorld({ cheap: { on: 'llm.call', measure: 'avg(costUsd)', below: 0.1, least: 1, window: '1m' } })
    await every(world, 5 * secondMs, startMs, startMs + 5 * minuteMs, (atMs) => call(atMs))
    expect(world.told).toEqual([])
  })

  it('a rate is counted by the minute', async () => {
    const world = ruleWorld({ busy: { on: 'llm.call', measure: 'rate', above: 30, window: '5m' } })
    await every(world, 2_100, startMs, startMs + 10 * minuteMs, (atMs) => call(atMs))
    expect(world.told).toEqual([])
    await every(world, secondMs, startMs + 10 * minuteMs, startMs + 15 * minuteMs, (atMs) => call(atMs))
    expect(world.told).toHaveLength(1)
  })

  it('least, most and mean are judged when a slice is over', async () => {
    const world = ruleWorld({
      mean: { on: 'llm.call', measure: 'avg(durationMs)', above: 2000, window: '1m', least: 2 },
      most: { on: 'llm.call', measure: 'max(durationMs)', above: 3500, window: '1m' },
      least: { on: 'llm.call', measure: 'min(durationMs)', below: 2000, window: '1m' },
    })
    await world.accept([call(startMs, { durationMs: 1_000 }), call(startMs, { durationMs: 4_000 })], startMs)
    expect(world.told).toEqual([])
    await world.until(startMs + 10 * secondMs)
    expect(world.told.map((line) => line.slice(9)).sort()).toEqual(['opened least', 'opened mean', 'opened most'])
  })
})

describe('below, and no data', () => {
  it('too little is noticed when nothing comes at all, after a whole window', async () => {
    const world = ruleWorld({ idle: { on: 'llm.call', measure: 'count', below: 1, window: '10m' } })
    await world.until(startMs)
    await world.until(startMs + 9 * minuteMs)
    expect(world.told).toEqual([])
    await world.until(startMs + 11 * minuteMs)
    expect(world.told).toEqual(['12:10:00 opened idle'])
    await every(world, minuteMs, startMs + 20 * minuteMs, startMs + 24 * minuteMs, (atMs) => call(atMs))
    expect(world.told[1]).toMatch(/resolved idle$/)
  })

  it('too little of a group is noticed when a whole window of it was watched', async () => {
    const world = ruleWorld({ few: { on: 'llm.call', measure: 'rate', below: 2, window: '10m', groupBy: ['model'] } })
    await every(world, 50 * secondMs, startMs, startMs + 9 * minuteMs, (atMs) => call(atMs))
    expect(world.told).toEqual([])
    await every(world, 50 * secondMs, startMs + 9 * minuteMs, startMs + 12 * minuteMs, (atMs) => call(atMs))
    expect(world.told.map((line) => line.slice(9))).toEqual(['opened few gpt-5'])
  })

  it('time in which the product was not running is no time in which nothing came', async () => {
    const rules: ConfigInput['rules'] = { few: { on: 'llm.call', measure: 'count', below: 1, window: '10m' } }
    const before = ruleWorld(rules)
    await before.until(startMs)
    await before.accept([call(startMs + minuteMs)], startMs + minuteMs)
    const night = startMs + 8 * 60 * minuteMs
    const after = before.again({ rules })
    // Timers are fired late, as after a stop.
    await after.store.transaction(async (tx) => tx.putTimers((await tx.dueTimers('default', night, 10)).map((timer) => ({ ...timer, dueMs: night }))))
    await after.until(night + 9 * minuteMs)
    expect(after.told).toEqual([])
    await after.until(night + 11 * minuteMs)
    expect(after.told).toEqual(['20:10:00 opened few'])
  })

  it('what was bad stays bad without data, at most for a day', async () => {
    const world = ruleWorld({ bad: { on: 'llm.call', measure: "share(event.status == 'error')", above: 0.5, window: '5m' } })
    await world.accept(Array.from({ length: 10 }, (_, i) => call(startMs + i, { status: 'error' })), startMs + 20)
    await world.until(startMs + 20 * 60 * minuteMs)
    expect(world.told).toHaveLength(1)
    await world.until(startMs + 30 * 60 * minuteMs)
    expect(world.told).toHaveLength(2)
  })

  it('zero ends it, and notify tells that nothing can be judged until something comes', async () => {
    const world = ruleWorld({
      zero: { on: 'llm.call', measure: 'avg(durationMs)', above: 500, window: '1m', noData: 'zero' },
      tell: { on: 'llm.call', measure: 'avg(durationMs)', above: 5_000, window: '1m', noData: 'notify', groupBy: ['model'] },
    })
    await every(world, secondMs, startMs, startMs + 2 * minuteMs, (atMs) => call(atMs))
    await world.until(startMs + 10 * minuteMs)
    await every(world, secondMs, startMs + 10 * minuteMs, startMs + 11 * minuteMs, (atMs) => call(atMs))
    expect(world.told.map((line) => line.slice(9))).toEqual(['opened zero', 'opened tell gpt-5|no-data', 'resolved zero', 'resolved tell gpt-5|no-data', 'reopened zero'])
  })
})

describe('groups', () => {
  it('beyond the most that are kept apart share one, and that is told once', async () => {
    const world = ruleWorld({ busy: { on: 'llm.call', measure: 'count', above: 2, window: '1m', groupBy: ['tags.user'], groupsMax: 3 } })
    for (let i = 0; i < 40; i++) await world.accept([call(startMs + i, { tags: { user: `u${i}` } })], startMs + i)
    expect(world.told).toEqual(['12:00:00 opened groups-limited busy', '12:00:00 opened busy other'])
    await world.store.transaction(async (tx) => expect(await tx.countRuleKeys({ project: 'default', rule: 'busy', most: 100 })).toBe(4))
    // When they are empty their places are free.
    await world.until(startMs + 3 * 60 * minuteMs)
    await world.store.transaction(async (tx) => expect(await tx.countRuleKeys({ project: 'default', rule: 'busy', most: 100 })).toBe(0))
  })

  it('of a rule that only another process has wait for that one, and those of a rule that is gone end when they are forgotten', async () => {
    const rules: ConfigInput['rules'] = { many: { on: 'llm.call', measure: 'count', above: 2, window: '1m' } }
    const one = ruleWorld(rules)
    await one.accept([1, 2, 3].map((i) => call(startMs + i)), startMs + 10)
    const other = one.again({ rules: {} })
    await other.until(startMs + 5 * minuteMs)
    expect(other.told).toEqual([])
    await one.until(startMs + 7 * minuteMs)
    expect(one.told.map((line) => line.slice(9))).toEqual(['opened many', 'resolved many'])
    await one.accept([1, 2, 3].map((i) => call(startMs + 8 * minuteMs + i)), startMs + 8 * minuteMs + 10)
    await one.store.transaction((tx) => tx.removeRuleStates([{ project: 'default', rule: 'many', key: '' }]))
    await other.until(startMs + 20 * minuteMs)
    expect(other.told.map((line) => line.slice(9))).toEqual(['resolved many'])
  })

  it('whose settings are changed while they fire are over, and begin anew', async () => {
    const before = ruleWorld({ many: { on: 'llm.call', measure: 'count', above: 2, window: '1m' } })
    await before.accept([1, 2, 3].map((i) => call(startMs + i)), startMs + 10)
    const after = before.again({ rules: { many: { on: 'llm.call', measure: 'count', above: 200, window: '10m' } } })
    await after.until(startMs + 10 * minuteMs)
    expect([...before.told, ...after.told].map((line) => line.slice(9))).toEqual(['opened many', 'resolved many'])
  })
})

it('a share that cannot be evaluated is told, and the other rules go on', async () => {
  const world = ruleWorld({
    broken: { on: 'llm.call', measure: 'share(int(event.tags.n) > 1)', above: 0.1, window: '1m', least: 1 },
    many: { on: 'llm.call', measure: 'count', above: 2, window: '1m' },
  })
  await world.accept([1, 2, 3].map((i) => call(startMs + i, { tags: { n: 'no number' } })), startMs + 10)
  expect(world.told.map((line) => line.slice(9))).toEqual(['opened rule-failed broken', 'opened many'])
})
