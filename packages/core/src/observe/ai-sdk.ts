import { tracingChannel } from 'node:diagnostics_channel'
import { AnswerReader } from '../mapping/answer-reader.ts'
import { argumentsHash } from '../mapping/arguments-hash.ts'
import { describeError } from '../mapping/error-class.ts'
import { finishReason } from '../mapping/finish-reason.ts'
import { providerName } from '../mapping/provider-name.ts'
import { field, fieldAt, first, known, text, tokens } from '../mapping/read.ts'
import type { EventError, EventInput, LlmCall } from '../model/event.ts'
import { currentScope, storage } from './context.ts'
import type { Scope } from './context.ts'
import { ModelCall } from './model-call.ts'
import type { Answer } from './model-call.ts'
import type { Observation } from './observation.ts'
import { tapReadable } from './tap-readable.ts'

/** What is open between the `start` and the `asyncEnd` of one message. */
interface Open {
  readonly startedMs: number
  readonly scope: Scope
  readonly call?: ModelCall
  error?: EventError
}

/**
 * Listens to the Vercel AI SDK (7 and later), which tells of everything it does on the diagnostics channel
 * `ai:telemetry`: model calls, also streamed ones, embeddings, tools, and the operation around them. Costs nothing in a
 * program that does not use it. With `recordOutputs: false` the SDK tells no usage: such calls have an unknown cost.
 *
 * @returns a function that ends it
 */
export function subscribeAiSdk(observation: Observation): () => void {
  const channel = tracingChannel<unknown, object>('ai:telemetry')
  const open = new WeakMap<object, Open>()
  const enter = (message: object): Scope => observation.guard('ai-sdk', () => begin(message, open, observation)) ?? currentScope()
  const subscriber = {
    start: () => undefined,
    end: () => undefined,
    asyncStart: () => undefined,
    error: (message: object) => {
      observation.guard('ai-sdk', () => fail(message, open.get(message), observation))
    },
    asyncEnd: (message: object) => {
      observation.guard('ai-sdk', () => end(message, open.get(message), observation))
      open.delete(message)
    },
  }
  // The store is entered before `start` is told, so that what runs inside knows its agent and that it is recorded.
  channel.start.bindStore(storage, enter)
  channel.subscribe(subscriber)
  return () => {
    channel.start.unbindStore(storage)
    channel.unsubscribe(subscriber)
  }
}

/** The scope inside a message, and what is remembered of its start. */
function begin(message: object, open: WeakMap<object, Open>, observation: Observation): Scope {
  const event = field(message, 'event')
  const functionId = text(field(event, 'functionId'))
  const outer = currentScope()
  const scope: Scope = { ...outer, aiSdk: outer.aiSdk ?? {}, ...(outer.agent === undefined && functionId !== undefined && { agent: functionId }) }
  const operation = operationOf(field(message, 'type'))
  const startedMs = observation.clock.monotonicMs()
  if (operation === undefined || outer.covering !== undefined) {
    open.set(message, { startedMs, scope })
    return scope
  }
  const call = new ModelCall(
    observation,
    { source: 'ai-sdk', provider: providerName(field(event, 'provider')) ?? 'unknown', operation, model: text(field(event, 'modelId')) ?? 'unknown', streamed: false },
    scope,
  )
  open.set(message, { startedMs, scope, call })
  return { ...scope, covering: call }
}

function operationOf(type: unknown): LlmCall['operation'] | undefined {
  if (type === 'languageModelCall') return 'chat'
  return type === 'embed' || type === 'embedMany' ? 'embeddings' : undefined
}

/**
 * The SDK's own spans, where it makes any, are of a trace that may be a session: then what is recorded here belongs to
 * it. They start after the message, so that this is known only at its end.
 */
function placed(scope: Scope, observation: Observation): Scope {
  const traceId = scope.aiSdk?.traceId
  return traceId === undefined ? scope : observation.placedIn({ traceId }, scope)
}

function fail(message: object, opened: Open | undefined, observation: Observation): void {
  if (opened === undefined) return
  if (opened.call !== undefined) opened.call.scope = placed(opened.scope, observation)
  const thrown = field(message, 'error')
  opened.error = describeError(thrown)
  opened.call?.failed(thrown)
}

function end(message: object, opened: Open | undefined, observation: Observation): void {
  if (opened === undefined) return
  const result = field(message, 'result')
  const type = field(message, 'type')
  if (opened.call !== undefined) {
    opened.call.scope = placed(opened.scope, observation)
    endCall(opened.call, type, result, observation)
  } else if (type === 'executeTool') endTool(field(message, 'event'), opened, result, observation)
  else if (type === 'generateText' || type === 'streamText') endOperation(field(message, 'event'), opened, observation)
}

function endCall(call: ModelCall, type: unknown, result: unknown, observation: Observation): void {
  if (!call.open) return
  if (type !== 'languageModelCall') {
    call.answered({ ...known('inputTokens', tokens(fieldAt(result, 'usage', 'tokens'))), ...known('model', text(fieldAt(result, 'response', 'body', 'model'))) })
    return
  }
  const stream = field(result, 'stream')
  if (stream instanceof ReadableStream && tapStream(stream, call, observation)) return
  call.answered(readResult(result))
}

function readResult(result: unknown): Answer {
  const content = field(result, 'content')
  const calls = Array.isArray(content) ? content.filter((part: unknown) => field(part, 'type') === 'tool-call') : []
  const reader = new AnswerReader()
  for (const [place, part] of (Array.isArray(content) ? content : []).entries()) readPart(part, place, reader)
  return {
    reader,
    ...readUsage(field(result, 'usage')),
    ...known('model', text(fieldAt(result, 'response', 'modelId'))),
    ...known('responseId', text(fieldAt(result, 'response', 'id'))),
    ...known('finishReason', readFinish(field(result, 'finishReason'))),
    ...known('toolCalls', toolCalls(calls)),
  }
}

function readPart(part: unknown, place: number, reader: AnswerReader): void {
  const type = field(part, 'type')
  if (type === 'text') reader.text(field(part, 'text'))
  else if (type === 'tool-call') reader.tool(place, field(part, 'input'))
}

const toolCallsMax = 10

function toolCalls(calls: readonly unknown[]): string | undefined {
  if (calls.length === 0) return undefined
  return calls.slice(0, toolCallsMax).map((call) => `${text(field(call, 'toolName'), 100) ?? 'unknown'}#${argumentsHash(field(call, 'input')) ?? ''}`).join(', ')
}

/** Models of specification 3 and later give parts of a sum, those before plain numbers. */
function readUsage(usage: unknown): Answer {
  const input = field(usage, 'inputTokens')
  const output = field(usage, 'outputTokens')
  return {
    ...known('inputTokens', tokens(first(field(input, 'total'), input))),
    ...known('outputTokens', tokens(first(field(output, 'total'), output))),
    ...known('cacheReadTokens', tokens(first(field(input, 'cacheRead'), field(usage, 'cachedInputTokens')))),
    ...known('cacheWriteTokens', tokens(field(input, 'cacheWrite'))),
    ...known('reasoningTokens', tokens(first(field(output, 'reasoning'), field(usage, 'reasoningTokens')))),
  }
}

function readFinish(reason: unknown): string | undefined {
  return finishReason(first(field(reason, 'unified'), reason))
}

/** The SDK tells of a streamed call when its stream begins: usage is in the stream's last piece, read as it passes. */
function tapStream(stream: ReadableStream, call: ModelCall, observation: Observation): boolean {
  const { answer } = call
  answer.streamed = true
  let finished = false
  const asked: unknown[] = []
  const reader = (answer.reader = new AnswerReader())
  return tapReadable(stream, {
    piece: (piece) => {
      observation.guard('ai-sdk', () => {
        const type = field(piece, 'type')
        if (type === 'response-metadata') Object.assign(answer, known('responseId', text(field(piece, 'id'))), known('model', text(field(piece, 'modelId'))))
        else if (type === 'tool-call') {
          if (asked.length < toolCallsMax) asked.push(piece)
          reader.tool(asked.length, field(piece, 'input'))
        } else if (type === 'text-delta') {
          call.sawFirstToken()
          reader.text(field(piece, 'delta'))
        }
        else if (type === 'error') call.failed(field(piece, 'error'))
        else if (type === 'finish') {
          finished = true
          Object.assign(answer, readUsage(field(piece, 'usage')), known('finishReason', readFinish(field(piece, 'finishReason'))), known('toolCalls', toolCalls(asked)))
        } else if (type !== 'stream-start') call.sawFirstToken()
      })
    },
    end: (how, reason) => {
      observation.guard('ai-sdk', () => {
        if (finished) call.answered()
        else if (how === 'error') call.failed(reason)
        else if (how === 'cancelled') call.answered({ finishReason: 'stopped-reading' })
        else call.answered({ error: { class: 'network', message: 'The stream ended before the answer was complete.' } })
      })
    },
  })
}

function endTool(event: unknown, opened: Open, result: unknown, observation: Observation): void {
  const output = field(result, 'output')
  const called = field(event, 'toolCall')
  const name = text(field(called, 'toolName')) ?? 'unknown'
  const error = opened.error ?? (field(output, 'type') === 'tool-error' ? describeError(field(output, 'error')) : undefined)
  record({ type: 'tool.call', name, tool: { name, ...known('callId', text(field(called, 'toolCallId'))), ...known('argumentsHash', argumentsHash(field(called, 'input'))) } }, error, opened, observation)
}

function endOperation(event: unknown, opened: Open, observation: Observation): void {
  // The span of this operation is the session itself, and has ended: a step after it would open it again.
  if (opened.scope.sessionId === undefined && placed(opened.scope, observation).sessionId !== undefined) return
  const name = text(field(event, 'functionId')) ?? text(field(event, 'operationId')) ?? 'generateText'
  record({ type: 'agent.step', name }, opened.error, opened, observation)
}

function record(what: Pick<EventInput, 'type' | 'name' | 'tool'>, error: EventError | undefined, opened: Open, observation: Observation): void {
  const clock = observation.clock
  observation.record(
    { ...what, source: 'ai-sdk', atMs: clock.nowMs(), durationMs: clock.monotonicMs() - opened.startedMs, status: error === undefined ? 'ok' : 'error', ...known('error', error) },
    placed(opened.scope, observation),
  )
}
