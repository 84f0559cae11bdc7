import { field } from '../mapping/read.ts'
import { currentScope, runInScope } from './context.ts'
import { coverCurrentSpans } from './covered.ts'
import { ModelCall } from './model-call.ts'
import type { Answer, ModelCallStart } from './model-call.ts'
import type { Observation } from './observation.ts'
import { followResult, replaceMethod } from './settle.ts'
import { followStream } from './stream.ts'
import type { StreamReader } from './stream.ts'

/** How one method of a model client is read. */
export interface MethodReading {
  start(body: unknown): ModelCallStart
  answer(answer: unknown): Answer
  stream(body: unknown): StreamReader
  /** The arguments to call with, where they differ from the caller's. */
  prepare?(args: unknown[]): unknown[]
}

/**
 * Replaces `resource.create` on this one object: same arguments, same result, and one record when the call has ended.
 * Everything the SDKs build on it (`parse`, `stream`, `runTools`, …) calls it through the same object.
 */
export function observeMethod(resource: object, name: string, reading: MethodReading, observation: Observation): void {
  replaceMethod(resource, name, (original) =>
    function create(this: unknown, ...args) {
      // A wrapped client inside a wrapped client (a proxy of the same call) records nothing of its own.
      if (currentScope().covering !== undefined) return original.apply(this, args)
      const call = observation.guard('observe', () => startCall(args[0], reading, observation))
      if (call === undefined) return original.apply(this, args)
      const prepared = observation.guard('observe', () => reading.prepare?.(args)) ?? args
      let result: unknown
      try {
        result = runInScope({ covering: call }, () => original.apply(this, prepared))
      } catch (thrown) {
        observation.guard('answer', () => call.failed(thrown))
        throw thrown
      }
      return followCall(result, call, prepared[0], reading, observation)
    },
  )
}

function startCall(body: unknown, reading: MethodReading, observation: Observation): ModelCall {
  const call = new ModelCall(observation, reading.start(body))
  coverCurrentSpans(observation.spanFinders)
  return call
}

function followCall(result: unknown, call: ModelCall, body: unknown, reading: MethodReading, observation: Observation): unknown {
  const ending = {
    value: (value: unknown): void => {
      observation.guard('answer', () => settle(value, call, body, reading, observation))
    },
    error: (thrown: unknown): void => {
      observation.guard('answer', () => call.failed(thrown))
    },
  }
  return observation.guard('observe', () => followResult(result, ending)) ?? result
}

function settle(value: unknown, call: ModelCall, body: unknown, reading: MethodReading, observation: Observation): void {
  if (typeof value === 'object' && value !== null && typeof field(value, Symbol.asyncIterator) === 'function') {
    // A stream that cannot be followed (an iterable of another make) is recorded now, without usage.
    if (followStream(value, call, reading.stream(body), observation)) return
  }
  call.answered(reading.answer(value))
}

/** Counts the HTTP requests of each call: the SDKs ask `prepareRequest` before each attempt, retries included. */
export function countAttempts(client: object): void {
  replaceMethod(client, 'prepareRequest', (original) =>
    function prepareRequest(this: unknown, ...args) {
      const call = currentScope().covering
      if (call !== undefined) call.attempts++
      return original.apply(this, args)
    },
  )
}
