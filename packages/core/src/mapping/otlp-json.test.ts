import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { EventInput } from '../model/event.ts'
import { flattenOtlpJson } from './otlp-json.ts'
import { SpanMapper } from './span-mapper.ts'

/** What real exporters sent for real clients; made against the local provider of `testing/model-provider.ts`. */
const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url))
/** More of them, kept beside the repository; read only where they are. */
const samples = fileURLToPath(new URL('../../../../../shared/samples/otlp', import.meta.url))

function eventsOf(path: string): readonly EventInput[] {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const messages: readonly unknown[] = path.includes('.jsonl') ? text.split('\n').filter((line) => line !== '').map((line): unknown => JSON.parse(line)) : [JSON.parse(text)]
  const mapper = new SpanMapper()
  return messages.flatMap((message) => {
    const { spans, rejected } = flattenOtlpJson(message)
    expect(rejected).toBe(0)
    return mapper.map(spans)
  })
}

const calls = (events: readonly EventInput[]): readonly EventInput[] => events.filter((event) => event.type === 'llm.call')
const count = (events: readonly EventInput[], type: string): number => events.filter((event) => event.type === type).length
const inputTokens = (events: readonly EventInput[]): number => calls(events).reduce((total, event) => total + (event.llm?.inputTokens ?? 0), 0)

describe('payloads of real exporters', () => {
  test('OpenInference over openai', () => {
    const events = eventsOf(`${fixtures}/openinference-openai.json`)
    expect(calls(events).map((event) => [event.llm?.operation, event.llm?.model, event.llm?.inputTokens, event.llm?.outputTokens, event.llm?.cacheReadTokens])).toEqual([
      ['chat', 'gpt-5-mini-2026-01-01', 42, 7, 30],
      ['chat', 'gpt-5-mini', undefined, undefined, undefined],
      ['chat', 'gpt-5-mini-2026-01-01', 42, 7, 30],
      ['embeddings', 'text-embedding-3-small', undefined, undefined, undefined],
    ])
    expect(events.every((event) => event.llm?.provider === 'openai' && event.sessionId === undefined && event.tags?.['service'] === 'fixture-agent')).toBe(true)
    expect(events[0]?.llm?.responseId).toMatch(/^chatcmpl-/)
  })

  test('the Anthropic client’s own tracing', () => {
    const events = eventsOf(`${fixtures}/anthropic-native.json`)
    expect(events.map((event) => [event.type, event.status, event.llm?.inputTokens, event.llm?.outputTokens, event.llm?.cacheReadTokens, event.error?.class])).toEqual([
      ['llm.call', 'ok', 135, 8, 100, undefined],
      ['llm.call', 'ok', 135, 8, 100, undefined],
      ['llm.call', 'error', undefined, undefined, undefined, 'rate-limit'],
    ])
    expect(events[1]?.llm).toMatchObject({ streamed: true, finishReason: 'stop' })
    expect(events[1]?.llm?.timeToFirstTokenMs).toBeGreaterThan(0)
  })

  test.each(['ai-sdk-otel', 'ai-sdk-legacy'])('the AI SDK (%s): each call once, agents as sessions', (name) => {
    const events = eventsOf(`${fixtures}/${name}.json`)
    expect(inputTokens(events)).toBe(5 * 42)
    expect(calls(events).filter((event) => event.status === 'ok')).toHaveLength(5)
    expect(events.filter((event) => event.type === 'tool.call').map((event) => [event.tool?.name, event.status, event.error?.message])).toEqual([
      ['get_weather', 'ok', undefined],
      ['get_weather', 'error', 'tool exploded'],
    ])
    const ends = events.filter((event) => event.type === 'session.end')
    expect([count(events, 'session.start'), ends.length]).toEqual([4, 4])
    expect(ends.filter((event) => event.endState === 'fail').map((event) => [event.endReason, event.error?.class])).toEqual([[expect.stringContaining('quota'), expect.stringMatching(/^(rate-limit|quota)$/)]])
    expect(calls(events).every((event) => event.sessionId !== undefined && event.llm?.provider === 'openai')).toBe(true)
    expect(ends.filter((event) => event.agent === 'weather-agent').length).toBeGreaterThan(0)
  })
})

describe.runIf(existsSync(samples))('samples beside the repository', () => {
  const of = (name: string): readonly EventInput[] => eventsOf(`${samples}/${name}`)

  test('every span of every file is read, and never twice under one id', () => {
    for (const name of readdirSync(samples).filter((file) => /\.(json|jsonl\.gz)$/.test(file) && !file.includes('native.json'))) {
      const events = of(name)
      expect(events.length).toBeGreaterThan(0)
      expect(new Set(events.map((event) => event.id)).size).toBe(events.length)
      for (const event of events) expect(event.durationMs).toBeGreaterThanOrEqual(0)
    }
  })

  test('openai 6 with three instrumentations: calls, tokens and the error', () => {
    const otel = of('openai6-otel.json')
    expect(inputTokens(otel)).toBe(42 * 3 + 50 + 4)
    expect(otel.at(-1)).toMatchObject({ status: 'error', error: { class: 'rate-limit', statusCode: 429 } })
    expect(inputTokens(of('openai6-traceloop.json'))).toBe(42 * 2 + 50)
    expect(inputTokens(of('openai6-oi.json'))).toBe(42 * 2 + 50)
    expect(inputTokens(of('openai7-oi.json'))).toBe(42 * 2 + 50)
  })

  test('the AI SDK counts usage of the calls alone', () => {
    for (const name of ['ai7-otel.json', 'ai7-legacy.json']) expect(inputTokens(of(name))).toBe(42 * 5)
    expect(of('ai7-otel.json').filter((event) => event.error?.class === 'rate-limit' && event.type === 'llm.call')).toHaveLength(1)
  })

  test('a long agent run is one session with its tools', () => {
    const events = of('swe-agent.otlp.jsonl.gz')
    const sessions = new Set(events.map((event) => event.sessionId))
    expect(sessions.has(undefined)).toBe(false)
    expect(count(events, 'session.start')).toBe(sessions.size)
    expect(count(events, 'tool.call')).toBeGreaterThan(10)
  })
})

describe('the form of OTLP/JSON', () => {
  const span = { traceId: 'A'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: '', name: 'chat', startTimeUnixNano: '1795330019483000001', endTimeUnixNano: '1795330019983500000', attributes: [], status: {} }
  const message = (...spans: readonly unknown[]): unknown => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] })

  test('instants keep their fraction, and every form of value is read', () => {
    const value = (inner: object): object => ({ ...span, attributes: [{ key: 'x', value: inner }] })
    const { spans } = flattenOtlpJson(
      message(span, value({ stringValue: '' }), value({ intValue: '7' }), value({ boolValue: false }), value({ doubleValue: 0.5 }), value({ arrayValue: { values: [{ stringValue: 'a' }, { intValue: 1 }] } }), value({ kvlistValue: { values: [{ key: 'k', value: { stringValue: 'v' } }] } })),
    )
    expect(spans[0]?.startMs).toBeCloseTo(1_795_330_019_483, 3)
    expect((spans[0]?.endMs ?? 0) - (spans[0]?.startMs ?? 0)).toBeCloseTo(500.5, 2)
    expect(spans[0]?.traceId).toBe('a'.repeat(32))
    expect(spans[0]?.parentSpanId).toBeUndefined()
    expect(spans.slice(1).map((flat) => flat.attributes['x'])).toEqual(['', 7, false, 0.5, ['a', 1], { k: 'v' }])
  })

  test('what has no identity or no time is rejected and counted; what is no message is empty', () => {
    const bad = [{ ...span, traceId: '0'.repeat(32) }, { ...span, spanId: 'xyz' }, { ...span, startTimeUnixNano: 'soon' }, { ...span, endTimeUnixNano: undefined }, null, 7, 'x']
    expect(flattenOtlpJson(message(...bad, span))).toMatchObject({ rejected: bad.length, spans: [{ name: 'chat' }] })
    for (const nothing of [null, undefined, 7, 'x', [], { resourceSpans: 4 }, { resourceSpans: [null, { scopeSpans: {} }] }]) expect(flattenOtlpJson(nothing)).toEqual({ spans: [], rejected: 0 })
  })

  test('an attribute cannot reach the prototype of anything', () => {
    const { spans } = flattenOtlpJson(message({ ...span, attributes: [{ key: '__proto__', value: { kvlistValue: { values: [{ key: 'polluted', value: { boolValue: true } }] } } }] }))
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(Reflect.get(spans[0]?.attributes ?? {}, 'polluted')).toBeUndefined()
  })
})
