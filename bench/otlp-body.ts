import { encodeOtlp } from '../packages/server/src/testing/otlp-encode.ts'
import { modelCall, tracesMessage } from '../packages/server/src/testing/otlp-messages.ts'

export const spansEach = 500
/** Of so many at the same time. */
const sessions = 2_000
/** Spans of one session that come together: what an exporter gathers in its five seconds. */
const spansOfSession = 25

/** One message of 500 spans with 15 attributes each, made new in place: ids, times and sessions, so that each is sent for the first time. */
export interface OtlpBody {
  readonly protobuf: Buffer
  /** The same as JSON, as it was first. */
  readonly json: Buffer
  renew(nowMs: number): void
}

export function otlpBody(nowMs: number, seed: number): OtlpBody {
  const spans = Array.from({ length: spansEach }, (_, index) => ({
    // Found again by these when they are made new.
    traceId: `fe${String(index).padStart(4, '0')}`.padEnd(32, 'e'),
    spanId: `fd${String(index).padStart(4, '0')}`.padEnd(16, 'd'),
    endMs: nowMs,
    attributes: { ...modelCall, 'gen_ai.conversation.id': `conversation-${String(index).padStart(6, '0')}` },
  }))
  const message = tracesMessage(spans)
  const protobuf = encodeOtlp(message)
  const places = spans.map(({ traceId, spanId, attributes }) => {
    const trace = protobuf.indexOf(Buffer.from(traceId, 'hex'))
    return { trace, span: protobuf.indexOf(Buffer.from(spanId, 'hex')), session: protobuf.indexOf(attributes['gen_ai.conversation.id']) + 'conversation-'.length }
  })
  const startTag = 0x39
  let state = (seed * 2_654_435_761) >>> 0
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
  return {
    protobuf,
    json: Buffer.from(JSON.stringify(message)),
    renew(atMs) {
      let name = ''
      for (const [index, { trace, span, session }] of places.entries()) {
        if (index % spansOfSession === 0) name = String(random() % sessions).padStart(6, '0')
        for (let word = 0; word < 16; word += 4) protobuf.writeUInt32BE(random(), trace + word)
        for (let word = 0; word < 8; word += 4) protobuf.writeUInt32BE((random() | 1) >>> 0, span + word)
        protobuf.write(name, session, 'latin1')
        // start and end follow the name: their tags stand 9 bytes apart.
        const start = protobuf.indexOf(startTag, protobuf.indexOf('gpt-4o-mini', span)) + 1
        protobuf.writeBigUInt64LE(BigInt(Math.round(atMs) - 800) * 1_000_000n, start)
        protobuf.writeBigUInt64LE(BigInt(Math.round(atMs)) * 1_000_000n, start + 9)
      }
    },
  }
}
