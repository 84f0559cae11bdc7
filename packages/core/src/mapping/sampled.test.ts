import { expect, test } from 'vitest'
import { mapSpan } from './map-span.ts'
import { flattenOtlpJson } from './otlp-json.ts'
import { sampledShare } from './sampled.ts'

test.each([
  ['ot=th:8', {}, 0.5],
  ['ot=th:fd70a4;rv:fe123456789abc', {}, 0.01],
  ['congo=t61rcWkgMzE,ot=rv:fe123456789abc;th:c', {}, 0.25],
  ['ot=th:0', {}, undefined],
  ['ot=th:xyz', {}, undefined],
  ['other=th:8', {}, undefined],
  [undefined, { SampleRate: 4 }, 0.25],
  [undefined, { sampleRate: 1 }, undefined],
  [undefined, { SampleRate: Number.NaN }, undefined],
  [undefined, { SampleRate: -2 }, undefined],
  [undefined, {}, undefined],
])('a span with the trace state %s and %j stands for %s of all', (traceState, attributes, share) => {
  const found = sampledShare({ attributes, ...(traceState !== undefined && { traceState }) })
  expect(found === undefined ? undefined : Math.round(found * 10_000)).toBe(share === undefined ? undefined : Math.round(share * 10_000))
})

test('a call from a sample says so in its tags', () => {
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceState: 'ot=th:c', name: 'chat', startTimeUnixNano: '1000000000', endTimeUnixNano: '2000000000', attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }] }
  const [flat] = flattenOtlpJson({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }).spans
  if (flat === undefined) throw new Error('expected a span')
  expect(mapSpan(flat)[0]?.tags).toEqual({ 'tocsin.sampled': '0.25' })
})
