import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flattenOtlpJson, flattenOtlpJsonLogs, flattenOtlpJsonMetrics } from 'tocsin/engine'
import { encodeOtlp } from '../testing/otlp-encode.ts'
import { logsMessage, metricsMessage, modelCall, tracesMessage } from '../testing/otlp-messages.ts'
import { readJsonLogs, readJsonPoints, readJsonSpans } from './json.ts'
import { decodeLogs } from './protobuf-logs.ts'
import { decodePoints } from './protobuf-metrics.ts'
import { MalformedMessage } from './protobuf-reader.ts'
import { decodeSpans } from './protobuf-spans.ts'

const endMs = 1_795_330_019_983.5
const everything = tracesMessage([
  { endMs, attributes: modelCall },
  { endMs, spanId: 'c'.repeat(16), parentSpanId: 'b'.repeat(16), name: 'größer 東京 🚨', attributes: { ...modelCall, 'deep': { list: [1, -2, 0.5, true, 'ü'.repeat(40)] }, 'long': 'x'.repeat(300), 'negative': -7 }, status: { code: 2, message: 'too many' }, events: [{ name: 'exception', attributes: { 'exception.type': 'RateLimitError' } }] },
])
const logs = logsMessage([{ atMs: endMs, body: 'claude_code.api_request', attributes: { 'event.name': 'api_request', 'cost_usd': 0.0125 } }], { 'service.name': 'claude-code', 'team': 'support' }, 'com.anthropic.claude_code.events')
const metrics = metricsMessage([
  { name: 'claude_code.cost.usage', points: [{ startMs: endMs - 60_000, endMs, value: 0.5, attributes: { 'session.id': 's', 'model': 'größer' } }, { startMs: endMs, endMs: endMs + 1, value: -0.25, attributes: {} }] },
  { name: 'claude_code.token.usage', points: [{ startMs: endMs - 60_000, endMs, value: 12, attributes: { type: 'input' } }, { startMs: endMs - 60_000, endMs, value: -7, attributes: { type: 'output' } }, { endMs, value: 1, attributes: {}, flags: 1 }], temporality: 2 },
  { name: 'claude_code.session.count', points: [{ endMs, value: 1, attributes: {} }], form: 'gauge' },
  { name: 'codex.turn.token_usage', points: [{ startMs: 1, endMs, value: 3, attributes: {} }] },
])

describe('protobuf says the same as JSON', () => {
  test('spans, with every form of value, instants to their fraction, and errors', () => {
    const decoded = decodeSpans(encodeOtlp(everything))
    expect(decoded).toEqual(flattenOtlpJson(everything))
    expect(decoded.spans[1]).toMatchObject({ name: 'größer 東京 🚨', status: 'error', statusMessage: 'too many', attributes: { negative: -7, deep: { list: [1, -2, 0.5, true, 'ü'.repeat(40)] } } })
    expect(decoded.spans[0]?.endMs).toBe(endMs)
  })
  test('log records', () => expect(decodeLogs(encodeOtlp(logs))).toEqual(flattenOtlpJsonLogs(logs)))
  test('data points: what they count since, their times and numbers, and only of metrics that are read', () => {
    const decoded = decodePoints(encodeOtlp(metrics))
    // Of other forms than sums nothing is read but that they are there.
    const read = readJsonPoints(Buffer.from(JSON.stringify(metrics)))
    expect(read).toEqual(flattenOtlpJsonMetrics(metrics))
    expect({ ...decoded, points: decoded.points.slice(0, 5) }).toEqual({ ...read, points: read.points.slice(0, 5) })
    expect(decoded.points.map(({ since, value }) => [since, value])).toEqual([['delta', 0.5], ['delta', -0.25], ['cumulative', 12], ['cumulative', -7], ['cumulative', undefined], ['other', undefined]])
    expect(decoded).toMatchObject({ others: 1, rejected: 0 })
    expect(decoded.points[0]).toMatchObject({ startMs: endMs - 60_000, endMs, attributes: { 'session.id': 's', 'model': 'größer' }, resource: { 'service.name': 'claude-code' } })
  })
  test('the empty message is empty', () => expect([decodeSpans(Buffer.alloc(0)), readJsonSpans(Buffer.from('{}'))]).toEqual([{ spans: [], rejected: 0 }, { spans: [], rejected: 0 }]))

  test('whatever order fields come in, and whatever is not known of', () => {
    const [resourceSpans] = (everything as { resourceSpans: { resource: object; scopeSpans: object[] }[] }).resourceSpans
    const turned = { resourceSpans: [{ scopeSpans: resourceSpans?.scopeSpans, resource: resourceSpans?.resource }] }
    const unknownField = Buffer.from([0xf8, 0x07, 0x05, 0xfd, 0x07, 1, 2, 3, 4])
    expect(decodeSpans(Buffer.concat([encodeOtlp(turned), unknownField]))).toEqual(flattenOtlpJson(everything))
  })
})

describe('bounds are kept and said', () => {
  test('attributes, events and depth beyond them are left out and counted, the same in both forms', () => {
    const many = Object.fromEntries(Array.from({ length: 1_010 }, (_, index) => [`a${index}`, index]))
    const nested = { a: { b: { c: { d: { e: { f: 1 } } } } } }
    const message = tracesMessage([{ endMs, attributes: { ...modelCall, nested, ...many }, events: Array.from({ length: 130 }, () => ({ name: 'x', attributes: {} })) }])
    const decoded = decodeSpans(encodeOtlp(message))
    expect(decoded).toEqual(flattenOtlpJson(message))
    // 26 attributes, 2 events, and what lies below five levels.
    expect(decoded.cut).toBe(26 + 2 + 1)
    expect(Object.keys(decoded.spans[0]?.attributes ?? {})).toHaveLength(1_000)
  })

  test('a span without ids or times is rejected, the others are taken', () => {
    const message = tracesMessage([{ endMs, traceId: '0'.repeat(32) }, { endMs, spanId: 'abcd' }, { endMs: 0, durationMs: 0 }, { endMs }])
    expect(decodeSpans(encodeOtlp(message))).toMatchObject({ rejected: 3, spans: [{ traceId: 'a'.repeat(32) }] })
  })

  test('an attribute cannot reach the prototype of anything', () => {
    const { spans } = decodeSpans(encodeOtlp(tracesMessage([{ endMs, attributes: JSON.parse('{"__proto__":{"polluted":true},"x":{"__proto__":{"polluted":true}}}') as Record<string, unknown> }])))
    expect([Reflect.get({}, 'polluted'), Reflect.get(spans[0]?.attributes ?? {}, 'polluted'), Reflect.get(Object(spans[0]?.attributes['x']), 'polluted')]).toEqual([undefined, undefined, undefined])
  })
})

describe('what is no message', () => {
  const whole = encodeOtlp(everything)
  const broken: Readonly<Record<string, Buffer>> = {
    'cut short': whole.subarray(0, whole.length - 3),
    'a group': Buffer.from([0x0b, 0x0c]),
    'wire type 7': Buffer.from([0x0f]),
    'field number 0': Buffer.from([0x00, 0x01]),
    'a length of ten bytes, negative': Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
    'a number of eleven bytes': Buffer.from([0x08, ...Array.from({ length: 11 }, () => 0xff), 0x01]),
    'a length beyond the message': Buffer.from([0x0a, 0x7f, 0x0a]),
    'resources as a number': Buffer.from([0x08, 0x05]),
    'a name that is not UTF-8': encodeOtlp({ resourceSpans: [{ scopeSpans: [{ scope: { name: '' }, spans: [] }] }] }).length > 0 ? Buffer.from([0x0a, 0x08, 0x12, 0x06, 0x0a, 0x04, 0x0a, 0x02, 0xc3, 0x28]) : Buffer.alloc(0),
    'a time as text': Buffer.from([0x0a, 0x07, 0x12, 0x05, 0x12, 0x03, 0x3a, 0x01, 0x41]),
  }
  test.each(Object.entries(broken))('%s is refused', (_, bytes) => {
    expect(() => decodeSpans(bytes)).toThrow(MalformedMessage)
  })

  test('JSON of another form is refused, with the place', () => {
    for (const text of ['', '[]', 'null', '7', '"x"', '{', '{"resourceSpans":{}}', '{"resourceSpans":[null]}', '{"resourceSpans":[{"scopeSpans":7}]}', '{"resourceSpans":[{"scopeSpans":[{"spans":[7]}]}]}', '{"resourceSpans":[{"resource":{"attributes":"x"}}]}']) {
      expect(() => readJsonSpans(Buffer.from(text))).toThrow(MalformedMessage)
    }
    expect(() => readJsonSpans(Buffer.from('{"resourceSpans":[{},{"scopeSpans":[{"spans":[{},[]]}]}]}'))).toThrow('an object at resourceSpans[1].scopeSpans[0].spans[1], found a list')
    expect(() => readJsonSpans(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]))).toThrow('UTF-8')
    expect(() => readJsonLogs(Buffer.from('{"resourceLogs":[{"scopeLogs":[{"logRecords":"x"}]}]}'))).toThrow('resourceLogs[0].scopeLogs[0].logRecords')
  })

  test('whatever bytes come, they are read or refused, and nothing else happens', () => {
    const decoders = [decodeSpans, decodeLogs, decodePoints, readJsonSpans, readJsonLogs, readJsonPoints]
    const calm = (bytes: Buffer): void => {
      for (const decode of decoders) {
        try {
          decode(bytes)
        } catch (failure) {
          if (!(failure instanceof MalformedMessage)) throw failure
        }
      }
    }
    const valid = [whole, encodeOtlp(logs), encodeOtlp(metrics)]
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => calm(Buffer.from(bytes))), { numRuns: 2_000 })
    // A few bytes of a message that was whole are others now, or missing.
    const wounds = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255), drop: fc.boolean() }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.constantFrom(...valid), wounds, (bytes, list) => {
        const hurt = [...bytes]
        for (const { at, byte, drop } of list) hurt.splice(at % hurt.length, 1, ...(drop ? [] : [byte]))
        calm(Buffer.from(hurt))
      }),
      { numRuns: 1_500 },
    )
    fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => calm(Buffer.from(text))), { numRuns: 500 })
  })

  test('values within values, ten thousand deep, are cut and not followed', () => {
    let value: Buffer = Buffer.from([0x0a, 0x01, 0x78])
    for (let depth = 0; depth < 10_000; depth++) {
      const list = wrap(0x0a, value)
      value = wrap(0x2a, list)
    }
    const span = Buffer.concat([wrap(0x0a, Buffer.alloc(16, 1)), wrap(0x12, Buffer.alloc(8, 1)), Buffer.from([0x39, 1, 1, 1, 1, 1, 1, 1, 1, 0x41, 1, 1, 1, 1, 1, 1, 1, 1]), wrap(0x4a, Buffer.concat([wrap(0x0a, Buffer.from('k')), wrap(0x12, value)]))])
    expect(decodeSpans(wrap(0x0a, wrap(0x12, wrap(0x12, span))))).toMatchObject({ cut: 1, spans: [{ attributes: { k: [[[[[undefined]]]]] } }] })
    const json = `{"resourceSpans":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    expect(() => readJsonSpans(Buffer.from(json))).toThrow(MalformedMessage)
  })
})

function wrap(tag: number, bytes: Buffer): Buffer {
  const length: number[] = []
  let rest = bytes.length
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128)
  return Buffer.concat([Buffer.from([tag, ...length, rest]), bytes])
}
