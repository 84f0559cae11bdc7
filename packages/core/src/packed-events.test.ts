import fc from 'fast-check'
import { expect, test } from 'vitest'
import { errorClasses, eventTypes, type EventInput, type LlmCall, type ToolCall } from './model/event.ts'
import { packEvents, unpackEvents } from './packed-events.ts'

const whole = fc.nat({ max: 1_000_000_000 })
const word = fc.string({ maxLength: 20 })
/** Few values, so that neighbours often share one. */
const shared = fc.constantFrom('support-bot', 'billing-bot', '')
const anyEvent: fc.Arbitrary<EventInput> = fc.record(
  {
    type: fc.constantFrom(...eventTypes),
    source: fc.constantFrom('observe', 'client', 'otel'),
    id: word,
    atMs: whole,
    durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    sessionId: shared,
    name: shared,
    agent: shared,
    user: word,
    environment: shared,
    tags: fc.dictionary(word, word, { maxKeys: 3 }),
    status: fc.constantFrom('ok', 'error'),
    error: fc.record({ class: fc.constantFrom(...errorClasses), message: word }),
    llm: fc.record(
      { provider: shared, model: word, operation: fc.constant('chat'), inputTokens: whole, outputTokens: whole, cacheReadTokens: whole, cacheWriteTokens: whole, reasoningTokens: whole, responseId: word, finishReason: shared, streamed: fc.boolean(), timeToFirstTokenMs: whole, retries: whole, costNanoUsd: whole, costSource: fc.constantFrom('reported', 'unknown') },
      { requiredKeys: ['provider', 'model', 'operation'] },
    ),
    tool: fc.record({ name: shared, callId: word, argumentsHash: word }, { requiredKeys: ['name'] }),
    endState: fc.constantFrom('success', 'fail'),
    endReason: word,
    excerpt: word,
    detail: fc.dictionary(word, word, { maxKeys: 3 }),
    announcement: fc.record({ title: word, severity: fc.constantFrom('high', 'info') }),
  },
  { requiredKeys: ['type', 'source', 'id', 'atMs'] },
)

test('what is packed comes out equal, through a clone too', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
      expect(unpackEvents(structuredClone(packEvents(events, 'p', 1)))).toEqual(events)
    }),
  )
})

test('every field of an event comes through', () => {
  const full: Required<EventInput> & { readonly llm: Required<LlmCall>; readonly tool: Required<ToolCall> } = {
    type: 'llm.call', source: 'observe', id: 'a', atMs: 5, depth: 2, durationMs: 1.5, sessionId: 's', name: 'n', agent: 'g', user: 'u', environment: 'e', tags: { t: '1' }, status: 'error',
    error: { class: 'server', message: 'm', statusCode: 500, code: 'c' },
    llm: { provider: 'openai', model: 'm', requestedModel: 'n', operation: 'chat', answerChars: 9, flaw: 'refusal', inputTokens: 0, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4, reasoningTokens: 5, responseId: 'r', finishReason: 'stop', streamed: false, timeToFirstTokenMs: 6, retries: 7, costNanoUsd: 8, costSource: 'reported' },
    tool: { name: 't', callId: 'c', argumentsHash: 'h' },
    endState: 'fail', endReason: 'r', excerpt: 'x', detail: { d: '2' }, announcement: { title: 't', body: 'b', severity: 'high', to: ['dana'], direct: { channel: 'c', address: 'a' } },
  }
  expect(unpackEvents(packEvents([full], 'p', 1))).toEqual([full])
})

test('an event without an id gets the same one each time, and one with an id keeps it', () => {
  const bare: EventInput = { type: 'custom', source: 'client', atMs: 1 }
  const packed = packEvents([bare, { ...bare, id: 'own' }, bare], 'abc', 35)
  expect(unpackEvents(packed).map(({ id }) => id)).toEqual(['abc:z', 'own', 'abc:11'])
  expect(unpackEvents(packed)).toEqual(unpackEvents(packed))
})

test('a number that is none is left out', () => {
  const events: EventInput[] = [{ type: 'llm.call', source: 'observe', atMs: Number.NaN, llm: { provider: 'openai', model: 'm', operation: 'chat', inputTokens: Number.NaN } }]
  expect(unpackEvents(packEvents(events, 'p', 1))).toEqual([{ type: 'llm.call', source: 'observe', id: 'p:1', llm: { provider: 'openai', model: 'm', operation: 'chat' } }])
})
