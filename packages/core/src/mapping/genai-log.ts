import type { FlatSpan } from './flat-span.ts'
import type { LogDialect } from './flat-log.ts'
import { mapSpan } from './map-span.ts'
import { text } from './read.ts'

const noSpan = '0'.repeat(16)

/**
 * Events of the OpenTelemetry conventions for generative AI. One that stands in a span tells more of a call that the span tells
 * already; one that stands alone is the only word of its call.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-events.md
 */
export const genAi: LogDialect = (name, log) => {
  if (!name.startsWith('gen_ai.')) return undefined
  const isException = name === 'gen_ai.client.operation.exception'
  if (name !== 'gen_ai.client.inference.operation.details' && !isException) return 'unused'
  if (log.spanId !== undefined) return 'unused'
  const { attributes } = log
  const atMs = log.atMs ?? 0
  const span: FlatSpan = {
    traceId: log.traceId ?? '', spanId: noSpan, name: text(attributes['gen_ai.operation.name']) ?? name, startMs: atMs, endMs: atMs, attributes,
    status: isException || attributes['error.type'] !== undefined ? 'error' : 'unset',
    events: isException ? [{ name: 'exception', attributes }] : [],
    // Not the root of a trace: an agent that is spoken of here is no session.
    parentSpanId: noSpan, resource: log.resource,
  }
  const [event] = mapSpan(span)
  if (event === undefined) return 'unused'
  const { id: _id, atMs: _atMs, source: _source, ...reading } = event
  return reading
}
