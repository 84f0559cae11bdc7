import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { backtest, type Backtest } from './backtest.ts'
import { configurationFrom } from './configuration.ts'
import { createEngine } from './engine.ts'
import { systemChance } from './model/chance.ts'
import { systemClock, type Clock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import type { EventInput } from './model/event.ts'
import type { Store } from './model/store.ts'
import { builtInRuleNames } from './rules/rules-of.ts'
import { openSqliteStore } from './stores/sqlite.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const startMs = Date.parse('2026-11-20T00:00:00Z')

const setting: ConfigInput = {
  channels: { chat: { type: 'inbox' }, mail: { type: 'email', url: 'smtps://user:password@mail.example.com', from: 'tocsin@example.com' } },
  people: { dana: { role: 'admin', email: 'dana@example.com', quietHours: '22:00-07:00' }, lee: { role: 'billing', email: 'lee@example.com' } },
  routes: [
    { match: "alert.severity in ['critical', 'high']", to: ['dana'], via: ['mail'] },
    { match: 'true', to: ['dana', 'lee'], via: ['mail'], digest: '30m' },
  ],
  rules: {
    'own-slow': { on: 'llm.call', when: 'event.durationMs > 20000.0', groupBy: ['model'], severity: 'high' },
    'broken': { on: 'llm.call', when: 'event.durationMs / (event.durationMs - event.durationMs) > 1.0 && 1 / 0 > 1', groupBy: ['model'] },
  },
  budgets: { day: { amountUsd: 40, period: 'day' } },
}

/** A day of an agent: a call every five minutes, slow ones at noon, failures in the evening and once at night, dear ones in the afternoon. */
function day(): readonly EventInput[] {
  return Array.from({ length: 288 }, (_, index) => {
    const atMs = startMs + index * 300_000
    const hour = Math.floor((index * 5) / 60)
    const isFailed = hour === 19 || index === 280
    return {
      type: 'llm.call', source: 'native', id: `call-${index}`, atMs, agent: 'quote-bot', sessionId: `s-${hour}`,
      durationMs: hour === 12 ? 30_000 : 1_000,
      ...(isFailed && { error: { class: 'server' as const, statusCode: 503, message: 'overloaded' } }),
      llm: { provider: 'openai', model: hour === 19 || index % 2 === 0 ? 'gpt-5' : 'gpt-5-mini', operation: 'chat', inputTokens: 900, outputTokens: 90, costNanoUsd: hour === 15 ? 3_000_000_000 : 10_000_000 },
    }
  })
}

let folder: string
let store: Store

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-backtest-test-'))
  const off = Object.fromEntries(builtInRuleNames.map((name) => [name, false as const]))
  store = await live({ ...setting, rules: off, budgets: {} }, 'recorded.db')
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** An engine that lives through this day with what is due done at every step, and what it left behind. */
async function live(input: ConfigInput, file: string): Promise<Store> {
  let nowMs = startMs
  const clock: Clock = { ...systemClock, nowMs: () => nowMs }
  const open = (): Store => openSqliteStore({ file: join(folder, file), clock, durability: 'normal' })
  const own = open()
  const engine = createEngine({ config: configurationFrom(input), store: own, clock, chance: systemChance, notice: () => undefined, channelAs: (one) => ({ ...one, channel: { send: async () => ({ kind: 'sent' }) } }) })
  const channels = Object.keys(input.channels ?? {})
  const until = async (atMs: number): Promise<void> => {
    for (;;) {
      const dueMs = await own.read.nextDueMs('default', channels, [])
      if (dueMs === undefined || dueMs > atMs) break
      nowMs = Math.max(nowMs + 1, dueMs)
      await engine.drain('all', 5_000)
    }
    nowMs = Math.max(nowMs, atMs)
  }
  for (const event of day()) {
    await until(event.atMs ?? 0)
    await engine.accept([event])
    await engine.drain('all', 5_000)
  }
  await until(startMs + dayMs)
  await engine.close()
  return open()
}

const replay = (rule: string, more: Partial<Parameters<typeof backtest>[0]> = {}): Promise<Backtest> =>
  backtest({ config: configurationFrom(setting), rule, read: store.read, fromMs: startMs, untilMs: startMs + dayMs, ...more })

describe('what a rule would have done is what it does', () => {
  test.each(['own-slow', 'model-failed', 'session-expensive', 'model-expensive'])('%s', async (rule) => {
    const result = await replay(rule)
    const off = Object.fromEntries(builtInRuleNames.map((name) => [name, false as const]))
    const own = rule === 'own-slow' ? { 'own-slow': setting.rules?.['own-slow'] ?? {} } : { [rule]: {} }
    const lived = await live({ ...setting, rules: { ...off, ...own }, budgets: {} }, `${rule}.db`)
    const alerts = (await lived.read.alerts()).toReversed()
    const sent = (await lived.read.deliveries({ limit: 1_000 })).filter((one) => one.result === 'sent')
    await lived.close()
    expect(result.alerts.length).toBeGreaterThan(0)
    expect(result.alerts.map(({ key, count, severity }) => ({ key, count, severity }))).toEqual(alerts.map(({ key, count, severity }) => ({ key, count, severity })))
    expect(result.messagesTotal).toBe(sent.length)
    expect(result.messagesTotal).toBeGreaterThan(0)
  })
})

test('a budget, with its thresholds told once and its titles in the language asked for', async () => {
  const result = await replay('day', { locale: 'zh-CN' })
  expect(result.alerts.map(({ title }) => title)).toEqual(expect.arrayContaining([expect.stringContaining('预算 day')]))
  expect(result).toMatchObject({ rule: 'day', events: 288, firstMs: startMs })
  expect(result.messages.map(({ person }) => person)).toContain('lee')
})

test('money counts as it was counted then, whatever the events would say in the order of their times', async () => {
  const own = openSqliteStore({ file: join(folder, 'usage.db'), clock: systemClock, durability: 'normal' })
  const usd = (dollars: number): NonNullable<EventInput['llm']> => ({ provider: 'anthropic', model: 'claude-sonnet-5', operation: 'chat', costNanoUsd: dollars * 1e9, costSource: 'reported' })
  const engine = createEngine({ config: configurationFrom({}), store: own, clock: { ...systemClock, nowMs: () => startMs + hourMs }, chance: systemChance, notice: () => undefined, keepsStore: true })
  const of = { source: 'otel', sessionId: 's', agent: 'claude-code' } as const
  await engine.accept([{ ...of, type: 'llm.usage', id: 'sum', atMs: startMs + 600_000, durationMs: 60_000, llm: usd(30) }])
  // Told late: one that is in the sum, and one of another client that is not.
  await engine.accept([{ ...of, type: 'llm.call', id: 'in', name: 'claude_code.api_request', atMs: startMs + 590_000, llm: usd(20) }, { ...of, type: 'llm.call', id: 'out', atMs: startMs + 580_000, llm: usd(15) }])
  await engine.close()
  const { chart } = await replay('day', { read: own.read, draws: true, untilMs: startMs + hourMs })
  await own.close()
  expect(Math.max(...(chart?.series.flatMap(({ points }) => points.map(({ value }) => value)) ?? []))).toBe(45)
})

test('a rule that is off is looked at as if it were on', async () => {
  expect((await replay('model-recorded')).alertsTotal).toBeGreaterThan(200)
  const off = configurationFrom({ ...setting, rules: { ...setting.rules, 'own-slow': { ...(setting.rules?.['own-slow'] as object), on: 'llm.call', enabled: false } } }) // a rule of one's own
  expect((await replay('own-slow', { config: off })).alerts).toEqual((await replay('own-slow')).alerts)
})

test('who is not told, and what is merged, is counted by its reason', async () => {
  const { decisions, messages } = await replay('model-failed')
  expect(decisions['refused.role']).toBeGreaterThan(0)
  expect(decisions['merged.group']).toBeGreaterThan(0)
  expect(messages).toEqual([expect.objectContaining({ person: 'dana', channel: 'mail' })])
})

test('a rule that cannot be evaluated is told as it would be', async () => {
  expect((await replay('broken')).alerts[0]?.title).toContain('broken')
})

test('nothing that was recorded is changed, and nothing is left behind', async () => {
  const before = await store.read.counts()
  // A folder for temporary files of its own: other tests and other programs use the machine's.
  const own = mkdtempSync(join(folder, 'tmp-'))
  vi.stubEnv('TMPDIR', own)
  try {
    expect(tmpdir()).toBe(own)
    await replay('model-failed')
  } finally {
    vi.unstubAllEnvs()
  }
  expect(await store.read.counts()).toEqual(before)
  expect(readdirSync(own)).toEqual([])
})

test('a time without events says so, and one that ends before it begins is wrong usage', async () => {
  expect(await replay('model-failed', { fromMs: startMs - dayMs, untilMs: startMs })).toMatchObject({ events: 0, alertsTotal: 0, messagesTotal: 0 })
  await expect(replay('model-failed', { untilMs: startMs })).rejects.toThrow('expected a time to look at')
})

test('a rule that does not exist is named, with the one that is probably meant', async () => {
  await expect(replay('model-faild')).rejects.toThrow('expected a rule or a budget, found "model-faild"; did you mean "model-failed"?')
})
