import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { configurationFrom } from './configuration.ts'
import { createEngine, type Engine } from './engine.ts'
import { systemChance } from './model/chance.ts'
import type { Message } from './model/channel.ts'
import { systemClock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import type { EventInput } from './model/event.ts'
import type { Outcome } from './model/outcome.ts'
import type { Store } from './model/store.ts'
import { openSqliteStore } from './stores/sqlite.ts'
import { Receiver, until } from './testing/receiver.ts'

const secret = 'sk-proj-Zx81kfPq02LmVbT7yHsW3nRc64dGjQeUa9XoIt5B'

interface Opened {
  readonly engine: Engine
  readonly store: Store
  readonly file: string
}

const open: Opened[] = []

function openEngine(config: ConfigInput, receivers: readonly Receiver[], file = join(mkdtempSync(join(tmpdir(), 'tocsin-engine-')), 'tocsin.db')): Opened {
  const types = receivers.map((receiver) => receiver.type)
  const parsed = configurationFrom(config, types, {})
  const store = openSqliteStore({ file, clock: systemClock, durability: 'full' })
  const engine = createEngine({ config: parsed, store, clock: systemClock, chance: systemChance, notice: () => undefined, channelTypes: types })
  const opened = { engine, store, file }
  open.push(opened)
  return opened
}

afterEach(async () => {
  for (const { engine, file } of open.splice(0)) {
    await engine.close()
    rmSync(join(file, '..'), { recursive: true, force: true })
  }
})

const team: ConfigInput = {
  channels: { post: { type: 'post' } },
  people: { dana: { role: 'admin', email: 'dana@example.com' } },
  delivery: { retryMs: 20, retryMaxMs: 40, batchMs: 50, pauseMs: 1_000 },
  detection: { wait: '0s' },
}

let count = 0
function failedSession(id = `s${(count += 1)}`): EventInput[] {
  const base = { source: 'client', sessionId: id, agent: 'refund-bot', atMs: systemClock.nowMs() } as const
  return [
    {
      ...base,
      type: 'llm.call',
      id: `${id}-call`,
      status: 'error',
      error: { class: 'quota', message: `quota used up for ${secret}`, statusCode: 429, code: 'insufficient_quota' },
      llm: { provider: 'openai', model: 'gpt-5-mini', operation: 'chat' },
    },
    { ...base, type: 'session.end', id: `${id}-end`, status: 'error', endState: 'fail', endReason: 'gave up' },
  ]
}

const about = (messages: readonly Message[], text: string): readonly Message[] => messages.filter((message) => message.subject.includes(text))

describe('the route', () => {
  test('tells a failed session once, with the call that failed first and without the secret', async () => {
    const post = new Receiver('post')
    const { engine } = openEngine(team, [post])
    engine.start()
    await engine.accept(failedSession())
    const [message] = await until(() => about(post.messages, 'Session failed').length > 0 && about(post.messages, 'Session failed'))
    expect(message?.to).toBe('dana@example.com')
    expect(message?.text).toContain('gpt-5-mini')
    expect(message?.text).toContain('429')
    expect(JSON.stringify(post.messages)).not.toContain(secret)
    expect(about(post.messages, 'Session failed')).toHaveLength(1)
  })

  test('changes nothing when the same events come again, here or in another process', async () => {
    const post = new Receiver('post')
    const first = openEngine(team, [post])
    const events = failedSession()
    expect(await first.engine.accept(events)).toMatchObject({ accepted: 2, duplicates: 0 })
    const second = openEngine(team, [post], first.file)
    expect(await second.engine.accept(events)).toMatchObject({ accepted: 0, duplicates: 2 })
    await second.engine.drain('all', 2_000)
    expect(about(post.messages, 'Session failed')).toHaveLength(1)
  })

  test('delivers what another process accepted and left', async () => {
    const post = new Receiver('post')
    const first = openEngine(team, [post])
    await first.engine.accept(failedSession())
    expect(post.messages).toHaveLength(0)
    const second = openEngine(team, [post], first.file)
    second.engine.start()
    await until(() => about(post.messages, 'Session failed').length === 1)
  })

  test('tries again after a failure, under the same message id, and records each attempt', async () => {
    const post = new Receiver('post')
    post.answer = (message, nth) => (message.subject.includes('Session failed') && nth < 4 ? { kind: 'retry', code: '503', detail: 'busy' } : { kind: 'sent' })
    const { engine, store } = openEngine({ ...team, rules: { 'model-failed': false } }, [post])
    engine.start()
    await engine.accept(failedSession())
    await until(() => post.messages.length === 4)
    expect(new Set(post.messages.map((message) => message.id)).size).toBe(1)
    const [delivery] = await until(async () => {
      const all = await store.read.deliveries()
      return all.every((one) => one.state === 'done') && all
    })
    expect(delivery?.attempts.map((attempt) => attempt.outcome)).toEqual(['retry', 'retry', 'retry', 'sent'])
  })

  test('asks the next channel when the first fails for good, and says so', async () => {
    const post = new Receiver('post')
    const pigeon = new Receiver('pigeon')
    post.answer = () => ({ kind: 'bad-address', code: '550', detail: 'no such mailbox' })
    const { engine, store } = openEngine(
      { ...team, channels: { post: { type: 'post' }, pigeon: { type: 'pigeon' } }, rules: { 'model-failed': false }, routes: [{ name: 'on-call', match: "alert.kind == 'session'", to: ['dana'], via: { first: ['post', 'pigeon'] } }] },
      [post, pigeon],
    )
    engine.start()
    await engine.accept(failedSession())
    await until(() => pigeon.subjects.some((subject) => subject.includes('failed')))
    const alert = (await store.read.alerts()).find((one) => one.rule === 'session-failed')
    const reasons = (await store.read.decisionsOf(alert?.id ?? 0)).map((decision) => decision.reason)
    expect(reasons).toEqual(expect.arrayContaining(['sent.now', 'refused.bad_address', 'sent.fallback']))
  })

  test('asks the next channel when the first has not settled in time', async () => {
    const post = new Receiver('post')
    const pigeon = new Receiver('pigeon')
    post.answer = () => new Promise<Outcome>((resolve) => systemClock.after(1_000, () => resolve({ kind: 'sent' })))
    const { engine } = openEngine(
      { ...team, channels: { post: { type: 'post' }, pigeon: { type: 'pigeon' } }, rules: { 'model-failed': false }, routes: [{ match: "alert.kind == 'session'", to: ['dana'], via: { first: ['post', 'pigeon'], after: '100ms' } }] },
      [post, pigeon],
    )
    engine.start()
    await engine.accept(failedSession())
    await until(() => pigeon.messages.length === 1, 900)
    await until(() => post.messages.length === 1)
  })

  test('merges informational news to one person and channel, and lists every item', async () => {
    const post = new Receiver('post')
    const { engine } = openEngine({ ...team, rules: { 'session-ended': false } }, [post])
    engine.start()
    const atMs = systemClock.nowMs()
    for (const id of ['one', 'two', 'three']) await engine.accept([{ type: 'session.start', source: 'client', id, atMs, sessionId: `session-${id}`, agent: `${id}-bot` }])
    await until(() => post.messages.length > 0)
    await new Promise<void>((resolve) => systemClock.after(150, resolve))
    expect(post.messages).toHaveLength(1)
    for (const id of ['one', 'two', 'three']) expect(post.messages[0]?.text).toContain(`${id}-bot`)
  })

  test('pauses a channel whose settings are wrong, and tells the admins by another', async () => {
    const post = new Receiver('post')
    const pigeon = new Receiver('pigeon')
    pigeon.answer = () => ({ kind: 'bad-config', code: '535', detail: 'password refused' })
    const { engine } = openEngine({ ...team, channels: { post: { type: 'post' }, pigeon: { type: 'pigeon' } } }, [post, pigeon])
    engine.start()
    await engine.accept(failedSession())
    const [told] = await until(() => about(post.messages, 'pigeon').length > 0 && about(post.messages, 'pigeon'))
    expect(told?.text).toContain('password refused')
    expect(about(pigeon.messages, 'pigeon')).toHaveLength(0)
    pigeon.answer = () => ({ kind: 'sent' })
    const before = pigeon.messages.length
    await until(() => pigeon.messages.length > before + 1)
  })

  test('tells one crossing of a budget once, across two processes', async () => {
    const post = new Receiver('post')
    const config: ConfigInput = { ...team, budgets: { day: { amountUsd: 1, thresholds: [0.5, 1] } }, rules: { 'model-expensive': false, 'session-expensive': false } }
    const first = openEngine(config, [post])
    const second = openEngine(config, [post], first.file)
    const call = (id: number): EventInput => ({ type: 'llm.call', source: 'observe', id: `paid-${id}`, atMs: systemClock.nowMs(), llm: { provider: 'openai', model: 'gpt-5-mini', operation: 'chat', costNanoUsd: 100_000_000 } })
    for (let index = 0; index < 20; index += 2) await Promise.all([first.engine.accept([call(index)]), second.engine.accept([call(index + 1)])])
    first.engine.start()
    second.engine.start()
    await until(() => about(post.messages, 'Budget day').length >= 2)
    await new Promise<void>((resolve) => systemClock.after(200, resolve))
    expect(about(post.messages, 'Budget day')).toHaveLength(2)
  })

  test('keeps what is spent when a budget is edited, and tells what the new amount makes of it once', async () => {
    const post = new Receiver('post')
    const withAmount = (amountUsd: number): ConfigInput => ({ ...team, budgets: { day: { amountUsd, thresholds: [1] } }, rules: { 'model-expensive': false, 'session-expensive': false } })
    const call = (id: number, usd: number): EventInput => ({ type: 'llm.call', source: 'observe', id: `edited-${id}`, atMs: systemClock.nowMs(), llm: { provider: 'openai', model: 'gpt-5-mini', operation: 'chat', costNanoUsd: usd * 1e9 } })
    const first = openEngine(withAmount(500), [post])
    await first.engine.accept([call(1, 450)])
    await first.engine.drain('all', 1_000)
    expect(about(post.messages, 'Budget day')).toHaveLength(0)
    const second = openEngine(withAmount(400), [post], first.file)
    for (const id of [2, 3]) await second.engine.accept([call(id, 1)])
    await second.engine.drain('all', 1_000)
    expect(about(post.messages, 'Budget day').map(({ subject }) => subject)).toEqual([expect.stringContaining('$451 of $400')])
  })

  test('refuses what is no event, with a reason, and keeps the rest', async () => {
    const post = new Receiver('post')
    const { engine } = openEngine(team, [post])
    const nonsense = { type: 'nonsense', source: 'native' } as unknown as EventInput
    const accepted = await engine.accept([nonsense, { type: 'custom', source: 'native' }])
    expect(accepted.accepted).toBe(1)
    expect(accepted.refused.map(({ index }) => index)).toEqual([0])
    expect(accepted.refused[0]?.why).toContain('nonsense')
  })
})
