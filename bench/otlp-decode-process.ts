import { gunzipSync, gzipSync } from 'node:zlib'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { readJsonSpans } from '../packages/server/src/otlp/json.ts'
import { decodeSpans } from '../packages/server/src/otlp/protobuf-spans.ts'
import { otlpBody, spansEach } from './otlp-body.ts'

/** Spans a second that are read from bytes, and nothing else: one thread. */
export type DecodeReport = Readonly<Record<'protobuf' | 'packed' | 'json', number>>

const eachMs = 2_000
const body = otlpBody(systemClock.nowMs(), 1)
const packed = gzipSync(body.protobuf)
const report: DecodeReport = { protobuf: rate(() => decodeSpans(body.protobuf)), packed: rate(() => decodeSpans(gunzipSync(packed))), json: rate(() => readJsonSpans(body.json)) }
console.log(JSON.stringify(report))

function rate(work: () => { readonly spans: readonly unknown[] }): number {
  for (let round = 0; round < 200; round++) if (work().spans.length !== spansEach) throw new Error(`expected ${spansEach} spans`)
  const sinceMs = systemClock.monotonicMs()
  let rounds = 0
  while (systemClock.monotonicMs() - sinceMs < eachMs) {
    work()
    rounds++
  }
  return (rounds * spansEach * 1_000) / (systemClock.monotonicMs() - sinceMs)
}
