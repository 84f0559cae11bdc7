import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import OpenAI, { APIPromise, AzureOpenAI } from 'openai'
import { LengthFinishReasonError } from 'openai/core/error'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import type { EventInput } from '../model/event.ts'
import { startModelProvider } from '../testing/model-provider.ts'
import type { ModelProvider } from '../testing/model-provider.ts'
import { runInScope } from './context.ts'
import { Observation } from './observation.ts'
import { observe } from './observe.ts'

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)

let provider: ModelProvider
let events: EventInput[]
let observation: Observation
let plain: OpenAI
let watched: OpenAI

beforeAll(async () => {
  provider = await startModelProvider()
})
afterAll(() => provider.close())
beforeEach(() => {
  events = []
  observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: systemClock, chance: systemChance })
  plain = client()
  watched = observe(client(), observation)
})

function client(options: { readonly maxRetries?: number; readonly timeout?: number } = {}): OpenAI {
  return new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test', maxRetries: options.maxRetries ?? 0, timeout: options.timeout ?? 5_000, logLevel: 'off' })
}

const messages = [{ role: 'user' as const, content: 'hi' }]
const ask = { model: 'gpt-5-mini', messages }

async function settled<T>(promise: Promise<T>): Promise<{ value?: T; thrown?: unknown }> {
  try {
    return { value: await promise }
  } catch (thrown) {
    return { thrown }
  }
}

describe('a whole answer', () => {
  test('is recorded with its tokens, its model, its id and its time', async () => {
    provider.respondWith({ kind: 'ok', inputTokens: 100, outputTokens: 20, cachedTokens: 30, reasoningTokens: 5, model: 'gpt-5-mini-2026-01-01' })
    const answer = await runInScope({ sessionId: 's1', agent: 'refund-bot' }, () => watched.chat.completions.create(ask))
    expect(answer.choices[0]?.message.content).toBe('Hello from the local provider.')
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      type: 'llm.call',
      source: 'observe',
      status: 'ok',
      sessionId: 's1',
      agent: 'refund-bot',
      llm: { provider: 'openai', model: 'gpt-5-mini-2026-01-01', operation: 'chat', inputTokens: 100, outputTokens: 20, cacheReadTokens: 30, reasoningTokens: 5, finishReason: 'stop', responseId: answer.id },
    })
    expect(events[0]?.durationMs).toBeGreaterThan(0)
    expect(Math.abs((events[0]?.atMs ?? 0) - systemClock.nowMs())).toBeLessThan(5_000)
  })

  test('names the tools that the model asked for, with a hash of their arguments', async () => {
    provider.respondWith({ kind: 'ok', toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] })
    await watched.chat.completions.create(ask)
    expect(events[0]?.llm?.finishReason).toBe('tool-calls')
    expect(events[0]?.detail?.['toolCalls']).toMatch(/^get_weather#[0-9a-f]{16}$/)
  })

  test('of responses, completions and embeddings is recorded like one of chat', async () => {
    await watched.responses.create({ model: 'gpt-5-mini', input: 'hi' })
    await watched.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'hi' })
    const embedded = await watched.embeddings.create({ model: 'text-embedding-3-small', input: 'hi' })
    expect(embedded.data[0]?.embedding).toHaveLength(3)
    expect(events.map((event) => [event.llm?.operation, event.llm?.inputTokens, event.llm?.outputTokens])).toEqual([
      ['chat', 42, 7],
      ['completion', 42, 7],
      ['embeddings', 42, undefined],
    ])
  })
})

describe('the object', () => {
  test('keeps its class, its identity and the class of its promises', async () => {
    const original = client()
    const same = observe(original, observation)
    expect(same).toBe(original)
    expect(same).toBeInstanceOf(OpenAI)
    const promise = same.chat.completions.create(ask)
    expect(promise).toBeInstanceOf(APIPromise)
    await promise
    observe(same, observation)
    await same.chat.completions.create(ask)
    expect(events).toHaveLength(2)
  })

  test('gives the response and the request id through withResponse, recorded once', async () => {
    const { data, response, request_id } = await watched.chat.completions.create(ask).withResponse()
    expect([data.object, response.status, request_id]).toEqual(['chat.completion', 200, matching(/^req_/)])
    expect(events).toHaveLength(1)
    expect(events[0]?.llm?.outputTokens).toBe(7)
  })

  test('leaves the raw body of asResponse to the caller, and records a call whose tokens are not known', async () => {
    const response = await watched.chat.completions.create(ask).asResponse()
    // Reason for the cast: the provider of this test answers with this object.
    const body = (await response.json()) as { object: string }
    expect(body.object).toBe('chat.completion')
    expect(events).toHaveLength(1)
    expect(events[0]?.llm?.inputTokens).toBeUndefined()
  })

  test('watches the clients made by withOptions too, each call once', async () => {
    await watched.withOptions({ timeout: 1_000 }).withOptions({ maxRetries: 0 }).chat.completions.create(ask)
    expect(events).toHaveLength(1)
  })

  test('keeps its helpers: parse, stream, runTools and the stream of responses', async () => {
    const parsed = await watched.chat.completions.parse(ask)
    expect(parsed.choices[0]?.message.content).toBe('Hello from the local provider.')
    expect((await watched.chat.completions.stream(ask).finalChatCompletion()).choices).toHaveLength(1)
    expect((await watched.responses.parse({ model: 'gpt-5-mini', input: 'hi' })).output_text).toBe('Hello from the local provider.')
    expect((await watched.responses.stream({ model: 'gpt-5-mini', input: 'hi' }).finalResponse()).output_text).toBe('Hello from the local provider.')
    expect(events).toHaveLength(4)
    provider.respondWith({ kind: 'ok', toolCalls: [{ name: 'lookup', arguments: { id: 1 } }] }, { kind: 'ok', text: 'done' })
    const seen: unknown[] = []
    const lookup = (given: string): string => {
      seen.push(given)
      return 'found'
    }
    const runner = watched.chat.completions.runTools({ ...ask, tools: [{ type: 'function', function: { function: lookup, name: 'lookup', description: 'x', parameters: { type: 'object', properties: { id: { type: 'number' } } } } }] })
    expect(await runner.finalContent()).toBe('done')
    expect(seen).toEqual(['{"id":1}'])
    expect(events).toHaveLength(6)
    expect(events.every((event) => event.status === 'ok')).toBe(true)
  })

  test('records the answer itself where a helper refuses it', async () => {
    provider.respondWith({ kind: 'ok', finishReason: 'length' })
    const format = { type: 'json_schema' as const, json_schema: { name: 'x', schema: { type: 'object' } } }
    const refused = await settled(watched.chat.completions.parse({ ...ask, response_format: format }))
    expect(refused.thrown).toBeInstanceOf(LengthFinishReasonError)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ status: 'ok', llm: { outputTokens: 7, finishReason: 'length' } })
  })

  test('of Azure names its provider and its deployment', async () => {
    const azure = observe(new AzureOpenAI({ apiKey: 'k', apiVersion: '2026-01-01', baseURL: `${provider.url}/v1`, maxRetries: 0 }), observation)
    expect(azure).toBeInstanceOf(AzureOpenAI)
    await azure.chat.completions.create(ask)
    expect(events).toHaveLength(1)
    expect(events[0]?.llm?.provider).toBe('azure')
  })
})

describe('a stream', () => {
  test('gives the same pieces as without us, in the same request', async () => {
    const read = async (openai: OpenAI): Promise<unknown[]> => {
      const pieces = []
      for await (const piece of await openai.chat.completions.create({ ...ask, stream: true })) pieces.push({ ...piece, id: '', created: 0 })
      return pieces
    }
    const without = await read(plain)
    const withUs = await read(watched)
    expect(withUs).toEqual(without)
    expect(provider.requests.at(-1)?.body).toEqual(provider.requests.at(-2)?.body)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ status: 'ok', llm: { streamed: true, finishReason: 'stop', model: 'gpt-5-mini' } })
    expect(events[0]?.llm?.outputTokens).toBeUndefined()
    expect(events[0]?.llm?.timeToFirstTokenMs).toBeGreaterThan(0)
  })

  test('records the usage that the program asked for', async () => {
    const stream = await watched.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } })
    let last
    for await (const piece of stream) last = piece
    expect(last?.usage?.completion_tokens).toBe(7)
    expect(events[0]?.llm).toMatchObject({ inputTokens: 42, outputTokens: 7 })
  })

  test('can be asked for usage that the program does not see', async () => {
    const asking = observe(client(), observation, { streamUsage: 'ask' })
    const pieces = []
    for await (const piece of await asking.chat.completions.create({ ...ask, stream: true })) pieces.push(piece)
    expect(provider.requests.at(-1)?.body?.['stream_options']).toEqual({ include_usage: true })
    expect(pieces.every((piece) => piece.choices.length === 1 && !('usage' in piece))).toBe(true)
    expect(events[0]?.llm).toMatchObject({ inputTokens: 42, outputTokens: 7, finishReason: 'stop' })
  })

  test('that is half read is recorded once, without a failure', async () => {
    for await (const _piece of await watched.chat.completions.create({ ...ask, stream: true })) break
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ status: 'ok', llm: { finishReason: 'stopped-reading' } })
    expect(events[0]?.error).toBeUndefined()
  })

  test('that is aborted is recorded as cancelled', async () => {
    const stream = await watched.chat.completions.create({ ...ask, stream: true })
    for await (const _piece of stream) stream.controller.abort()
    expect(events).toHaveLength(1)
    expect(events[0]?.error?.class).toBe('cancelled')
  })

  test('that is cut off is recorded as a failure of the network', async () => {
    provider.respondWith({ kind: 'cut-off', pieces: 3 }, { kind: 'cut-off', pieces: 3, reset: true })
    for await (const _piece of await watched.chat.completions.create({ ...ask, stream: true })) continue
    const broken = await settled(
      (async () => {
        for await (const _piece of await watched.chat.completions.create({ ...ask, stream: true })) continue
      })(),
    )
    expect(broken.thrown).toBeInstanceOf(Error)
    expect(events.map((event) => [event.status, event.error?.class])).toEqual([
      ['error', 'network'],
      ['error', 'network'],
    ])
  })

  test('that is dropped unread is recorded when it is collected', async () => {
    setFlagsFromString('--expose-gc')
    // Reason for the cast: with that flag a new context has the collector as a global.
    const collect = runInNewContext('gc') as () => void
    await (async () => void (await watched.chat.completions.create({ ...ask, stream: true })))()
    for (let turn = 0; turn < 50 && events.length === 0; turn++) {
      collect()
      await new Promise((resolve) => void systemClock.after(10, () => resolve(undefined)))
    }
    expect(events).toHaveLength(1)
    expect(events[0]?.llm?.finishReason).toBe('stopped-reading')
  })

  test('can be split and turned into a readable stream, recorded once', async () => {
    const [left, right] = (await watched.chat.completions.create({ ...ask, stream: true })).tee()
    const count = async (stream: AsyncIterable<unknown>): Promise<number> => {
      let pieces = 0
      for await (const _piece of stream) pieces++
      return pieces
    }
    expect(await count(left)).toBe(await count(right))
    const readable = (await watched.chat.completions.create({ ...ask, stream: true })).toReadableStream()
    expect(await count(readable)).toBeGreaterThan(3)
    expect(events).toHaveLength(2)
  })

  test('of responses gives its usage and the tools that were asked for', async () => {
    provider.respondWith({ kind: 'ok', toolCalls: [{ name: 'search', arguments: { q: 'refund' } }] })
    for await (const _event of await watched.responses.create({ model: 'gpt-5-mini', input: 'hi', stream: true })) continue
    expect(events[0]).toMatchObject({ status: 'ok', llm: { inputTokens: 42, outputTokens: 7, finishReason: 'tool-calls', streamed: true, responseId: matching(/^resp_/) } })
  })
})

describe('a failure', () => {
  test.each([
    [{ kind: 'unauthorized' as const }, 'auth', 401, 'invalid_api_key'],
    [{ kind: 'rate-limited' as const }, 'rate-limit', 429, 'rate_limit_exceeded'],
    [{ kind: 'quota' as const, echo: 'sk-live-secret' }, 'quota', 429, 'insufficient_quota'],
    [{ kind: 'context-length' as const }, 'context-length', 400, 'context_length_exceeded'],
    [{ kind: 'server-error' as const, statusCode: 503 }, 'server', 503, 'server_error'],
  ])('%j is thrown unchanged and recorded as %s', async (reply, kind, statusCode, code) => {
    provider.respondWith(reply, reply)
    const without = await settled(plain.chat.completions.create(ask))
    const withUs = await settled(watched.chat.completions.create(ask))
    // Reason for the cast: both are errors of the SDK; their classes and messages are compared.
    expect((withUs.thrown as Error).constructor).toBe((without.thrown as Error).constructor)
    expect((withUs.thrown as Error).message).toBe((without.thrown as Error).message)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ status: 'error', error: { class: kind, statusCode, code }, llm: { provider: 'openai', model: 'gpt-5-mini' } })
  })

  test('counts the retries that the client made by itself, also before a success', async () => {
    const retrying = observe(client({ maxRetries: 3 }), observation)
    provider.respondWith({ kind: 'rate-limited', retryAfterMs: 5 }, { kind: 'server-error' }, { kind: 'ok' })
    await retrying.chat.completions.create(ask)
    provider.respondWith({ kind: 'quota' }, { kind: 'quota' }, { kind: 'quota' }, { kind: 'quota' })
    await settled(retrying.chat.completions.create(ask))
    expect(events.map((event) => [event.status, event.llm?.retries])).toEqual([
      ['ok', 2],
      ['error', 3],
    ])
  })

  test('of the connection and of time are told apart', async () => {
    provider.respondWith({ kind: 'reset' }, { kind: 'slow', afterMs: 2_000 })
    await settled(watched.chat.completions.create(ask))
    await settled(observe(client({ timeout: 50 }), observation).chat.completions.create(ask))
    const abort = new AbortController()
    const aborted = settled(watched.chat.completions.create(ask, { signal: abort.signal }))
    abort.abort()
    await aborted
    expect(events.map((event) => event.error?.class)).toEqual(['network', 'timeout', 'cancelled'])
  })
})

describe('weird objects', () => {
  test('come back untouched, and the fault is counted and told', () => {
    const weird = Object.defineProperty({}, 'chat', { get: () => { throw new Error('no') }, enumerable: true })
    expect(observe(weird, observation)).toBe(weird)
    const frozen = Object.freeze({ chat: Object.freeze({ completions: Object.freeze({ create: () => 7 }) }), post: () => undefined })
    expect(observe(frozen, observation).chat.completions.create()).toBe(7)
    expect(observation.faults).toBe(1)
    expect(events[0]).toMatchObject({ type: 'tocsin.observation-failed', name: 'observe' })
  })

  test('with a body whose getters throw fail as they would without us', async () => {
    const body = Object.defineProperty({ messages }, 'model', { get: () => { throw new Error('getter') }, enumerable: true })
    // Reason for the cast: the wrong body is the point of this test.
    const without = await settled(plain.chat.completions.create(body as typeof ask))
    const withUs = await settled(watched.chat.completions.create(body as typeof ask))
    expect((withUs.thrown as Error).message).toBe((without.thrown as Error).message)
  })

  test('a recorder that throws never reaches the program', async () => {
    const broken = new Observation({ recorder: { record: () => { throw new Error('full') } }, clock: systemClock, chance: systemChance })
    const answer = await observe(client(), broken).chat.completions.create(ask)
    expect(answer.object).toBe('chat.completion')
    expect(broken.faults).toBeGreaterThan(0)
  })
})
