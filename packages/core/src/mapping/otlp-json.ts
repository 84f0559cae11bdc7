import { field, known, text } from './read.ts'
import type { Attributes, FlatSpan } from './flat-span.ts'

/** More spans in one message are left out; the caller is told how many. */
const spansMax = 100_000
const attributesMax = 1_000
const eventsMax = 128
const depthMax = 4

/** Spans of one OTLP message, and how many of it could not be read. */
export interface FlatSpans {
  readonly spans: readonly FlatSpan[]
  readonly rejected: number
}

/**
 * OTLP/JSON (`ExportTraceServiceRequest`, already parsed) as flat spans. Instants are read from texts or numbers of
 * nanoseconds, attribute values of every form; text is not copied. A span without ids or times is rejected and counted.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function flattenOtlpJson(message: unknown): FlatSpans {
  const spans: FlatSpan[] = []
  let rejected = 0
  for (const resourceSpans of list(field(message, 'resourceSpans'))) {
    const resource = attributes(field(field(resourceSpans, 'resource'), 'attributes'))
    for (const scopeSpans of list(field(resourceSpans, 'scopeSpans') ?? field(resourceSpans, 'instrumentationLibrarySpans'))) {
      const scope = text(field(field(scopeSpans, 'scope'), 'name'))
      for (const span of list(field(scopeSpans, 'spans'))) {
        const flat = spans.length < spansMax ? flatten(span, resource, scope) : undefined
        if (flat === undefined) rejected++
        else spans.push(flat)
      }
    }
  }
  return { spans, rejected }
}

function flatten(span: unknown, resource: Attributes, scope: string | undefined): FlatSpan | undefined {
  const traceId = identifier(field(span, 'traceId'), 32)
  const spanId = identifier(field(span, 'spanId'), 16)
  const startMs = milliseconds(field(span, 'startTimeUnixNano'))
  const endMs = milliseconds(field(span, 'endTimeUnixNano'))
  if (traceId === undefined || spanId === undefined || startMs === undefined || endMs === undefined) return undefined
  const status = field(span, 'status')
  return {
    traceId,
    spanId,
    ...known('parentSpanId', identifier(field(span, 'parentSpanId'), 16)),
    ...known('traceState', text(field(span, 'traceState'), 512)),
    name: text(field(span, 'name')) ?? '',
    startMs,
    endMs,
    attributes: attributes(field(span, 'attributes')),
    status: statusOf(field(status, 'code')),
    ...known('statusMessage', text(field(status, 'message'), 2_000)),
    events: list(field(span, 'events'))
      .slice(0, eventsMax)
      .map((event) => ({ name: text(field(event, 'name')) ?? '', ...known('atMs', milliseconds(field(event, 'timeUnixNano'))), attributes: attributes(field(event, 'attributes')) })),
    resource,
    ...known('scope', scope),
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Ids are hexadecimal in JSON; some exporters send the base64 of the protobuf mapping. All zeros means none. */
function identifier(value: unknown, digits: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  const hex = value.length === digits ? value.toLowerCase() : value.length <= digits ? Buffer.from(value, 'base64').toString('hex') : ''
  return hex.length === digits && /^[0-9a-f]+$/.test(hex) && !/^0+$/.test(hex) ? hex : undefined
}

function milliseconds(nanos: unknown): number | undefined {
  if (typeof nanos === 'number') return nanos > 0 && Number.isFinite(nanos) ? nanos / 1_000_000 : undefined
  if (typeof nanos !== 'string' || !/^\d{1,20}$/.test(nanos)) return undefined
  // 19 digits do not fit a number: whole milliseconds and their fraction are read apart.
  const wholeMs = Number(nanos.slice(0, -6) || '0')
  const fractionMs = Number(nanos.slice(-6)) / 1_000_000
  return wholeMs + fractionMs > 0 ? wholeMs + fractionMs : undefined
}

function statusOf(code: unknown): FlatSpan['status'] {
  if (code === 2 || code === 'STATUS_CODE_ERROR') return 'error'
  return code === 1 || code === 'STATUS_CODE_OK' ? 'ok' : 'unset'
}

function attributes(pairs: unknown): Attributes {
  const found: Record<string, unknown> = {}
  for (const pair of list(pairs).slice(0, attributesMax)) {
    const key = field(pair, 'key')
    if (typeof key === 'string' && key !== '__proto__') found[key] = plainValue(field(pair, 'value'), 0)
  }
  return found
}

function plainValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > depthMax) return undefined
  const scalar = field(value, 'stringValue') ?? field(value, 'boolValue') ?? field(value, 'doubleValue')
  if (scalar !== undefined) return scalar
  const integer = field(value, 'intValue')
  if (integer !== undefined) return Number(integer)
  const array = field(value, 'arrayValue')
  if (array !== undefined) return list(field(array, 'values')).slice(0, attributesMax).map((item) => plainValue(item, depth + 1))
  const pairs = field(field(value, 'kvlistValue'), 'values')
  if (pairs === undefined) return field(value, 'bytesValue')
  const nested: Record<string, unknown> = {}
  for (const pair of list(pairs).slice(0, attributesMax)) {
    const key = field(pair, 'key')
    if (typeof key === 'string' && key !== '__proto__') nested[key] = plainValue(field(pair, 'value'), depth + 1)
  }
  return nested
}
