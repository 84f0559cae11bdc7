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

/** The current span of `@openai/agents`, which keeps its context in a global storage under this name (agents-core: tracing/context). */
export const currentAgentsSpan: SpanFinder = () => {
  const store = field(globalThis, agentsKey)
  const getStore = field(store, 'getStore')
  if (typeof getStore !== 'function') return undefined
  const span = field(getStore.call(store), 'span')
  return typeof span === 'object' && span !== null ? span : undefined
}

const agentsKey = Symbol.for('openai.agents.core.asyncLocalStorage')

/** Tracers of the Vercel AI SDK: `@ai-sdk/otel`, and the older built-in one. */
const aiSdkTracers: ReadonlySet<unknown> = new Set(['gen_ai', 'ai'])

/** Marks a span that starts inside a wrapped call, or that the AI SDK makes of what its channel tells too. */
export function coverIfInside(span: object, tracer: unknown): void {
  const scope = currentScope()
  if (scope.covering !== undefined || (scope.aiSdk === true && aiSdkTracers.has(tracer))) covered.add(span)
}

export function isCovered(span: object): boolean {
  return covered.has(span)
}
