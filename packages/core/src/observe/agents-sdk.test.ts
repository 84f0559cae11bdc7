import * as agents from '@openai/agents'
import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, setTraceProcessors, setTracingDisabled, tool } from '@openai/agents'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { systemChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import type { EventInput } from '../model/event.ts'
import { startModelProvider } from '../testing/model-provider.ts'
import type { ModelProvider } from '../testing/model-provider.ts'
import { createTraceProcessor } from './agents-sdk.ts'
import { runInScope } from './context.ts'
import { Observation } from './observation.ts'
import { observe } from './observe.ts'

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)
const containing = (part: string): unknown => expect.stringContaining(part)

let provider: ModelProvider
let events: EventInput[]
let observation: Observation

beforeAll(async () => {
  provider = await startModelProvider()
  setTracingDisabled(false)
})
afterAll(() => {
  setTraceProcessors([])
  return provider.close()
})
beforeEach(() => {
  events = []
  observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: systemClock, chance: systemChance })
  setTraceProcessors([createTraceProcessor(observation)])
})

const client = (): OpenAI => new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test', maxRetries: 0 })

const weather = tool({ name: 'get_weather', description: 'w', parameters: z.object({ city: z.string() }), execute: ({ city }) => `5C in ${city}` })
const agentOver = (openai: OpenAI): Agent => new Agent({ name: 'Weather', instructions: 'be brief', tools: [weather], model: new OpenAIResponsesModel(openai, 'gpt-5-mini') })
const askForTool = { kind: 'ok', toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] } as const

test('a run is a session with its calls, tools and agents, each counted once', async () => {
  provider.respondWith(askForTool)
  await run(agentOver(client()), 'weather in Oslo?')
  expect(events.map((event) => event.type)).toEqual(['session.start', 'llm.call', 'tool.call', 'llm.call', 'agent.step', 'session.end'])
  expect(new Set(events.map((event) => event.sessionId)).size).toBe(1)
  expect(events[1]).toMatchObject({ source: 'agents-sdk', agent: 'Weather', llm: { provider: 'openai', model: 'gpt-5-mini', inputTokens: 42, outputTokens: 7, responseId: matching(/^resp_/) } })
  expect(events[2]).toMatchObject({ agent: 'Weather', tool: { name: 'get_weather' } })
  expect(events.at(-1)).toMatchObject({ endState: 'success', status: 'ok' })
})

test('a failing run ends its session with the error', async () => {
  provider.respondWith({ kind: 'quota' })
  await expect(run(agentOver(client()), 'hi')).rejects.toThrow('quota')
  expect(events.find((event) => event.type === 'llm.call')).toMatchObject({ status: 'error', error: { class: 'quota', statusCode: 429 } })
  const ends = events.filter((event) => event.type === 'session.end')
  expect(ends).toHaveLength(1)
  expect(ends[0]).toMatchObject({ endState: 'fail', endReason: containing('quota') })
})

test('calls through a wrapped client are recorded by the wrapper alone, also streamed ones', async () => {
  const openai = observe(client(), observation)
  provider.respondWith(askForTool)
  await runInScope({ sessionId: 's1' }, () => run(agentOver(openai), 'weather?'))
  expect(events.map((event) => [event.type, event.source, event.sessionId, event.agent])).toEqual([
    ['llm.call', 'observe', 's1', 'Weather'],
    ['tool.call', 'agents-sdk', 's1', 'Weather'],
    ['llm.call', 'observe', 's1', 'Weather'],
    ['agent.step', 'agents-sdk', 's1', 'Weather'],
  ])
  events = []
  const streamed = await run(agentOver(openai), 'hi', { stream: true })
  await streamed.completed
  expect(events.filter((event) => event.type === 'llm.call').map((event) => [event.source, event.llm?.outputTokens])).toEqual([['observe', 7]])
  // Without a session of the program the call belongs to that of the trace.
  expect(new Set(events.map((event) => event.sessionId)).size).toBe(1)
  await expect.poll(() => events.map((event) => event.type)).toEqual(['session.start', 'llm.call', 'agent.step', 'session.end'])
})

test('a tool that itself asks a wrapped client is still a tool call', async () => {
  const openai = observe(client(), observation)
  const ask = tool({ name: 'ask', description: 'a', parameters: z.object({}), execute: async () => (await openai.chat.completions.create({ model: 'gpt-5-mini', messages: [] })).id })
  provider.respondWith({ kind: 'ok', toolCalls: [{ name: 'ask', arguments: {} }] })
  await run(new Agent({ name: 'Asker', tools: [ask], model: new OpenAIResponsesModel(client(), 'gpt-5-mini') }), 'hi')
  expect(events.map((event) => [event.type, event.source])).toEqual([['session.start', 'agents-sdk'], ['llm.call', 'agents-sdk'], ['llm.call', 'observe'], ['tool.call', 'agents-sdk'], ['llm.call', 'agents-sdk'], ['agent.step', 'agents-sdk'], ['session.end', 'agents-sdk']])
})

test('generations of the chat model are read too', async () => {
  const chat = (openai: OpenAI): Agent => new Agent({ name: 'Chat', model: new OpenAIChatCompletionsModel(openai, 'gpt-5-mini') })
  await run(chat(client()), 'hi')
  expect(events.filter((event) => event.type === 'llm.call')).toMatchObject([{ source: 'agents-sdk', llm: { model: 'gpt-5-mini', inputTokens: 42, outputTokens: 7, responseId: matching(/^chatcmpl-/), finishReason: 'stop' } }])
  events = []
  await run(chat(observe(client(), observation)), 'hi')
  expect(events.filter((event) => event.type === 'llm.call')).toMatchObject([{ source: 'observe' }])
})

test('observe of the module adds a trace processor beside those there are', async () => {
  setTraceProcessors([])
  expect(observe(agents, observation)).toBe(agents)
  await run(agentOver(client()), 'hi')
  expect(events.map((event) => event.type)).toEqual(['session.start', 'llm.call', 'agent.step', 'session.end'])
  expect(observation.faults).toBe(0)
})
