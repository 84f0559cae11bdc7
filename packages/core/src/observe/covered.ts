import { field } from '../mapping/read.ts'
import type { EventType } from '../model/event.ts'
import { currentScope } from './context.ts'

/**
 * Which spans describe a model call that a wrapped client records itself, so that the call counts once.
 *
 * An instrumentation opens its span either inside the wrapped call (then the scope says `covering` when it starts) or
 * around it (then it is the current span when the wrapped call begins). Spans are known by their context object, which
 * wrappers of spans (OpenInference has one) share with the span inside them.
 */
const covered = new WeakSet<object>()
/** Spans of the AI SDK whose whole content its channel tells too: steps and tool calls as well. */
const toldByAiSdk = new WeakSet<object>()

/** Finds the current span of one tracing system, or nothing. */
export type SpanFinder = () => Traced | undefined

/** A span, or the context of one. */
export interface Traced {
  readonly traceId?: string
  readonly spanId?: string
}

/** The current span of the OpenTelemetry API, if the program uses one: its API keeps itself in a global under this name. */
export const currentOpenTelemetrySpan: SpanFinder = () => {
  // Reasons for the casts: both globals have these shapes in every 1.x of their packages; `?.` stands for their absence,
  // and whatever else is there makes the caller's guard count a fault.
  const api = (globalThis as Globals)[apiKey]
  const span = api?.context?.active().getValue(spanKey)
  return span?.spanContext()
}

// The API's own registry key and context key (`@opentelemetry/api` 1.x: internal/global-utils, trace/context-utils).
const apiKey = Symbol.for('opentelemetry.js.api.1')
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN')
// The context of `@openai/agents` (agents-core: tracing/context).
const agentsKey = Symbol.for('openai.agents.core.asyncLocalStorage')

interface Globals {
  readonly [apiKey]?: { readonly context?: { active(): { getValue(key: symbol): { spanContext(): Traced } | undefined } } }
  readonly [agentsKey]?: { getStore(): { readonly span?: Traced } | undefined }
}

/** The current span of `@openai/agents`, which keeps its context in a global storage. */
export const currentAgentsSpan: SpanFinder = () => (globalThis as Globals)[agentsKey]?.getStore()?.span

/** The context object of an OpenTelemetry span. */
export function spanContextOf(span: unknown): Traced | undefined {
  const spanContext = field(span, 'spanContext')
  if (typeof spanContext !== 'function') return undefined
  const found: unknown = spanContext.call(span)
  return typeof found === 'object' && found !== null ? found : undefined
}

/** Marks what this finder finds now, and returns it. */
export function coverCurrentSpan(find: SpanFinder): Traced | undefined {
  const span = find()
  if (span === undefined || span === null) return undefined
  covered.add(span)
  return span
}

/** Tracers of the Vercel AI SDK: `@ai-sdk/otel`, and the older built-in one. */
const aiSdkTracers: ReadonlySet<unknown> = new Set(['gen_ai', 'ai'])

/** Marks a span that starts inside a wrapped call, or that the AI SDK makes of what its channel tells too. */
export function coverIfInside(span: Traced, tracer: unknown): void {
  const scope = currentScope()
  if (scope.covering !== undefined) covered.add(span)
  if (scope.aiSdk === undefined || !aiSdkTracers.has(tracer)) return
  toldByAiSdk.add(span)
  scope.aiSdk.traceId ??= span.traceId
}

/** Whether somebody else records what this event of that span tells. Sessions are told by spans alone. */
export function isCovered(span: object, type: EventType): boolean {
  if (type === 'llm.call') return covered.has(span) || toldByAiSdk.has(span)
  return (type === 'tool.call' || type === 'agent.step') && toldByAiSdk.has(span)
}
