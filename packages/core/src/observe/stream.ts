import { field } from '../mapping/read.ts'
import type { ModelCall } from './model-call.ts'
import type { Observation } from './observation.ts'
import { replaceMethod } from './settle.ts'

/** Gathers an answer from the pieces of a stream, in the call's own `answer`. */
export interface StreamReader {
  /** One piece, just before the caller gets it. `false` keeps it from the caller: a piece that only we asked for. */
  piece(piece: unknown): boolean
  /** Whether the provider said that the answer is complete. */
  complete(): boolean
}

/**
 * A stream that is dropped unread tells nobody. When it is collected as garbage, its call is recorded as it stood.
 * The held value must not reach the stream, or it would never be collected.
 */
const dropped = new FinalizationRegistry<End>((end) => end('dropped'))

/**
 * Follows a stream of `openai` or `@anthropic-ai/sdk` to its end. It is the caller's own object with its own
 * `iterator()`, which all ways of reading it pass (`for await`, `tee`, `toReadableStream`, the helpers' event streams).
 *
 * Recorded once: at the end, at a throw, when the reader stops early, when the request is aborted, when it is dropped.
 *
 * @returns whether the stream could be followed
 */
export function followStream(stream: object, call: ModelCall, reader: StreamReader, observation: Observation): boolean {
  const end = endingOf(call, reader, field(field(stream, 'controller'), 'signal'), observation)
  const followed = replaceMethod(stream, 'iterator', (original) =>
    function iterator(this: unknown) {
      return followPieces(original.call(stream), call, reader, observation, end)
    },
  )
  if (followed) dropped.register(stream, end)
  return followed
}

type HowEnded = 'end' | 'stopped' | 'dropped'
type End = (how: HowEnded) => void

/** Made apart from the stream: a function made beside it would keep it alive. */
function endingOf(call: ModelCall, reader: StreamReader, signal: unknown, observation: Observation): End {
  return (how) => {
    observation.guard('stream', () => endStream(call, reader, how, field(signal, 'aborted') === true))
  }
}

function endStream(call: ModelCall, reader: StreamReader, how: HowEnded, aborted: boolean): void {
  if (!call.open) return
  if (reader.complete()) {
    call.answered()
  } else if (how === 'end' && !aborted) {
    call.answered({ error: call.answer.error ?? { class: 'network', message: 'The stream ended before the answer was complete.' } })
  } else if (how === 'end') {
    call.answered({ error: { class: 'cancelled', message: 'The request was aborted.' } })
  } else {
    // A reader who has read enough is no failure; the provider may bill the whole answer, so the cost stays unknown.
    call.answered({ finishReason: 'stopped-reading' })
  }
}

interface Step {
  readonly done?: boolean
  readonly value?: unknown
}

function followPieces(source: unknown, call: ModelCall, reader: StreamReader, observation: Observation, end: End): unknown {
  const next = field(source, 'next')
  if (typeof next !== 'function') return source
  const read = async (...args: readonly unknown[]): Promise<Step> => {
    try {
      for (;;) {
        // Reason for the cast: by the iterator protocol `next` gives a step.
        const step = (await next.apply(source, args)) as Step
        if (step.done === true) {
          end('end')
          return step
        }
        if (observation.guard('stream', () => seePiece(step.value, call, reader)) !== false) return step
      }
    } catch (thrown) {
      observation.guard('stream', () => call.failed(thrown))
      throw thrown
    }
  }
  return iteratorLike(source, read, () => end('stopped'))
}

function seePiece(piece: unknown, call: ModelCall, reader: StreamReader): boolean {
  call.sawFirstToken()
  return reader.piece(piece)
}

/** The same methods as the source has, in front of it: `return` and `throw` where it has them. */
function iteratorLike(source: unknown, next: (...args: readonly unknown[]) => Promise<Step>, onStop: () => void): object {
  const through = (name: 'return' | 'throw'): object => {
    const method = field(source, name)
    if (typeof method !== 'function') return {}
    return {
      [name]: (...args: readonly unknown[]): unknown => {
        onStop()
        return method.apply(source, args)
      },
    }
  }
  const iterator = {
    next,
    ...through('return'),
    ...through('throw'),
    [Symbol.asyncIterator]: (): object => iterator,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      onStop()
      const method = field(source, 'return')
      if (typeof method === 'function') await method.call(source)
    },
  }
  return iterator
}
