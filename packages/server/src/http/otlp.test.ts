import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SpanStatusCode, type Tracer } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { encodeOtlp } from '../testing/otlp-encode.ts'
import { logsMessage, modelCall, tracesMessage } from '../testing/otlp-messages.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
beforeAll(async () => {
  world = await serverWorld({ project: 'otlp' })
})
afterAll(() => world.dispose())

const protobuf = 'application/x-protobuf'

async function post(path: string, body: Buffer | string, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly type: string | null; readonly bytes: Buffer; readonly headers: Headers }> {
  const response = await fetch(`${world.url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'authorization': `Bearer ${world.ingestKey}`, ...headers } })
  return { status: response.status, type: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers }
}

/** Model calls and errors that were counted in a session. */
async function sessionOf(sessionId: string): Promise<{ readonly calls: number; readonly errors: number } | undefined> {
  const [session] = await world.store.transaction((tx) => tx.sessions([{ project: 'otlp', sessionId }]))
  return session && { calls: session.calls, errors: session.errors }
}

describe('the exporters of OpenTelemetry for JavaScript', () => {
  const options = (path: string): { readonly url: string; readonly headers: Record<string, string> } => ({ url: `${world.url}${path}`, headers: { authorization: `Bearer ${world.ingestKey}` } })

  async function traced(exporter: SpanExporter, work: (tracer: Tracer) => void): Promise<void> {
    const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] })
    work(provider.getTracer('test'))
    await provider.forceFlush()
    await provider.shutdown()
  }

  test.each(['json', 'protobuf', 'protobuf, packed'])('traces as %s', async (form) => {
    const session = `exported-${form}`
    const packed = { ...options('/v1/traces'), ...(form.endsWith('packed') && { compression: 'gzip' as never }) }
    await traced(form === 'json' ? new JsonTraceExporter(packed) : new ProtobufTraceExporter(packed), (tracer) => {
      tracer.startSpan('chat gpt-4o-mini', { attributes: { ...(modelCall as Record<string, string>), 'gen_ai.conversation.id': session } }).end()
      const failed = tracer.startSpan('chat gpt-4o-mini', { attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini', 'gen_ai.conversation.id': session, 'error.type': '429' } })
      failed.recordException(new Error('429 too many'))
      failed.setStatus({ code: SpanStatusCode.ERROR, message: '429 too many' })
      failed.end()
      tracer.startSpan('GET /users', { attributes: { 'http.request.method': 'GET' } }).end()
    })
    expect(await sessionOf(session)).toEqual({ calls: 2, errors: 1 })
  })

  test('log records', async () => {
    const logs = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(options('/v1/logs')) })] })
    const logger = logs.getLogger('com.anthropic.claude_code.events')
    logger.emit({ body: 'claude_code.api_request', attributes: { 'event.name': 'api_request', 'session.id': 'claude-1', 'model': 'claude-sonnet-5', 'input_tokens': 5, 'output_tokens': 7, 'cost_usd': 0.01 } })
    logger.emit({ body: 'something else', attributes: {} })
    await logs.forceFlush()
    await logs.shutdown()
    expect(await sessionOf('claude-1')).toEqual({ calls: 1, errors: 0 })
  })
})

describe('what is sent again', () => {
  test('changes nothing, in either form', async () => {
    const message = tracesMessage([{ endMs: Date.now(), attributes: { ...modelCall, 'gen_ai.conversation.id': 'again' } }])
    for (const body of [JSON.stringify(message), JSON.stringify(message)]) expect(await post('/v1/traces', body)).toMatchObject({ status: 200, bytes: Buffer.from('{}') })
    expect(await post('/v1/traces', encodeOtlp(message), { 'content-type': protobuf })).toMatchObject({ status: 200, type: protobuf, bytes: Buffer.alloc(0) })
    expect(await sessionOf('again')).toEqual({ calls: 1, errors: 0 })
    const logs = logsMessage([{ atMs: Date.now(), attributes: { 'event.name': 'codex.sse_event', 'event.kind': 'response.completed', 'conversation.id': 'codex-again', 'model': 'gpt-5-codex', 'input_token_count': '9', 'output_token_count': '3' } }])
    await post('/v1/logs', JSON.stringify(logs))
    await post('/v1/logs', gzipSync(encodeOtlp(logs)), { 'content-type': protobuf, 'content-encoding': 'gzip' })
    expect(await sessionOf('codex-again')).toEqual({ calls: 1, errors: 0 })
  })
})

describe('what is not taken is said, in the form of the request', () => {
  test('spans without ids and spans that are too old, beside one that is taken', async () => {
    const message = tracesMessage([{ endMs: Date.now(), spanId: '0'.repeat(16) }, { endMs: Date.now() - 400 * 86_400_000, spanId: '1'.repeat(16) }, { endMs: Date.now(), spanId: '2'.repeat(16) }])
    const json = await post('/v1/traces', JSON.stringify(message))
    const { partialSuccess } = JSON.parse(json.bytes.toString()) as { partialSuccess: { rejectedSpans: string; errorMessage: string } }
    expect([json.status, partialSuccess.rejectedSpans]).toEqual([200, '2'])
    expect(partialSuccess.errorMessage).toMatch(/1 spans were rejected: expected ids .*1 spans were refused, the first because: expected an event that is not older/)
    const binary = await post('/v1/traces', encodeOtlp(message), { 'content-type': protobuf })
    // partial_success { rejected_spans: 2, error_message: … }
    expect([binary.status, binary.type, binary.bytes[0], binary.bytes.includes(Buffer.from([0x08, 2, 0x12]))]).toEqual([200, protobuf, 0x0a, true])
  })

  test.each([
    ['/v1/traces', '{"resourceSpans":7}'],
    ['/v1/logs', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[null]}]}]}'],
    ['/v1/metrics', '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":1}}]}]}]}'],
    ['/v1/traces', '['.repeat(100_000)],
    ['/v1/traces', ''],
  ])('%s: broken JSON is a status with code and message', async (path, body) => {
    const { status, type, bytes } = await post(path, body)
    expect([status, type]).toEqual([400, 'application/json'])
    expect(JSON.parse(bytes.toString())).toEqual({ code: 3, message: expect.stringContaining('expected') as string })
  })

  test('broken protobuf is a status in protobuf', async () => {
    for (const path of ['/v1/traces', '/v1/logs', '/v1/metrics']) {
      const { status, type, bytes } = await post(path, Buffer.from([0x0a, 0xff, 0x01, 0x02]), { 'content-type': protobuf })
      expect([status, type, bytes.subarray(0, 3)]).toEqual([400, protobuf, Buffer.from([0x08, 3, 0x12])])
    }
  })

  test('bombs, unknown packings and unknown forms', async () => {
    expect((await post('/v1/traces', gzipSync(Buffer.alloc(64 * 1024 * 1024)), { 'content-encoding': 'gzip', 'content-type': protobuf })).status).toBe(413)
    expect((await post('/v1/traces', Buffer.alloc(17 * 1024 * 1024), { 'content-type': protobuf })).status).toBe(413)
    expect((await post('/v1/traces', 'x', { 'content-encoding': 'gzip' })).status).toBe(400)
    const unknown = await post('/v1/traces', 'x', { 'content-encoding': 'lzma' })
    expect([unknown.status, unknown.bytes.toString()]).toEqual([415, expect.stringContaining('lzma')])
    expect((await post('/v1/traces', 'x', { 'content-type': 'text/plain' })).status).toBe(415)
  })

  test('without a key nothing is read', async () => {
    const { status, bytes } = await post('/v1/traces', '{}', { authorization: 'Bearer tok_wrong' })
    expect([status, JSON.parse(bytes.toString())]).toEqual([401, { code: 16, message: expect.stringContaining('key') as string }])
  })
})
