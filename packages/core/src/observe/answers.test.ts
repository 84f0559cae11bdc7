import Anthropic from '@anthropic-ai/sdk'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import type { EventInput } from '../model/event.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { startModelProvider } from '../testing/model-provider.ts'
import type { ModelProvider } from '../testing/model-provider.ts'
import type { Reply } from '../testing/model-wire.ts'
import { subscribeAiSdk } from './ai-sdk.ts'
import { Observation } from './observation.ts'
import { observe } from './observe.ts'

let provider: ModelProvider
let events: EventInput[]
let observation: Observation
beforeAll(async () => {
  provider = await startModelProvider()
})
afterAll(() => provider.close())
beforeEach(() => {
  events = []
  observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: systemClock, chance: systemChance })
})
afterEach(() => expect(observation.faults).toBe(0))

const messages = [{ role: 'user' as const, content: 'hi' }]
const tools = [{ type: 'function' as const, function: { name: 'pay', parameters: { type: 'object', properties: {} } } }]
const openai = () => observe(new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test', maxRetries: 0 }), observation)
const anthropic = () => observe(new Anthropic({ baseURL: provider.url, apiKey: 'sk-ant-test', maxRetries: 0 }), observation)
const read = async (stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const piece of stream) void piece
}

/** Every way in which the clients ask: each makes one call and reads its whole answer. */
const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  'openai chat': () => openai().chat.completions.create({ model: 'gpt-5', messages, tools }),
  'openai chat, streamed': async () => read(await openai().chat.completions.create({ model: 'gpt-5', messages, tools, stream: true })),
  'openai responses': () => openai().responses.create({ model: 'gpt-5', input: 'hi' }),
  'openai responses, streamed': async () => read(await openai().responses.create({ model: 'gpt-5', input: 'hi', stream: true })),
  'anthropic messages': () => anthropic().messages.create({ model: 'claude-sonnet-5', max_tokens: 100, messages }),
  'anthropic messages, streamed': async () => read(await anthropic().messages.create({ model: 'claude-sonnet-5', max_tokens: 100, messages, stream: true })),
  'ai sdk': () => withAiSdk(() => generateText({ model: aiSdkModel(), prompt: 'hi' })),
  'ai sdk, streamed': () => withAiSdk(async () => read(streamText({ model: aiSdkModel(), prompt: 'hi' }).textStream)),
}

const aiSdkModel = () => createOpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test' })('gpt-5')

async function withAiSdk(work: () => Promise<unknown>): Promise<void> {
  const unsubscribe = subscribeAiSdk(observation)
  try {
    await work()
  } finally {
    unsubscribe()
  }
}

async function callSeen(way: string, reply: Reply): Promise<EventInput> {
  provider.respondWith(reply)
  await ways[way]?.()
  await expect.poll(() => events.filter(({ type }) => type === 'llm.call')).toHaveLength(1)
  const call = events.find(({ type }) => type === 'llm.call')
  if (call === undefined) throw new Error('no call')
  return call
}

describe.each(Object.keys(ways))('%s', (way) => {
  test('a good answer has a length, nothing wrong with it, and leaves no text behind', async () => {
    const call = await callSeen(way, { kind: 'ok', text: 'It is sunny.' })
    expect(call.llm?.answerChars).toBe('It is sunny.'.length)
    expect(call.llm).not.toHaveProperty('flaw')
    expect(call).not.toHaveProperty('excerpt')
  })

  test('an empty answer has no characters', async () => {
    expect((await callSeen(way, { kind: 'empty' })).llm).toMatchObject({ answerChars: 0 })
  })

  test('an answer that goes in circles is seen, and its beginning is kept', async () => {
    const text = 'I will now check the order again. '.repeat(40)
    const call = await callSeen(way, { kind: 'ok', text })
    expect(call.llm).toMatchObject({ flaw: 'repetition', answerChars: text.length })
    expect(call.excerpt?.slice(0, 33)).toBe('I will now check the order again.')
  })

  test('an answer that was cut off keeps its beginning', async () => {
    expect(await callSeen(way, { kind: 'ok', text: 'As I was say', finishReason: 'length' })).toMatchObject({ llm: { finishReason: 'length' }, excerpt: 'As I was say' })
  })
})

describe.each(['openai chat', 'openai chat, streamed', 'openai responses', 'openai responses, streamed', 'anthropic messages, streamed'])('%s', (way) => {
  test('arguments of a tool that are no JSON are seen', async () => {
    const call = await callSeen(way, { kind: 'ok', toolCalls: [{ name: 'pay', arguments: { amount: 1 } }, { name: 'pay', arguments: '{"amount": 12' }] })
    expect(call).toMatchObject({ llm: { flaw: 'malformed-tool-call' }, excerpt: '{"amount": 12' })
  })

  test('arguments that are JSON are no flaw', async () => {
    const call = await callSeen(way, { kind: 'ok', toolCalls: [{ name: 'pay', arguments: { amount: 1 } }] })
    expect(call.llm).toMatchObject({ answerChars: '{"amount":1}'.length })
    expect(call.llm).not.toHaveProperty('flaw')
  })
})

describe('JSON that was asked for', () => {
  const format = { type: 'json_object' as const }
  test.each([['{"a": 1', 'malformed-json'], ['Sure! {"a": 1}', 'malformed-json'], ['{"a": 1}', undefined]])('%j', async (text, flaw) => {
    provider.respondWith({ kind: 'ok', text }, { kind: 'ok', text }, { kind: 'ok', text })
    await openai().chat.completions.create({ model: 'gpt-5', messages, response_format: format })
    await read(await openai().chat.completions.create({ model: 'gpt-5', messages, response_format: format, stream: true }))
    await openai().responses.create({ model: 'gpt-5', input: 'hi', text: { format } })
    expect(events.map(({ llm }) => llm?.flaw)).toEqual([flaw, flaw, flaw])
  })

  test('is not missed in what was cut off', async () => {
    provider.respondWith({ kind: 'ok', text: '{"a": 1', finishReason: 'length' })
    await openai().chat.completions.create({ model: 'gpt-5', messages, response_format: format })
    expect(events[0]?.llm).not.toHaveProperty('flaw')
  })
})

test('the model that was asked for is kept where another one answers', async () => {
  provider.respondWith({ kind: 'ok', model: 'gpt-4o-mini' }, { kind: 'ok' })
  await openai().chat.completions.create({ model: 'gpt-5', messages })
  await openai().chat.completions.create({ model: 'gpt-5', messages })
  expect(events.map(({ llm }) => [llm?.model, llm?.requestedModel])).toEqual([['gpt-4o-mini', 'gpt-5'], ['gpt-5', undefined]])
})

describe('a call that does not come back', () => {
  test('is told after 30 seconds and then after twice as long, and again by its name when it does', async () => {
    const clock = manualClock(1_800_000_000_000)
    observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock, chance: systemChance })
    provider.respondWith({ kind: 'slow', afterMs: 300 })
    const answer = openai().chat.completions.create({ model: 'gpt-5', messages })
    for (let second = 0; second < 130; second += 10) clock.advance(10_000)
    expect(events.map(({ type, durationMs }) => [type, durationMs])).toEqual([['llm.pending', 30_000], ['llm.pending', 60_000], ['llm.pending', 120_000]])
    await answer
    const last = events.at(-1)
    expect(last).toMatchObject({ type: 'llm.call', durationMs: 130_000, detail: { pending: events[0]?.detail?.['pending'] } })
    expect(new Set(events.map(({ detail }) => detail?.['pending'])).size).toBe(1)
    clock.advance(600_000)
    expect(events).toHaveLength(4)
    expect(clock.nextTaskInMs).toBeUndefined()
  })

  test('is not told while its answer streams in', async () => {
    const clock = manualClock(1_800_000_000_000)
    observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock, chance: systemChance })
    provider.respondWith({ kind: 'ok', text: 'one two three', pauseMs: 20 })
    let pieces = 0
    for await (const piece of await openai().chat.completions.create({ model: 'gpt-5', messages, stream: true })) {
      pieces += Number(piece.choices.length > 0)
      if (pieces === 1) clock.advance(100_000)
    }
    expect(events.map(({ type }) => type)).toEqual(['llm.call'])
  })
})
