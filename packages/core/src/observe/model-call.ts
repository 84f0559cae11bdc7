import { describeError } from '../mapping/error-class.ts'
import { known } from '../mapping/read.ts'
import type { EventError, EventInput, EventSource, LlmCall } from '../model/event.ts'
import { currentScope } from './context.ts'
import type { CoveringCall, Scope } from './context.ts'
import type { Observation } from './observation.ts'

/** What an answer told. */
export interface Answer extends Partial<Omit<LlmCall, 'provider' | 'operation'>> {
  /** Tools the model asked for, `name#argumentsHash`, comma separated. */
  readonly toolCalls?: string
  /** An answer can itself say that it failed. */
  readonly error?: EventError
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
 */
export class ModelCall implements CoveringCall {
  attempts = 0
  readonly scope: Scope
  readonly startedMs: number
  readonly #observation: Observation
  readonly #start: ModelCallStart
  #firstTokenMs: number | undefined
  #open = true

  constructor(observation: Observation, start: ModelCallStart, scope: Scope = currentScope()) {
    this.#observation = observation
    this.#start = start
    this.scope = scope
    this.startedMs = observation.clock.monotonicMs()
  }

  get open(): boolean {
    return this.#open
  }

  /** The first piece of a stream has come. */
  sawFirstToken(): void {
    this.#firstTokenMs ??= this.#observation.clock.monotonicMs() - this.startedMs
  }

  answered(answer: Answer): void {
    this.#record(answer, answer.error)
  }

  failed(thrown: unknown, answer: Answer = {}): void {
    if (this.#open) this.#record(answer, describeError(thrown))
  }

  #record(answer: Answer, error: EventError | undefined): void {
    if (!this.#open) return
    this.#open = false
    const { toolCalls, error: _told, model, ...told } = answer
    const start = this.#start
    const llm: LlmCall = {
      provider: start.provider,
      model: model ?? start.model,
      operation: start.operation,
      ...told,
      ...(start.streamed && { streamed: true }),
      ...known('timeToFirstTokenMs', this.#firstTokenMs),
      ...(this.attempts > 1 && { retries: this.attempts - 1 }),
    }
    const clock = this.#observation.clock
    const event: EventInput = {
      type: 'llm.call',
      source: start.source,
      atMs: clock.nowMs(),
      durationMs: clock.monotonicMs() - this.startedMs,
      ...known('name', this.scope.operation),
      status: error === undefined ? 'ok' : 'error',
      ...known('error', error),
      llm,
      ...(toolCalls !== undefined && { detail: { toolCalls } }),
    }
    this.#observation.record(event, this.scope)
  }
}
