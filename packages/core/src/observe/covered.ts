import { field } from '../mapping/read.ts'
import { currentScope } from './context.ts'

/**
 * Which spans describe a model call that a wrapped client records itself, so that the call counts once.
 *
 * An instrumentation opens its span either inside the wrapped call (then the scope says `covering` when it starts) or
 * around it (then it is the current span when the wrapped call begins). Spans are known by their context object, which
 * wrappers of spans (OpenInference has one) share with the span inside them.
 */
const covered = new WeakSet<object>()

/** Finds the current span of one tracing system, or nothing. */
export type SpanFinder = () => object | undefined

/** The current span of the OpenTelemetry API, if the program uses one: its API keeps itself in a global under this name. */
export const currentOpenTelemetrySpan: SpanFinder = () => {
  const api = field(globalThis, apiKey)
  const manager = field(api, 'context')
  const active = field(manager, 'active')
  if (typeof active !== 'function') return undefined
  const context: unknown = active.call(manager)
  const getValue = field(context, 'getValue')
  if (typeof getValue !== 'function') return undefined
  return spanContextOf(getValue.call(context, spanKey))
}

// The API's own registry key and context key (`@opentelemetry/api` 1.x: internal/global-utils, trace/context-utils).
const apiKey = Symbol.for('opentelemetry.js.api.1')
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN')

/** The context object of an OpenTelemetry span. */
export function spanContextOf(span: unknown): object | undefined {
  const spanContext = field(span, 'spanContext')
  if (typeof spanContext !== 'function') return undefined
  const found: unknown = spanContext.call(span)
  return typeof found === 'object' && found !== null ? found : undefined
}

/** Marks what these finders find now. */
export function coverCurrentSpans(finders: readonly SpanFinder[]): void {
  for (const find of finders) {
    const span = find()
    if (span !== undefined) covered.add(span)
  }
}

/** Marks a span that starts inside a wrapped call. */
export function coverIfInside(span: object): void {
  if (currentScope().covering !== undefined) covered.add(span)
}

export function isCovered(span: object): boolean {
  return covered.has(span)
}
