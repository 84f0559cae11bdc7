import { currentScope, runCovered } from './context.ts'
import type { Scope } from './context.ts'
import { coverCurrentSpan } from './covered.ts'
import { ModelCall } from './model-call.ts'
import type { Answer, ModelCallStart } from './model-call.ts'
import type { Observation } from './observation.ts'
import { followResult, replaceMethod } from './settle.ts'
import type { Ending } from './settle.ts'
import { followStream } from './stream.ts'
import type { StreamReader } from './stream.ts'

/** How one method of a model client is read. */
export interface MethodReading {
  start(body: unknown): ModelCallStart
  /** Reads a whole answer into `into`. */
  answer(answer: unknown, into: Answer, body: unknown): void
  /** A reader of the pieces of a stream, into `into`. */
  stream(body: unknown, into: Answer): StreamReader
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
      const scope = currentScope()
      // A wrapped client inside a wrapped client (a proxy of the same call) records nothing of its own.
      if (scope.covering !== undefined) return original.apply(this, args)
      let call: ModelCall
      let prepared = args
      try {
        call = new ModelCall(observation, reading.start(args[0]), placed(scope, observation))
        if (reading.prepare !== undefined) prepared = reading.prepare(args)
      } catch (fault) {
        observation.fault('observe', fault)
        return original.apply(this, args)
      }
      let result: unknown
      try {
        // The program's own scope, not the place found in spans: what starts in here shall not take that for a session of the program.
        result = runCovered(scope, call, () => original.apply(this, prepared))
      } catch (thrown) {
        new CallEnding(call, prepared[0], reading, observation).error(thrown)
        throw thrown
      }
      try {
        return followResult(result, new CallEnding(call, prepared[0], reading, observation))
      } catch (fault) {
        observation.fault('observe', fault)
        return result
      }
    },
  )
}

/** Marks the spans around the call, and takes from them the session and the agent where the program names none. */
function placed(scope: Scope, observation: Observation): Scope {
  let place = scope
  for (const find of observation.spanFinders) {
    const span = coverCurrentSpan(find)
    if (span !== undefined) place = observation.placedIn(span, place)
  }
  return place
}

/** Hears how a call ended. */
class CallEnding implements Ending<unknown> {
  readonly #call: ModelCall
  readonly #body: unknown
  readonly #reading: MethodReading
  readonly #observation: Observation

  constructor(call: ModelCall, body: unknown, reading: MethodReading, observation: Observation) {
    this.#call = call
    this.#body = body
    this.#reading = reading
    this.#observation = observation
  }

  value(value: unknown): void {
    const call = this.#call
    try {
      if (this.#isFollowed(value)) return
      this.#reading.answer(value, call.answer, this.#body)
      call.answered()
    } catch (fault) {
      this.#observation.fault('answer', fault)
      // The call was made, whatever its answer is: it is recorded with what could be read.
      this.#observation.guard('answer', () => call.answered())
    }
  }

  error(thrown: unknown): void {
    this.#observation.guard('answer', () => this.#call.failed(thrown))
  }

  /** A stream that cannot be followed (an iterable of another make) is recorded now, without usage. */
  #isFollowed(value: unknown): boolean {
    if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return false
    return followStream(value, this.#call, this.#reading.stream(this.#body, this.#call.answer), this.#observation)
  }
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
