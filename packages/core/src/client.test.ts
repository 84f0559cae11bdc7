import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { agent, init, operation, session, tool, type Channel, type ChannelType, type Client, type ConfigInput, type InitOptions, type Message, type Outcome } from './index.ts'
import { sleep, systemClock } from './model/clock.ts'
import type { Reader } from './model/reader.ts'
import { openSqliteStore } from './stores/sqlite.ts'
import { startModelProvider } from './testing/model-provider.ts'

let data: string
const clients: Client[] = []
const notices: string[] = []

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tocsin-client-'))
  notices.length = 0
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close(0)))
  rmSync(data, { recursive: true })
})

function start(config: ConfigInput, options: InitOptions = {}): Client {
  const client = init(config, { data, onNotice: (text) => notices.push(text), ...options })
  clients.push(client)
  return client
}

async function onRecord<T>(look: (read: Reader) => Promise<T>): Promise<T> {
  const store = openSqliteStore({ file: join(data, 'tocsin.db'), clock: systemClock, durability: 'normal' })
  try {
    return await look(store.read)
  } finally {
    await store.close()
  }
}

/** A channel of the program's own: keeps what it got and answers as it is told. */
function ownChannel(type: string, answer: (message: Message, count: number) => unknown): { readonly type: ChannelType; readonly messages: Message[] } {
  const messages: Message[] = []
  const channel: Channel = {
    async send(message) {
      messages.push(message)
      // A program without types may answer anything.
      return (await answer(message, messages.length)) as Outcome
    },
  }
  return {
    messages,
    type: { type, settings: z.strictObject({ word: z.string().optional() }), address: 'none', shape: 'full', limits: { bodyCharsMax: 4_000, concurrency: 2 }, can: { deduplicates: false, resolves: true }, create: () => channel },
  }
}

const dana = { dana: { role: 'admin', email: 'dana@example.com' } } as const

test('a message by hand after close() is refused, and an object that cannot be watched is told once', async () => {
  const client = start({ people: dana })
  client.observe({ chat: 'not a client' })
  client.observe({ chat: 'not a client either' })
  expect(notices.filter((text) => text.includes('not watched'))).toEqual([expect.stringContaining('observe() expected')])
  await client.close()
  await expect(client.notifications.send({ channel: 'inbox', title: 'too late' })).rejects.toMatchObject({ code: 'client-closed' })
})

test('a message for one person, written as one name, goes to that person', async () => {
  const client = start({ people: { ...dana, lee: { role: 'admin', email: 'lee@example.com' } }, channels: { box: { type: 'inbox' } } })
  client.notify({ title: 'Only for Lee', to: 'lee' })
  await client.flush()
  const [alert] = await onRecord((read) => read.alerts())
  expect(alert?.announcement?.to).toEqual(['lee'])
})

test('sessions, agents, operations, tools, decorated methods and a real model client are all on record under one session', async () => {
  const provider = await startModelProvider()
  const tocsin = start({ channels: { news: { type: 'inbox' } }, people: dana, prices: { 'gpt-5': { inputUsd: 1, outputUsd: 2 } } })
  const openai = tocsin.observe(new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test', maxRetries: 0 }))
  provider.respondWith({ kind: 'ok', inputTokens: 100, outputTokens: 50 }, { kind: 'quota' })

  const ask = (): Promise<unknown> => openai.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: 'refund?' }] })
  // A decorator is called by the language with a method and its context.
  const context = (name: string): never => ({ kind: 'method', name }) as never
  const search = tool(function search(query: string) { return `found ${query}` }, context('search'))
  const think = operation('thinking')(async () => ask(), context('think'))
  const plan = agent('planner')(async () => think(), context('plan'))
  const answer = session('answer-ticket')(async () => {
    search('policy')
    await plan()
    await tocsin.operation('second', ask)
  }, context('answer'))
  await expect(answer()).rejects.toThrow(/quota/)
  await tocsin.flush()

  const events = (await onRecord((read) => read.events({ limit: 100 }))).toReversed()
  expect(events.map(({ type, name, status }) => [type, name, status])).toEqual([
    ['session.start', 'answer-ticket', 'ok'],
    ['tool.call', 'search', 'ok'],
    ['llm.call', 'thinking', 'ok'],
    ['agent.step', 'thinking', 'ok'],
    ['agent.step', 'planner', 'ok'],
    ['llm.call', 'second', 'error'],
    ['agent.step', 'second', 'error'],
    ['session.end', 'answer-ticket', 'error'],
  ])
  expect(new Set(events.map(({ sessionId }) => sessionId)).size).toBe(1)
  expect(events[2]).toMatchObject({ agent: 'planner', llm: { provider: 'openai', inputTokens: 100, outputTokens: 50, costNanoUsd: 200_000 } })
  expect(await onRecord((read) => read.session('default', events[0]?.sessionId ?? ''))).toMatchObject({ state: 'fail', calls: 3, errors: 1, costNanoUsd: 200_000, firstFailure: expect.anything() as unknown })
  await provider.close()
})

describe('a channel of the program', () => {
  test('gets its messages on the thread of the program, and its outcome counts', async () => {
    const own = ownChannel('own', (_, count) => (count === 1 ? { kind: 'retry', detail: 'not now' } : { kind: 'sent', providerId: 'p1' }))
    const tocsin = init({ channels: { mine: { type: 'own', word: 'x' } }, people: dana, delivery: { retryMs: 10, retryMaxMs: 50 } }, { data })
    clients.push(tocsin)
    tocsin.notifications.registerChannel(own.type)
    tocsin.notify({ title: 'hello', severity: 'high' })
    await tocsin.flush()
    await expect.poll(() => own.messages.length, { timeout: 5_000 }).toBe(2)
    await expect.poll(() => onRecord((read) => read.deliveries({ limit: 10 })), { timeout: 5_000 }).toMatchObject([{ result: 'sent', attempts: [{ outcome: 'retry' }, { outcome: 'sent', providerId: 'p1' }] }])
    expect(own.messages[0]).toMatchObject({ severity: 'high', subject: expect.stringContaining('hello') as string })
  })

  test('that throws, hangs, or answers nonsense hurts neither the agent nor other channels', { timeout: 30_000 }, async () => {
    const throwing = ownChannel('throwing', () => {
      throw new Error('no such thing')
    })
    const hanging = ownChannel('hanging', () => new Promise(() => undefined))
    const odd = ownChannel('odd', () => ({ kind: 'done', detail: () => 'x' }))
    const well = ownChannel('well', () => ({ kind: 'sent' }))
    const all = { throwing, hanging, odd, well }
    const tocsin = init(
      {
        channels: Object.fromEntries(Object.keys(all).map((name) => [name, { type: name }])),
        people: dana,
        routes: Object.keys(all).map((name) => ({ match: 'true', to: ['dana'], via: [name] })),
        delivery: { leaseMs: 1_000, retryMs: 60_000, retryMaxMs: 60_000 },
      },
      { data, onNotice: (text) => notices.push(text) },
    )
    clients.push(tocsin)
    for (const { type } of Object.values(all)) tocsin.notifications.registerChannel(type)
    tocsin.notify({ title: 'hello', severity: 'high' })
    await tocsin.flush()
    await expect.poll(() => Object.values(all).map(({ messages }) => messages.length), { timeout: 5_000 }).toEqual([1, 1, 1, 1])
    const outcomes = (): Promise<Readonly<Record<string, string | undefined>>> =>
      onRecord(async (read) => Object.fromEntries((await read.deliveries({ limit: 10 })).map(({ channel, attempts }) => [channel, attempts[0]?.outcome])))
    await expect.poll(outcomes, { timeout: 5_000 }).toEqual({ hanging: 'in-doubt', odd: 'in-doubt', throwing: 'retry', well: 'sent' })
    expect(notices).toEqual([])
  })

  test('with settings that do not fit is paused, and says so', async () => {
    const own = ownChannel('own', () => ({ kind: 'sent' }))
    const tocsin = start({ channels: { mine: { type: 'own', colour: 'red' } }, people: dana })
    tocsin.notifications.registerChannel(own.type)
    tocsin.notify({ title: 'hello', severity: 'high' })
    await tocsin.flush()
    await expect.poll(() => onRecord((read) => read.alerts()), { timeout: 5_000 }).toContainEqual(
      expect.objectContaining({ message: 'system.channel-paused', params: expect.objectContaining({ channel: 'mine', cause: expect.stringContaining('colour') as string }) as unknown }),
    )
    expect(own.messages).toEqual([])
  })

  test('that comes too late is refused with what to do', async () => {
    const tocsin = start({ people: dana })
    await sleep(systemClock, 5)
    expect(() => tocsin.notifications.registerChannel(ownChannel('late', () => ({ kind: 'sent' })).type)).toThrow(expect.objectContaining({ code: 'wrong-usage', message: expect.stringContaining('right after init()') as string }))
    await tocsin.flush()
  })

  test('sends by hand too, and the answer comes after the commit', async () => {
    const own = ownChannel('own', () => ({ kind: 'sent' }))
    const tocsin = start({ channels: { mine: { type: 'own' } }, people: dana })
    tocsin.notifications.registerChannel(own.type)
    const { id } = await tocsin.notifications.send({ channel: 'mine', title: 'by hand', body: 'text' })
    expect((await onRecord((read) => read.events({ limit: 10 }))).map((event) => event.id)).toEqual([id])
    await expect.poll(() => own.messages.map(({ text }) => text), { timeout: 5_000 }).toEqual([expect.stringContaining('text')])
  })
})

test('after close() nothing is recorded, nothing throws, and decorated methods are just called', async () => {
  const tocsin = start({ channels: { news: { type: 'inbox' } }, people: dana })
  tocsin.notify({ title: 'before' })
  await tocsin.close(0)
  tocsin.notify({ title: 'after' })
  expect(tocsin.session('late', () => 7)).toBe(7)
  await tocsin.flush()
  expect((await onRecord((read) => read.counts())).events).toBe(1)
})

test('a secret at the very place where a text is cut is taken out whole', async () => {
  const secret = 'sk-proj-Zx81kfPq02LmVbT7yHsW3nRc64dGjQeUa9XoIt5B'
  const tocsin = start({ channels: { news: { type: 'inbox' } }, people: dana })
  for (const before of [190, 480, 495, 1_980, 1_995]) {
    const text = `${'e'.repeat(before)} ${secret}`
    const fails = (): never => {
      throw new Error(text)
    }
    expect(() => tocsin.session('cut', () => tocsin.tool('search', fails), { configuration: { text }, tags: { text } })).toThrow(secret)
    tocsin.startSession('cut')
    tocsin.endSession('fail', text)
    tocsin.notify({ title: text, body: text, severity: 'info' })
    tocsin.operation(text, () => undefined)
  }
  await tocsin.flush()
  const kept = JSON.stringify(await onRecord((read) => read.events({ limit: 1_000 })))
  expect(kept).not.toContain('sk-')
})
