/** Attributes in the form of OTLP/JSON. */
function pairs(attributes: Readonly<Record<string, unknown>>): readonly { readonly key: string; readonly value: unknown }[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }))
}

function valueOf(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueOf) } }
  if (typeof value === 'object' && value !== null) return { kvlistValue: { values: pairs(value as Readonly<Record<string, unknown>>) } }
  return { stringValue: String(value) }
}

export interface SpanInput {
  readonly traceId?: string
  readonly spanId?: string
  readonly parentSpanId?: string
  readonly name?: string
  readonly endMs: number
  readonly durationMs?: number
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly status?: { readonly code: number; readonly message?: string }
  readonly events?: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[]
}

/** A call to a model as the conventions of OpenTelemetry describe it, with fifteen attributes. */
export const modelCall: Readonly<Record<string, unknown>> = {
  'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o-mini', 'gen_ai.response.model': 'gpt-4o-mini', 'gen_ai.response.id': 'chatcmpl-abc',
  'gen_ai.request.max_tokens': 500, 'gen_ai.request.temperature': 0.3, 'gen_ai.usage.input_tokens': 420, 'gen_ai.usage.output_tokens': 77, 'gen_ai.usage.cache_read.input_tokens': 300,
  'gen_ai.response.finish_reasons': ['stop'], 'server.address': 'api.openai.com', 'server.port': 443, 'gen_ai.agent.name': 'support-bot', 'gen_ai.conversation.id': 'conversation-1',
}

/** An `ExportTraceServiceRequest` in the form of OTLP/JSON. */
export function tracesMessage(spans: readonly SpanInput[], resource: Readonly<Record<string, unknown>> = { 'service.name': 'test-agent' }): object {
  const written = spans.map(({ traceId = 'a'.repeat(32), spanId = 'b'.repeat(16), parentSpanId, name = 'chat gpt-4o-mini', endMs, durationMs = 800, attributes = modelCall, status, events }) => ({
    traceId, spanId, ...(parentSpanId !== undefined && { parentSpanId }), name, kind: 3,
    startTimeUnixNano: nanos(endMs - durationMs), endTimeUnixNano: nanos(endMs), attributes: pairs(attributes),
    ...(events !== undefined && { events: events.map((event) => ({ timeUnixNano: nanos(endMs), name: event.name, attributes: pairs(event.attributes) })) }),
    ...(status !== undefined && { status }),
  }))
  return { resourceSpans: [{ resource: { attributes: pairs(resource) }, scopeSpans: [{ scope: { name: 'test' }, spans: written }] }] }
}

export interface LogInput {
  readonly atMs: number
  readonly body?: string
  readonly attributes: Readonly<Record<string, unknown>>
}

/** An `ExportLogsServiceRequest` in the form of OTLP/JSON. */
export function logsMessage(records: readonly LogInput[], resource: Readonly<Record<string, unknown>> = {}, scope = ''): object {
  const written = records.map(({ atMs, body, attributes }) => ({ timeUnixNano: nanos(atMs), severityNumber: 9, ...(body !== undefined && { body: { stringValue: body } }), attributes: pairs(attributes) }))
  return { resourceLogs: [{ resource: { attributes: pairs(resource) }, scopeLogs: [{ scope: { name: scope }, logRecords: written }] }] }
}

export interface MetricInput {
  readonly name: string
  readonly points: readonly { readonly startMs?: number; readonly endMs: number; readonly value: number; readonly attributes: Readonly<Record<string, unknown>>; readonly flags?: number }[]
  /** 1: delta, 2: cumulative. @default 1 */
  readonly temporality?: number
  /** @default 'sum' */
  readonly form?: 'sum' | 'gauge'
}

/** An `ExportMetricsServiceRequest` in the form of OTLP/JSON. */
export function metricsMessage(metrics: readonly MetricInput[], resource: Readonly<Record<string, unknown>> = { 'service.name': 'claude-code' }): object {
  const written = metrics.map(({ name, points, temporality = 1, form = 'sum' }) => {
    const dataPoints = points.map(({ startMs, endMs, value, attributes, flags }) => ({
      ...(startMs !== undefined && { startTimeUnixNano: nanos(startMs) }), timeUnixNano: nanos(endMs), ...(Number.isInteger(value) ? { asInt: String(value) } : { asDouble: value }), attributes: pairs(attributes), ...(flags !== undefined && { flags }),
    }))
    return { name, [form]: form === 'sum' ? { dataPoints, aggregationTemporality: temporality, isMonotonic: true } : { dataPoints } }
  })
  return { resourceMetrics: [{ resource: { attributes: pairs(resource) }, scopeMetrics: [{ scope: { name: 'com.anthropic.claude_code' }, metrics: written }] }] }
}

function nanos(atMs: number): string {
  return String(BigInt(Math.round(atMs * 1_000)) * 1_000n)
}
