import { isAboutAgents, readSpan } from '../mapping/map-span.ts'
import type { Attributes, FlatSpan } from '../mapping/flat-span.ts'
import { SpanMapper } from '../mapping/span-mapper.ts'
import { attempt, field, known, text } from '../mapping/read.ts'
import { currentScope } from './context.ts'
import type { Scope } from './context.ts'
import { coverIfInside, isCovered, spanContextOf } from './covered.ts'
import type { Observation } from './observation.ts'

/**
 * What a tracer provider of OpenTelemetry SDK 1.x, 2.x and 3.x expects of a span processor. Spans are read by their
 * shape, so that no version of the SDK is imported.
 */
export interface SpanProcessor {
  onStart(span: object, parentContext: object): void
  onEnd(span: object): void
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

/** Time as the SDK gives it: seconds and nanoseconds. */
type HrTime = readonly [number, number]

/**
 * Turns the spans of any OpenTelemetry setup into events. Spans about models, agents and tools in every dialect that
 * `mapping/` knows are recorded when they end, an agent's session when it starts; a span about a call that a wrapped
 * client records is left out. `forceFlush` waits for what the caller hands in.
 *
 * @example new NodeTracerProvider({ spanProcessors: [createSpanProcessor(observation)] })
 */
export function createSpanProcessor(observation: Observation, flush: () => Promise<void> = async () => undefined): SpanProcessor {
  const mapper = new SpanMapper()
  observation.tellPlaces((span) => (span.traceId === undefined ? undefined : mapper.sessionOf(span.traceId)))
  /** Sessions and agents that were current when a span started; a span that ends in another context keeps its own. */
  const scopes = new WeakMap<object, Scope>()
  const begun = new WeakSet<object>()
  return {
    onStart(span) {
      observation.guard('span', () => {
        const context = spanContextOf(span)
        if (context === undefined) return
        coverIfInside(context, scopeNameOf(span))
        const scope = currentScope()
        if (scope.sessionId !== undefined || scope.agent !== undefined || scope.user !== undefined) scopes.set(context, scope)
        if (scope.sessionId === undefined && beginSession(span, mapper, observation)) begun.add(context)
      })
    },
    onEnd(span) {
      observation.guard('span', () => {
        const context = spanContextOf(span)
        if (context === undefined || !isAboutAgents(attributesOf(span))) return
        const scope = scopes.get(context)
        const flat = flatten(span, context)
        if (scope?.sessionId !== undefined) mapper.noteTrace(flat.traceId, { sessionId: scope.sessionId, insideSession: true })
        for (const event of mapper.map([flat])) {
          if (isCovered(context, event.type) || (event.type === 'session.start' && begun.has(context))) continue
          observation.record(scope?.sessionId === undefined ? event : { ...event, sessionId: scope.sessionId }, scope)
        }
      })
    },
    forceFlush: flush,
    shutdown: flush,
  }
}

/** An agent's root span tells its session when it starts, if it says by then what it is; else at its end. */
function beginSession(span: object, mapper: SpanMapper, observation: Observation): boolean {
  if (!isAboutAgents(attributesOf(span))) return false
  const context = spanContextOf(span)
  if (context === undefined) return false
  const flat = flatten(span, context)
  const { kind } = readSpan(flat)
  if (flat.parentSpanId !== undefined || (kind !== 'agent' && kind !== 'workflow')) return false
  const start = mapper.map([{ ...flat, endMs: flat.startMs }]).find((event) => event.type === 'session.start')
  if (start !== undefined) observation.record(start)
  return start !== undefined
}

function attributesOf(span: object): Attributes {
  const attributes = field(span, 'attributes')
  // Reason for the cast: a span's attributes are names and values, and each reader checks the values.
  return typeof attributes === 'object' && attributes !== null ? (attributes as Attributes) : {}
}

function scopeNameOf(span: object): string | undefined {
  return text(field(field(span, 'instrumentationScope') ?? field(span, 'instrumentationLibrary'), 'name'))
}

const eventsMax = 128

function flatten(span: object, context: object): FlatSpan {
  const status = field(span, 'status')
  const events = field(span, 'events')
  const resource = field(field(span, 'resource'), 'attributes')
  return {
    traceId: text(field(context, 'traceId')) ?? '',
    spanId: text(field(context, 'spanId')) ?? '',
    // 2.x and 3.x name the parent's context, 1.x its id.
    ...known('parentSpanId', text(field(field(span, 'parentSpanContext'), 'spanId')) ?? text(field(span, 'parentSpanId'))),
    ...known('traceState', traceStateOf(context)),
    name: text(field(span, 'name')) ?? '',
    startMs: milliseconds(field(span, 'startTime')),
    endMs: milliseconds(field(span, 'endTime')),
    attributes: attributesOf(span),
    status: field(status, 'code') === 2 ? 'error' : field(status, 'code') === 1 ? 'ok' : 'unset',
    ...known('statusMessage', text(field(status, 'message'), 2_000)),
    events: (Array.isArray(events) ? events : []).slice(0, eventsMax).map((event: object) => ({ name: text(field(event, 'name')) ?? '', attributes: attributesOf(event) })),
    // Reason for the cast: a resource's attributes are names and values, checked where they are read.
    resource: typeof resource === 'object' && resource !== null ? (resource as Attributes) : {},
    ...known('scope', scopeNameOf(span)),
  }
}

/** Of its members only that of OpenTelemetry, which says whether the span is a sample. */
function traceStateOf(context: object): string | undefined {
  const state = field(context, 'traceState')
  const get = field(state, 'get')
  if (typeof get !== 'function') return undefined
  const own: unknown = attempt((): unknown => Reflect.apply(get, state, ['ot']))
  return typeof own === 'string' && own.length <= 256 ? `ot=${own}` : undefined
}

function milliseconds(time: unknown): number {
  if (!Array.isArray(time)) return Number.NaN
  // Reason for the cast: the SDK's time is a pair of numbers; anything else becomes NaN here and no event later.
  const [seconds, nanos] = time as unknown as HrTime
  return seconds * 1000 + nanos / 1_000_000
}
