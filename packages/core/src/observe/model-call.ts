import type { AnswerReader } from '../mapping/answer-reader.ts'
import { describeError } from '../mapping/error-class.ts'
import { pendingDetail } from '../model/event.ts'
import type { EventError, EventInput, EventSource, LlmCall } from '../model/event.ts'
import { currentScope } from './context.ts'
import type { CoveringCall, Scope } from './context.ts'
import type { Draft, Observation } from './observation.ts'
import type { PendingCall } from './pending-calls.ts'

/** What is known of a call so far. Readers write into it; what they do not learn stays absent. */
export interface Answer extends Partial<Draft<LlmCall>> {
  /** Tools the model asked for, `name#argumentsHash`, comma separated. */
  toolCalls?: string
  /** Reads what is wrong with the answer, if anything. */
  reader?: AnswerReader
  /** An answer can itself say that it failed. */
  error?: EventError
}

/** What is known when a model call starts. */
export interface ModelCallStart {
  readonly source: EventSource
  readonly provider: string
  readonly operation: LlmCall['operation']
  readonly model: string
  readonly streamed: boolean
}

/**
 * One model call from its start to its single record.
 *
 * open → recorded, by the first of `answered` and `failed`; later words about the same call are not heard.
 *
 * This is the hot path of the agent's thread: it builds one flat object, field by field, instead of merging parts.
 */
export class ModelCall implements CoveringCall, PendingCall {
  attempts = 0
  /** What the call belongs to; whoever learns it later may change it until the record. */
  scope: Scope
  /** Filled by whoever reads the answer. */
  readonly answer: Answer = {}
  readonly startedMs: number
  readonly #observation: Observation
  readonly #start: ModelCallStart
  #firstTokenMs: number | undefined
  #pendingId: string | undefined
  #open = true

  constructor(observation: Observation, start: ModelCallStart, scope: Scope = currentScope()) {
    this.#observation = observation
    this.#start = start
    this.scope = scope
    this.startedMs = observation.clock.monotonicMs()
    observation.pending.add(this)
  }

  get open(): boolean {
    return this.#open
  }

  get isAnswering(): boolean {
    return this.#firstTokenMs !== undefined
  }

  tellPending(sinceMs: number): void {
    const observation = this.#observation
    observation.guard('observe', () => {
      this.#pendingId ??= observation.chance.id()
      const { source, provider, model, operation } = this.#start
      observation.record({ type: 'llm.pending', source, atMs: observation.clock.nowMs(), durationMs: sinceMs, status: 'ok', llm: { provider, model, operation }, detail: { [pendingDetail]: this.#pendingId } }, this.scope)
    })
  }

  /** The first piece of a stream has come. */
  sawFirstToken(): void {
    this.#firstTokenMs ??= this.#observation.clock.monotonicMs() - this.startedMs
  }

  /** The call has ended with what `answer` holds, and `more` where that was learnt at the end. */
  answered(more?: Answer): void {
    if (!this.#open) return
    if (more !== undefined) Object.assign(this.answer, more)
    this.#record(this.answer.error)
  }

  failed(thrown: unknown): void {
    if (this.#open) this.#record(describeError(thrown))
  }

  #record(error: EventError | undefined): void {
    this.#open = false
    this.#observation.pending.remove(this)
    const { answer, scope } = this
    const clock = this.#observation.clock
    const llm = this.#llm(answer)
    const event: Draft<EventInput> = {
      type: 'llm.call',
      source: this.#start.source,
      atMs: clock.nowMs(),
      durationMs: clock.monotonicMs() - this.startedMs,
      status: error === undefined ? 'ok' : 'error',
      llm,
    }
    if (error !== undefined) event.error = error
    if (scope.operation !== undefined) event.name = scope.operation
    if (answer.toolCalls !== undefined) event.detail = { toolCalls: answer.toolCalls }
    if (this.#pendingId !== undefined) event.detail = { ...event.detail, [pendingDetail]: this.#pendingId }
    const signs = error === undefined ? answer.reader?.signs(answer.finishReason) : undefined
    if (signs !== undefined) {
      llm.answerChars = signs.answerChars
      if (signs.flaw !== undefined) llm.flaw = signs.flaw
      if (signs.excerpt !== undefined) event.excerpt = signs.excerpt
    }
    this.#observation.record(event, scope)
  }

  #llm(answer: Answer): Draft<LlmCall> {
    const start = this.#start
    const llm: Draft<LlmCall> = { provider: start.provider, model: answer.model ?? start.model, operation: start.operation }
    if (answer.model !== undefined && answer.model !== start.model && start.model !== 'unknown') llm.requestedModel = start.model
    if (answer.inputTokens !== undefined) llm.inputTokens = answer.inputTokens
    if (answer.outputTokens !== undefined) llm.outputTokens = answer.outputTokens
    if (answer.cacheReadTokens !== undefined) llm.cacheReadTokens = answer.cacheReadTokens
    if (answer.cacheWriteTokens !== undefined) llm.cacheWriteTokens = answer.cacheWriteTokens
    if (answer.reasoningTokens !== undefined) llm.reasoningTokens = answer.reasoningTokens
    if (answer.responseId !== undefined) llm.responseId = answer.responseId
    if (answer.finishReason !== undefined) llm.finishReason = answer.finishReason
    if (start.streamed || answer.streamed === true) llm.streamed = true
    if (this.#firstTokenMs !== undefined) llm.timeToFirstTokenMs = this.#firstTokenMs
    if (this.attempts > 1) llm.retries = this.attempts - 1
    return llm
  }
}
