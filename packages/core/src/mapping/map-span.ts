import { nanoFromUsd } from '../model/money.ts'
import { eventBounds } from '../model/event.ts'
import type { EventError, EventInput, LlmCall } from '../model/event.ts'
import { agentOpsAgents } from './agentops-agents.ts'
import { agentOps } from './agentops.ts'
import { aiSdkLegacy } from './ai-sdk-legacy.ts'
import { argumentsHash } from './arguments-hash.ts'
import { errorClass, httpStatus, statusInText } from './error-class.ts'
import type { Attributes, Dialect, FlatSpan, Mutable, SpanReading } from './flat-span.ts'
import { langfuse } from './langfuse.ts'
import { openInference } from './openinference.ts'
import { openLlmetry } from './openllmetry.ts'
import { otelGenAi } from './otel-genai.ts'
import { first, known, text } from './read.ts'
import { sampledShare } from './sampled.ts'

/**
 * All dialects, most particular first: emitters mix them (an OpenLLMetry workflow over OpenTelemetry names, AgentOps
 * over both), and of two that say something about a field the more particular one means it.
 */
const dialects: readonly Dialect[] = [langfuse, agentOps, agentOpsAgents, openInference, aiSdkLegacy, otelGenAi, openLlmetry]

const fromLeastParticular = dialects.toReversed()

/** One of these names the kind of a span in every dialect; a span without any of them is not about a model or an agent. */
const kindNames = ['gen_ai.operation.name', 'openinference.span.kind', 'traceloop.span.kind', 'llm.request.type', 'ai.operationId', 'agentops.span.kind', 'langfuse.observation.type', 'openai_agents.span_id'] as const

/** Whether a span can be an event at all: cheap, for programs that trace everything. */
export function isAboutAgents(attributes: Attributes): boolean {
  for (const name of kindNames) if (attributes[name] !== undefined) return true
  return false
}

/** What all dialects together say about a span. */
export function readSpan(span: FlatSpan): SpanReading {
  if (!isAboutAgents(span.attributes)) return {}
  const merged: SpanReading = {}
  // From the end: what the more particular one says replaces what the others said.
  for (const dialect of fromLeastParticular) Object.assign(merged, dialect(span.attributes, span))
  return merged
}

/** What the caller knows of a span that the span does not say. */
export interface SpanPlace {
  /** Session of the span's trace, where the span names none. */
  readonly sessionId?: string
  /** Agent of the span's trace, where the span names none. */
  readonly agent?: string
  /** The span runs in a session that somebody else starts and ends. */
  readonly insideSession?: boolean
  /** Another model span below it reports this call. */
  readonly aboveCall?: boolean
}

/**
 * A span as events: a model span is an `llm.call`, a tool's a `tool.call`, an agent's or a step's an `agent.step`. An
 * agent or workflow at the root of its trace is a session instead: its start and its end, with its status. A span that
 * is none of these is no event.
 *
 * Ids are `trace:span:type`, so that a span that is sent again is the same event. Usage and cost are taken from model
 * spans only. Never throws for any attribute.
 */
export function mapSpan(span: FlatSpan, place: SpanPlace = {}, reading: SpanReading = readSpan(span)): EventInput[] {
  const { kind } = reading
  if (kind === undefined || !Number.isFinite(span.startMs) || !Number.isFinite(span.endMs)) return []
  const error = errorOf(span, reading)
  const isRoot = span.parentSpanId === undefined && (kind === 'agent' || kind === 'workflow')
  const sessionId = first(reading.sessionId, place.sessionId, isRoot ? span.traceId : undefined)
  const base = baseOf(span, reading, place, sessionId, error)
  if (kind === 'model' && place.aboveCall !== true) return [{ ...base, ...sampledTags(span, base.tags), id: idOf(span, 'llm.call'), type: 'llm.call', llm: llmOf(reading) }]
  if (kind === 'tool') return [{ ...base, id: idOf(span, 'tool.call'), type: 'tool.call', tool: toolOf(span, reading) }]
  if (!isRoot || place.insideSession === true) return [{ ...base, id: idOf(span, 'agent.step'), type: 'agent.step' }]
  const { error: _error, status: _status, durationMs: _durationMs, ...facts } = base
  const endState = reading.endState ?? (error === undefined ? 'success' : 'fail')
  return [
    { ...facts, id: idOf(span, 'session.start:start'), type: 'session.start', atMs: span.startMs, durationMs: 0, status: 'ok' },
    { ...base, id: idOf(span, 'session.end:end'), type: 'session.end', status: endState === 'fail' ? 'error' : 'ok', endState, ...known('endReason', error?.message) },
  ]
}

/** Sums over a sample are less than what was spent: budgets say so. */
function sampledTags(span: FlatSpan, tags: Base['tags']): Pick<Base, 'tags'> {
  const share = sampledShare(span)
  return share === undefined ? {} : { tags: { ...tags, 'tocsin.sampled': String(Number(share.toPrecision(3))) } }
}

function idOf(span: FlatSpan, type: string): string {
  return `${span.traceId.slice(0, 64)}:${span.spanId.slice(0, 64)}:${type}`
}

type Base = Omit<EventInput, 'type' | 'id'>

function baseOf(span: FlatSpan, reading: SpanReading, place: SpanPlace, sessionId: string | undefined, error: EventError | undefined): Base {
  const base: Mutable<Base> = { source: 'otel', atMs: span.endMs, durationMs: Math.max(0, span.endMs - span.startMs), status: error === undefined ? 'ok' : 'error' }
  const name = text(span.name)
  if (name !== undefined) base.name = name
  if (sessionId !== undefined) base.sessionId = sessionId
  const agent = reading.agent ?? place.agent
  if (agent !== undefined) base.agent = agent
  if (reading.user !== undefined) base.user = reading.user
  const environment = text(span.resource['deployment.environment.name'] ?? span.resource['deployment.environment'])
  if (environment !== undefined) base.environment = environment
  const service = text(span.resource['service.name'])
  if (service !== undefined) base.tags = { service, ...reading.tags }
  else if (reading.tags !== undefined && Object.keys(reading.tags).length > 0) base.tags = reading.tags
  if (error !== undefined) base.error = error
  return base
}

function llmOf(reading: SpanReading): LlmCall {
  const { provider = 'unknown', requestModel, responseModel, operation = 'other', inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens, responseId, streamed, timeToFirstTokenMs, costUsd } = reading
  const llm: Mutable<LlmCall> = { provider, model: responseModel ?? requestModel ?? 'unknown', operation }
  if (responseModel !== undefined && requestModel !== undefined && requestModel !== responseModel) llm.requestedModel = requestModel
  if (inputTokens !== undefined) llm.inputTokens = inputTokens
  if (outputTokens !== undefined) llm.outputTokens = outputTokens
  if (cacheReadTokens !== undefined) llm.cacheReadTokens = cacheReadTokens
  if (cacheWriteTokens !== undefined) llm.cacheWriteTokens = cacheWriteTokens
  if (reasoningTokens !== undefined) llm.reasoningTokens = reasoningTokens
  if (responseId !== undefined) llm.responseId = responseId
  if (reading.finishReason !== undefined) llm.finishReason = reading.finishReason
  if (streamed !== undefined) llm.streamed = streamed
  if (timeToFirstTokenMs !== undefined) llm.timeToFirstTokenMs = timeToFirstTokenMs
  if (costUsd !== undefined) {
    llm.costNanoUsd = nanoFromUsd(Math.min(costUsd, eventBounds.costNanoUsdMax / 1_000_000_000))
    llm.costSource = 'reported'
  }
  return llm
}

function toolOf(span: FlatSpan, reading: SpanReading): NonNullable<EventInput['tool']> {
  return { name: reading.tool ?? text(span.name) ?? 'unknown', ...known('callId', reading.toolCallId), ...known('argumentsHash', argumentsHash(reading.toolArguments)) }
}

function errorOf(span: FlatSpan, reading: SpanReading): EventError | undefined {
  if (span.status !== 'error' && reading.failed !== true && reading.endState !== 'fail') return undefined
  const exception = span.events.find((event) => event.name === 'exception')?.attributes ?? {}
  const statusCode = httpStatus(first(span.attributes['http.response.status_code'], span.attributes['http.status_code']))
  const exceptionType = text(exception['exception.type'])
  const errorWords = [...(reading.errorWords ?? []), ...(exceptionType === undefined ? [] : [exceptionType])]
  const message = first(text(exception['exception.message'], eventBounds.textCharsMax), reading.errorMessage, text(span.statusMessage, eventBounds.textCharsMax), errorWords[0]) ?? 'failed'
  const failing = statusCode !== undefined && statusCode >= 400 ? statusCode : statusInText(message)
  return {
    class: errorClass({ ...known('statusCode', failing), words: errorWords, message }),
    message,
    ...known('statusCode', failing),
    ...known('code', errorWords[0]),
  }
}
