import { argumentsHash } from '../mapping/arguments-hash.ts'
import { errorClass, messageOf, statusInText } from '../mapping/error-class.ts'
import { finishReason } from '../mapping/finish-reason.ts'
import { field, fieldAt, first, known, text, tokens } from '../mapping/read.ts'
import type { EventError, EventInput, LlmCall } from '../model/event.ts'
import { currentScope } from './context.ts'
import type { Scope } from './context.ts'
import { isCovered } from './covered.ts'
import type { Observation } from './observation.ts'

/** A trace processor of `@openai/agents` 0.20, for `addTraceProcessor`. Its methods never reject. */
export interface TraceProcessor {
  onTraceStart(trace: object): Promise<void>
  onTraceEnd(trace: object): Promise<void>
  onSpanStart(span: object): Promise<void>
  onSpanEnd(span: object): Promise<void>
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

/** What is remembered of a running trace. */
interface Trace {
  readonly sessionId: string
  readonly scope: Scope
  readonly startedAtMs: number
  readonly name: string
  /** The trace runs in a session of the program's own, which starts and ends without it. */
  readonly insideSession: boolean
  readonly spans: Map<string, { readonly parentId?: string; readonly agent?: string }>
  ended: boolean
}

const tracesMax = 10_000
const spansMax = 1_000
const ancestorsMax = 50

/**
 * Turns the traces of `@openai/agents` into events: a trace is a session (unless it runs in one), agents are steps,
 * functions are tool calls, generations and responses are model calls. A model call through a wrapped `openai` client is
 * recorded there and left out here.
 *
 * @example addTraceProcessor(createTraceProcessor(observation))
 */
export function createTraceProcessor(observation: Observation, flush: () => Promise<void> = async () => undefined): TraceProcessor {
  const traces = new Map<string, Trace>()
  observation.tellPlaces((span) => {
    const trace = traces.get(span.traceId ?? '')
    return trace === undefined ? undefined : { sessionId: trace.sessionId, ...known('agent', agentAbove(trace, span.spanId)) }
  })
  const guarded = async (work: () => void): Promise<void> => {
    observation.guard('agents-sdk', work)
  }
  return {
    onTraceStart: (trace) => guarded(() => startTrace(trace, traces, observation)),
    onTraceEnd: (trace) => guarded(() => endTrace(text(field(trace, 'traceId')), undefined, traces, observation)),
    onSpanStart: (span) => guarded(() => startSpan(span, traces)),
    onSpanEnd: (span) => guarded(() => endSpan(span, traces, observation)),
    forceFlush: flush,
    shutdown: flush,
  }
}

/** Whether this is the module `@openai/agents` (or `@openai/agents-core`). */
export function isAgentsModule(module: object): module is { addTraceProcessor(processor: TraceProcessor): void } {
  return typeof field(module, 'addTraceProcessor') === 'function'
}

function startTrace(trace: object, traces: Map<string, Trace>, observation: Observation): void {
  const traceId = text(field(trace, 'traceId'))
  if (traceId === undefined) return
  const scope = currentScope()
  const started: Trace = {
    sessionId: scope.sessionId ?? text(field(trace, 'groupId')) ?? traceId,
    scope,
    startedAtMs: observation.clock.nowMs(),
    name: text(field(trace, 'name')) ?? 'agent workflow',
    insideSession: scope.sessionId !== undefined,
    spans: new Map(),
    ended: false,
  }
  if (traces.size >= tracesMax) {
    const [oldest] = traces.keys()
    if (oldest !== undefined) traces.delete(oldest)
  }
  traces.set(traceId, started)
  if (started.insideSession) return
  observation.record({ type: 'session.start', source: 'agents-sdk', id: `${traceId}:session.start:start`, name: started.name, sessionId: started.sessionId, atMs: started.startedAtMs, durationMs: 0, status: 'ok' }, scope)
}

function endTrace(traceId: string | undefined, error: EventError | undefined, traces: Map<string, Trace>, observation: Observation): void {
  const trace = traceId === undefined ? undefined : traces.get(traceId)
  if (traceId === undefined || trace === undefined) return
  if (error === undefined) traces.delete(traceId)
  if (trace.ended || trace.insideSession) return
  trace.ended = true
  const atMs = observation.clock.nowMs()
  observation.record(
    {
      type: 'session.end',
      source: 'agents-sdk',
      id: `${traceId}:session.end:end`,
      name: trace.name,
      sessionId: trace.sessionId,
      atMs,
      durationMs: Math.max(0, atMs - trace.startedAtMs),
      status: error === undefined ? 'ok' : 'error',
      endState: error === undefined ? 'success' : 'fail',
      ...known('endReason', error?.message),
      ...known('error', error),
    },
    trace.scope,
  )
}

function startSpan(span: object, traces: Map<string, Trace>): void {
  const trace = traces.get(text(field(span, 'traceId')) ?? '')
  const spanId = text(field(span, 'spanId'))
  if (trace === undefined || spanId === undefined || trace.spans.size >= spansMax) return
  const data = field(span, 'spanData')
  trace.spans.set(spanId, { ...known('parentId', text(field(span, 'parentId'))), ...(field(data, 'type') === 'agent' && known('agent', text(field(data, 'name')))) })
}

function endSpan(span: object, traces: Map<string, Trace>, observation: Observation): void {
  const traceId = text(field(span, 'traceId'))
  const spanId = text(field(span, 'spanId'))
  if (traceId === undefined || spanId === undefined) return
  const trace = traces.get(traceId)
  const error = errorOf(field(span, 'error'))
  const told = eventOf(field(span, 'spanData'))
  if (told !== undefined && !isCovered(span, told.type)) {
    const startMs = Date.parse(text(field(span, 'startedAt')) ?? '')
    const endMs = Date.parse(text(field(span, 'endedAt')) ?? '')
    const atMs = Number.isNaN(endMs) ? observation.clock.nowMs() : endMs
    observation.record(
      {
        source: 'agents-sdk',
        id: `${traceId}:${spanId}:${told.type}`,
        atMs,
        durationMs: Number.isNaN(startMs) ? 0 : Math.max(0, atMs - startMs),
        ...known('sessionId', trace?.sessionId),
        ...known('agent', first(told.agent, agentAbove(trace, spanId))),
        status: error === undefined ? 'ok' : 'error',
        ...known('error', error),
        ...told,
      },
      trace?.scope,
    )
  }
  trace?.spans.delete(spanId)
  // A run that throws never ends its trace: the failing span at its root does.
  if (error !== undefined && field(span, 'parentId') === null) endTrace(traceId, error, traces, observation)
}

function agentAbove(trace: Trace | undefined, spanId: string | undefined): string | undefined {
  let at = spanId
  for (let step = 0; step < ancestorsMax && at !== undefined; step++) {
    const span: { readonly parentId?: string; readonly agent?: string } | undefined = trace?.spans.get(at)
    if (span?.agent !== undefined) return span.agent
    at = span?.parentId
  }
  return undefined
}

function errorOf(error: unknown): EventError | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const inner = text(fieldAt(error, 'data', 'error'), 2_000)
  const message = inner?.replace(/^Error: /, '') ?? messageOf(error)
  const statusCode = statusInText(message)
  return { class: errorClass({ ...known('statusCode', statusCode), words: [], message }), message, ...known('statusCode', statusCode) }
}

type Told = Pick<EventInput, 'type' | 'name' | 'agent' | 'llm' | 'tool' | 'detail'>

/** Turns and tasks are left out: they repeat the usage of the calls in them. */
function eventOf(data: unknown): Told | undefined {
  const name = text(field(data, 'name'))
  switch (field(data, 'type')) {
    case 'generation':
      return { type: 'llm.call', llm: readGeneration(data) }
    case 'response':
      return { type: 'llm.call', llm: readResponse(field(data, '_response'), text(field(data, 'response_id'))) }
    case 'function':
      return { type: 'tool.call', ...known('name', name), tool: { name: name ?? 'unknown', ...known('argumentsHash', argumentsHash(field(data, 'input'))) } }
    case 'agent':
      return { type: 'agent.step', ...known('name', name), ...known('agent', name) }
    case 'handoff':
      return { type: 'agent.step', name: 'handoff', detail: { from: text(field(data, 'from_agent')) ?? '', to: text(field(data, 'to_agent')) ?? '' } }
    case 'guardrail':
      return { type: 'agent.step', name: name ?? 'guardrail', detail: { triggered: String(field(data, 'triggered') === true) } }
    default:
      return undefined
  }
}

/** The SDK does not name the provider; its own models are OpenAI's. */
function readResponse(response: unknown, responseId: string | undefined): LlmCall {
  return { ...call(text(field(response, 'model')), first(text(field(response, 'id')), responseId), field(response, 'usage')), ...known('finishReason', finishReason(field(response, 'status'))) }
}

function readGeneration(data: unknown): LlmCall {
  const answer = fieldAt(data, 'output', '0')
  return {
    ...call(first(text(field(answer, 'model')), text(field(data, 'model'))), text(field(answer, 'id')), first(objectOrNothing(field(data, 'usage')), field(answer, 'usage'))),
    ...known('finishReason', finishReason(fieldAt(answer, 'choices', '0', 'finish_reason'))),
  }
}

function objectOrNothing(value: unknown): object | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}

function call(model: string | undefined, responseId: string | undefined, usage: unknown): LlmCall {
  const inputDetails = field(usage, 'input_tokens_details') ?? field(usage, 'prompt_tokens_details')
  const outputDetails = field(usage, 'output_tokens_details') ?? field(usage, 'completion_tokens_details')
  return {
    provider: 'openai',
    model: model ?? 'unknown',
    operation: 'chat',
    ...known('responseId', responseId === 'FAKE_ID' ? undefined : responseId),
    ...known('inputTokens', tokens(first(field(usage, 'input_tokens'), field(usage, 'prompt_tokens')))),
    ...known('outputTokens', tokens(first(field(usage, 'output_tokens'), field(usage, 'completion_tokens')))),
    ...known('cacheReadTokens', tokens(field(inputDetails, 'cached_tokens'))),
    ...known('reasoningTokens', tokens(field(outputDetails, 'reasoning_tokens'))),
  }
}
