import Anthropic, { APIPromise } from '@anthropic-ai/sdk'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import type { EventInput } from '../model/event.ts'
import { startModelProvider } from '../testing/model-provider.ts'
import type { ModelProvider } from '../testing/model-provider.ts'
import { Observation } from './observation.ts'
import { observe } from './observe.ts'

let provider: ModelProvider
let events: EventInput[]
let plain: Anthropic
let watched: Anthropic
let observation: Observation

beforeAll(async () => {
  provider = await startModelProvider()
})
afterAll(() => provider.close())
beforeEach(() => {
  events = []
  observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: systemClock, chance: systemChance })
  plain = client(0)
  watched = observe(client(0), observation)
})

const client = (maxRetries: number): Anthropic => new Anthropic({ baseURL: provider.url, apiKey: 'sk-ant-test', maxRetries, logLevel: 'off' })
const ask = { model: 'claude-sonnet-5-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hi' }] }

async function thrownBy(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (thrown) {
    if (thrown instanceof Error) return thrown
  }
  throw new Error('expected a failure')
}

test('a message is recorded with all its input, cached or not', async () => {
  provider.respondWith({ kind: 'ok', inputTokens: 135, cachedTokens: 100, outputTokens: 8 })
  const promise = watched.messages.create(ask)
  expect(promise).toBeInstanceOf(APIPromise)
  const message = await promise
  expect(message.content[0]).toMatchObject({ text: 'Hello from the local provider.' })
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({ type: 'llm.call', status: 'ok', llm: { provider: 'anthropic', model: 'claude-sonnet-5-5', operation: 'chat', inputTokens: 135, cacheReadTokens: 100, outputTokens: 8, finishReason: 'stop', responseId: message.id } })
})

test('a stream gives the same pieces as without us and is recorded with its usage', async () => {
  const read = async (anthropic: Anthropic): Promise<unknown[]> => {
    provider.respondWith({ kind: 'ok', toolCalls: [{ name: 'search', arguments: { q: 'refund' } }] })
    const pieces: unknown[] = []
    for await (const piece of await anthropic.messages.create({ ...ask, stream: true })) pieces.push(piece.type === 'message_start' ? piece.type : piece)
    return pieces
  }
  expect(await read(watched)).toEqual(await read(plain))
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({ llm: { streamed: true, inputTokens: 42, outputTokens: 7, finishReason: 'tool-calls' }, detail: { toolCalls: 'search' } })
})

test('the helpers work as before: stream, parse, withResponse, beta', async () => {
  expect(await watched.messages.stream(ask).finalText()).toBe('Hello from the local provider.')
  expect((await watched.messages.parse(ask)).stop_reason).toBe('end_turn')
  const { response, request_id } = await watched.messages.create(ask).withResponse()
  expect([response.status, request_id]).toEqual([200, expect.stringMatching(/^req_/)])
  await watched.beta.messages.create(ask)
  await watched.withOptions({ timeout: 1_000 }).messages.create(ask)
  expect(events.map((event) => [event.status, event.llm?.outputTokens])).toEqual(Array.from({ length: 5 }, () => ['ok', 7]))
})

test('a stream that is cut off, half read or aborted is recorded once each', async () => {
  provider.respondWith({ kind: 'cut-off', pieces: 3 })
  for await (const _piece of await watched.messages.create({ ...ask, stream: true })) continue
  for await (const _piece of await watched.messages.create({ ...ask, stream: true })) break
  provider.respondWith({ kind: 'ok', pauseMs: 20 })
  const stream = await watched.messages.create({ ...ask, stream: true })
  for await (const _piece of stream) stream.controller.abort()
  expect(events.map((event) => [event.status, event.error?.class, event.llm?.finishReason])).toEqual([
    ['error', 'network', undefined],
    ['ok', undefined, 'stopped-reading'],
    ['error', 'cancelled', undefined],
  ])
})

test.each([
  [{ kind: 'unauthorized' as const }, 'auth', 401],
  [{ kind: 'rate-limited' as const }, 'rate-limit', 429],
  [{ kind: 'quota' as const }, 'quota', 429],
  [{ kind: 'context-length' as const }, 'context-length', 400],
  [{ kind: 'server-error' as const, statusCode: 529 }, 'server', 529],
])('%j is thrown unchanged and recorded as %s', async (reply, kind, statusCode) => {
  provider.respondWith(reply, reply)
  const without = await thrownBy(plain.messages.create(ask))
  const withUs = await thrownBy(watched.messages.create(ask))
  expect(withUs.constructor).toBe(without.constructor)
  expect(withUs.message.replace(/req_\d+/, '')).toBe(without.message.replace(/req_\d+/, ''))
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({ status: 'error', error: { class: kind, statusCode } })
})

test('retries by the client are counted', async () => {
  provider.respondWith({ kind: 'rate-limited', retryAfterMs: 5 }, { kind: 'server-error' }, { kind: 'ok' })
  await observe(client(3), observation).messages.create(ask)
  expect(events.map((event) => [event.status, event.llm?.retries])).toEqual([['ok', 2]])
})
