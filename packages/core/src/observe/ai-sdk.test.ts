import { createOpenAI } from '@ai-sdk/openai'
import { embed, generateText, stepCountIs, streamText, tool } from 'ai'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { systemChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import type { EventInput } from '../model/event.ts'
import { startModelProvider } from '../testing/model-provider.ts'
import type { ModelProvider } from '../testing/model-provider.ts'
import { subscribeAiSdk } from './ai-sdk.ts'
import { runInScope } from './context.ts'
import { Observation } from './observation.ts'

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)

let provider: ModelProvider
let events: EventInput[]
let observation: Observation
let unsubscribe: () => void
let openai: ReturnType<typeof createOpenAI>

beforeAll(async () => {
  provider = await startModelProvider()
  openai = createOpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test' })
})
afterAll(() => provider.close())
beforeEach(() => {
  events = []
  observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: systemClock, chance: systemChance })
  unsubscribe = subscribeAiSdk(observation)
})
afterEach(() => {
  unsubscribe()
  expect(observation.faults).toBe(0)
})

const calls = (): readonly EventInput[] => events.filter((event) => event.type === 'llm.call')

test('each model call and tool call of an agent is recorded once, and not their sum', async () => {
  provider.respondWith({ kind: 'ok', toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }], cachedTokens: 30 })
  const weather = tool({ description: 'w', inputSchema: z.object({ city: z.string() }), execute: ({ city }) => ({ city, c: 5 }) })
  await runInScope({ sessionId: 's1' }, () => generateText({ model: openai.chat('gpt-5-mini'), prompt: 'hi', tools: { weather }, stopWhen: stepCountIs(3), telemetry: { functionId: 'weather-agent' } }))
  expect(events.map((event) => [event.type, event.sessionId, event.agent])).toEqual([
    ['llm.call', 's1', 'weather-agent'],
    ['tool.call', 's1', 'weather-agent'],
    ['llm.call', 's1', 'weather-agent'],
    ['agent.step', 's1', 'weather-agent'],
  ])
  expect(calls()[0]).toMatchObject({ source: 'ai-sdk', llm: { provider: 'openai', model: 'gpt-5-mini', inputTokens: 42, outputTokens: 7, cacheReadTokens: 30, finishReason: 'tool-calls', responseId: matching(/^chatcmpl-/) } })
  expect(events[1]?.tool).toMatchObject({ name: 'weather', callId: 'call_1', argumentsHash: matching(/^[0-9a-f]{16}$/) })
})

test('a streamed call has its usage, and gives the program what it would have got', async () => {
  const result = streamText({ model: openai.chat('gpt-5-mini'), prompt: 'hi' })
  let said = ''
  for await (const piece of result.textStream) said += piece
  expect(said).toBe('Hello from the local provider.')
  expect((await result.totalUsage).inputTokens).toBe(42)
  expect(calls()).toHaveLength(1)
  expect(calls()[0]).toMatchObject({ status: 'ok', llm: { streamed: true, inputTokens: 42, outputTokens: 7, finishReason: 'stop', responseId: matching(/^chatcmpl-/) } })
  expect(calls()[0]?.llm?.timeToFirstTokenMs).toBeGreaterThan(0)
})

test('a streamed call of responses, and one that is cut off or stopped, are recorded once each', async () => {
  await streamText({ model: openai.responses('gpt-5-mini'), prompt: 'hi' }).text
  expect(calls()[0]?.llm).toMatchObject({ inputTokens: 42, outputTokens: 7, streamed: true })
  provider.respondWith({ kind: 'cut-off', pieces: 3, reset: true })
  await streamText({ model: openai.chat('gpt-5-mini'), prompt: 'hi', maxRetries: 0, onError: () => undefined }).consumeStream()
  expect(calls()[1]).toMatchObject({ status: 'error', error: { class: 'network' } })
  const abort = new AbortController()
  const stopped = streamText({ model: openai.chat('gpt-5-mini'), prompt: 'hi', abortSignal: abort.signal })
  for await (const _piece of stopped.textStream) abort.abort()
  expect(calls()).toHaveLength(3)
})

test('embeddings and errors are recorded, errors with their class and status', async () => {
  await embed({ model: openai.embedding('text-embedding-3-small'), value: 'x' })
  expect(calls()[0]?.llm).toMatchObject({ operation: 'embeddings', inputTokens: 42, model: 'text-embedding-3-small' })
  provider.respondWith({ kind: 'quota' })
  await expect(generateText({ model: openai.responses('gpt-5-mini'), prompt: 'hi', maxRetries: 0 })).rejects.toThrow('quota')
  expect(calls()[1]).toMatchObject({ status: 'error', error: { class: 'quota', statusCode: 429, code: 'insufficient_quota' } })
  provider.respondWith({ kind: 'ok', toolCalls: [{ name: 'explode', arguments: {} }] })
  const explode = tool({ description: 'x', inputSchema: z.object({}), execute: (): string => { throw new Error('tool exploded') } })
  await generateText({ model: openai.chat('gpt-5-mini'), prompt: 'hi', tools: { explode } })
  expect(events.find((event) => event.type === 'tool.call')).toMatchObject({ status: 'error', error: { message: 'tool exploded' } })
})

test('nothing is recorded after the end', async () => {
  unsubscribe()
  await generateText({ model: openai.chat('gpt-5-mini'), prompt: 'hi' })
  expect(events).toEqual([])
  unsubscribe = subscribeAiSdk(observation)
})
