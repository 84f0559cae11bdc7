import type { FlatLog } from './flat-log.ts'
import type { Attributes, FlatSpan } from './flat-span.ts'
import { otlpBounds } from './otlp-bounds.ts'
import { attributes, bounded, list, milliseconds, plainValue, type Tally } from './otlp-json-values.ts'
import { field, known, text } from './read.ts'

/** Spans of one OTLP message, and how many of it could not be read. */
export interface FlatSpans {
  readonly spans: readonly FlatSpan[]
  /** Spans without ids or times, and those beyond the bound. */
  readonly rejected: number
  /** Attributes, events and values that were left out because there were too many or too deep; absent: none. */
  readonly cut?: number
}

/** Log records of one OTLP message. */
export interface FlatLogs {
  readonly logs: readonly FlatLog[]
  /** Records beyond the bound. */
  readonly rejected: number
  readonly cut?: number
}

/**
 * OTLP/JSON (`ExportTraceServiceRequest`, already parsed) as flat spans. Instants are read from texts or numbers of
 * nanoseconds, attribute values of every form; text is not copied. A span without ids or times is rejected and counted.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function flattenOtlpJson(message: unknown): FlatSpans {
  const spans: FlatSpan[] = []
  const tally: Tally = { cut: 0 }
  let rejected = 0
  for (const resourceSpans of list(field(message, 'resourceSpans'))) {
    const resource = attributes(field(field(resourceSpans, 'resource'), 'attributes'), tally)
    for (const scopeSpans of list(field(resourceSpans, 'scopeSpans') ?? field(resourceSpans, 'instrumentationLibrarySpans'))) {
      const scope = text(field(field(scopeSpans, 'scope'), 'name'))
      for (const span of list(field(scopeSpans, 'spans'))) {
        const flat = spans.length < otlpBounds.itemsMax ? flatten(span, resource, scope, tally) : undefined
        if (flat === undefined) rejected++
        else spans.push(flat)
      }
    }
  }
  return { spans, rejected, ...(tally.cut > 0 && { cut: tally.cut }) }
}

/** OTLP/JSON (`ExportLogsServiceRequest`, already parsed) as flat log records. */
export function flattenOtlpJsonLogs(message: unknown): FlatLogs {
  const logs: FlatLog[] = []
  const tally: Tally = { cut: 0 }
  let rejected = 0
  for (const resourceLogs of list(field(message, 'resourceLogs'))) {
    const resource = attributes(field(field(resourceLogs, 'resource'), 'attributes'), tally)
    for (const scopeLogs of list(field(resourceLogs, 'scopeLogs'))) {
      const scope = text(field(field(scopeLogs, 'scope'), 'name'))
      for (const record of list(field(scopeLogs, 'logRecords'))) {
        if (logs.length < otlpBounds.itemsMax) logs.push(flattenLog(record, resource, scope, tally))
        else rejected++
      }
    }
  }
  return { logs, rejected, ...(tally.cut > 0 && { cut: tally.cut }) }
}

function flatten(span: unknown, resource: Attributes, scope: string | undefined, tally: Tally): FlatSpan | undefined {
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
    attributes: attributes(field(span, 'attributes'), tally),
    status: statusOf(field(status, 'code')),
    ...known('statusMessage', text(field(status, 'message'), 2_000)),
    events: bounded(list(field(span, 'events')), otlpBounds.eventsMax, tally).map((event) => ({
      name: text(field(event, 'name')) ?? '',
      ...known('atMs', milliseconds(field(event, 'timeUnixNano'))),
      attributes: attributes(field(event, 'attributes'), tally),
    })),
    resource,
    ...known('scope', scope),
  }
}

function flattenLog(record: unknown, resource: Attributes, scope: string | undefined, tally: Tally): FlatLog {
  return {
    ...known('atMs', milliseconds(field(record, 'timeUnixNano')) ?? milliseconds(field(record, 'observedTimeUnixNano'))),
    ...known('traceId', identifier(field(record, 'traceId'), 32)),
    ...known('spanId', identifier(field(record, 'spanId'), 16)),
    ...known('eventName', text(field(record, 'eventName'))),
    body: plainValue(field(record, 'body'), 0, tally),
    attributes: attributes(field(record, 'attributes'), tally),
    resource,
    ...known('scope', scope),
  }
}

/** Ids are hexadecimal in JSON; some exporters send the base64 of the protobuf mapping. All zeros means none. */
function identifier(value: unknown, digits: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  const hex = value.length === digits ? value.toLowerCase() : value.length <= digits ? Buffer.from(value, 'base64').toString('hex') : ''
  return hex.length === digits && /^[0-9a-f]+$/.test(hex) && !/^0+$/.test(hex) ? hex : undefined
}

function statusOf(code: unknown): FlatSpan['status'] {
  if (code === 2 || code === 'STATUS_CODE_ERROR') return 'error'
  return code === 1 || code === 'STATUS_CODE_OK' ? 'ok' : 'unset'
}
