import { OpenTelemetry } from '@ai-sdk/otel'
import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { generateText, stepCountIs, tool } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { systemChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import type { EventInput } from '../model/event.ts'
import { startModelProvider } from '../testing/model-provider.ts'
import type { ModelProvider } from '../testing/model-provider.ts'
import { subscribeAiSdk } from './ai-sdk.ts'
import { Observation } from './observation.ts'
import { observe } from './observe.ts'
import { Sessions } from './session.ts'
import { createSpanProcessor } from './span-processor.ts'

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)

let provider: ModelProvider
let tracers: NodeTracerProvider
let events: EventInput[]
let observation: Observation

beforeAll(async () => {
  provider = await startModelProvider()
  observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: systemClock, chance: systemChance })
  tracers = new NodeTracerProvider({ spanProcessors: [createSpanProcessor(observation)] })
  tracers.register()
  const instrumentation = new OpenAIInstrumentation({ tracerProvider: tracers })
  instrumentation.manuallyInstrument(OpenAI)
})
afterAll(async () => {
  await tracers.shutdown()
  await provider.close()
})
beforeEach(() => {
  events = []
})

const openai = (): OpenAI => new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test', maxRetries: 0 })
const ask = { model: 'gpt-5-mini', messages: [{ role: 'user' as const, content: 'hi' }] }
const calls = (): readonly EventInput[] => events.filter((event) => event.type === 'llm.call')

describe('spans of real instrumentations', () => {
  test('of OpenInference over openai become calls', async () => {
    provider.respondWith({ kind: 'ok', cachedTokens: 30, reasoningTokens: 3 })
    const answer = await openai().chat.completions.create(ask)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ type: 'llm.call', source: 'otel', status: 'ok', llm: { provider: 'openai', model: 'gpt-5-mini', operation: 'chat', inputTokens: 42, outputTokens: 7, cacheReadTokens: 30, reasoningTokens: 3, finishReason: 'stop', responseId: answer.id } })
    expect(events[0]?.id).toMatch(/^[0-9a-f]{32}:[0-9a-f]{16}:llm\.call$/)
    expect(events[0]?.sessionId).toBeUndefined()
  })

  test('of the Anthropic client’s own tracing become calls, errors too', async () => {
    const anthropic = new Anthropic({ baseURL: provider.url, apiKey: 'k', maxRetries: 0, openTelemetry: { traces: { enabled: true } } })
    const message = { model: 'claude-sonnet-5-5', max_tokens: 9, messages: ask.messages }
    provider.respondWith({ kind: 'ok', inputTokens: 135, cachedTokens: 100 }, { kind: 'rate-limited' })
    await anthropic.messages.create(message)
    await expect(anthropic.messages.create(message)).rejects.toThrow('Rate limit')
    expect(calls()[0]).toMatchObject({ status: 'ok', llm: { provider: 'anthropic', inputTokens: 135, cacheReadTokens: 100, outputTokens: 7, finishReason: 'stop', responseId: matching(/^msg_/) } })
    expect(calls()[1]).toMatchObject({ status: 'error', error: { class: 'rate-limit', statusCode: 429, code: 'rate_limit_error' } })
    events = []
    await observe(anthropic, observation).messages.create(message)
    expect(calls().map((event) => event.source)).toEqual(['observe'])
  })

  test('of the AI SDK become a session whose sums are not counted', async () => {
    const model = createOpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'k' }).chat('gpt-5-mini')
    const weather = tool({ description: 'w', inputSchema: z.object({ city: z.string() }), execute: ({ city }) => city })
    const answer = async (): Promise<void> => {
      provider.respondWith({ kind: 'ok', toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] })
      await generateText({ model, prompt: 'hi', tools: { weather }, stopWhen: stepCountIs(3), telemetry: { functionId: 'weather-agent', integrations: [new OpenTelemetry()] } })
    }
    await answer()
    expect(events.map((event) => event.type).toSorted()).toEqual(['agent.step', 'agent.step', 'llm.call', 'llm.call', 'session.end', 'session.start', 'tool.call'])
    expect(events[0]?.type).toBe('session.start')
    expect(new Set(events.map((event) => event.sessionId)).size).toBe(1)
    expect(calls().reduce((total, event) => total + (event.llm?.inputTokens ?? 0), 0)).toBe(84)
    events = []
    const unsubscribe = subscribeAiSdk(observation)
    await answer()
    unsubscribe()
    expect(calls().map((event) => event.source)).toEqual(['ai-sdk', 'ai-sdk'])
    // The calls that its channel tells belong to the session that its root span is.
    expect(events.map((event) => [event.type, event.source])).toEqual([['session.start', 'otel'], ['llm.call', 'ai-sdk'], ['tool.call', 'ai-sdk'], ['llm.call', 'ai-sdk'], ['session.end', 'otel']])
    expect(new Set(events.map((event) => event.sessionId)).size).toBe(1)
  })
})

describe('a call that a wrapped client records', () => {
  test('is not recorded again from the span around it, whole or streamed, while others beside it are', async () => {
    const watched = observe(openai(), observation)
    await watched.chat.completions.create(ask)
    for await (const _piece of await watched.chat.completions.create({ ...ask, stream: true })) continue
    await watched.responses.create({ model: 'gpt-5-mini', input: 'hi' })
    expect(calls().map((event) => event.source)).toEqual(['observe', 'observe', 'observe'])
    await openai().chat.completions.create(ask)
    expect(calls().at(-1)?.source).toBe('otel')
  })
})

describe('sessions', () => {
  const root = (): void =>
    trace.getTracer('mine').startActiveSpan('invoke_agent swe-agent', { attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'swe-agent' } }, (agent) => {
      trace.getTracer('mine').startActiveSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4' } }, (chat) => chat.end())
      agent.recordException(new Error('gave up'))
      agent.setStatus({ code: SpanStatusCode.ERROR, message: 'gave up' })
      agent.end()
    })

  test('start with an agent’s root span and end with its status, around what is in it', () => {
    root()
    expect(events.map((event) => [event.type, event.agent, event.endState])).toEqual([
      ['session.start', 'swe-agent', undefined],
      ['llm.call', 'swe-agent', undefined],
      ['session.end', 'swe-agent', 'fail'],
    ])
    expect(new Set(events.map((event) => event.sessionId)).size).toBe(1)
    expect(events[2]).toMatchObject({ endReason: 'gave up', status: 'error' })
  })

  test('of an agent’s root span hold the calls of wrapped clients in it', async () => {
    const watched = observe(openai(), observation)
    await trace.getTracer('mine').startActiveSpan('invoke_agent', { attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'bot' } }, async (agent) => {
      await watched.chat.completions.create(ask)
      agent.end()
    })
    expect(events.map((event) => [event.type, event.source, event.agent])).toEqual([['session.start', 'otel', 'bot'], ['llm.call', 'observe', 'bot'], ['session.end', 'otel', 'bot']])
    expect(new Set(events.map((event) => event.sessionId)).size).toBe(1)
  })

  test('of the program come before those of spans', () => {
    new Sessions(observation).run('mine', root, { id: 'S' })
    expect(events.map((event) => [event.type, event.sessionId])).toEqual([
      ['session.start', 'S'],
      ['llm.call', 'S'],
      ['agent.step', 'S'],
      ['session.end', 'S'],
    ])
  })
})

test('spans that are about something else, and hostile ones, are no events and hurt nobody', async () => {
  const before = observation.faults
  trace.getTracer('http').startActiveSpan('GET /', { attributes: { 'http.request.method': 'GET', 'session.id': 'x' } }, (span) => span.end())
  const processor = createSpanProcessor(observation)
  const hostile = Object.defineProperty({}, 'attributes', { get: () => { throw new Error('no') } })
  processor.onStart(hostile, {})
  processor.onEnd(hostile)
  processor.onEnd({ spanContext: () => ({ traceId: 't', spanId: 's' }), attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': Number.NaN, 'gen_ai.usage.output_tokens': -4, 'gen_ai.input.messages': 'x'.repeat(10_000_000) }, startTime: [1, 0], endTime: [2, 0], status: {} })
  await processor.forceFlush()
  await processor.shutdown()
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({ type: 'llm.call', durationMs: 1000, llm: { model: 'unknown' } })
  expect(events[0]?.llm?.inputTokens).toBeUndefined()
  expect(JSON.stringify(events).length).toBeLessThan(2_000)
  expect(observation.faults).toBe(before)
})
