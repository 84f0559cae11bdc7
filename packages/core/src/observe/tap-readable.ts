import { replaceMethod } from './settle.ts'

/** Told of what passes. Must not throw. */
export interface Tap {
  piece(piece: unknown): void
  /** Once: the stream ended, failed with `reason`, or its reader stopped reading. */
  end(how: 'end' | 'error' | 'cancelled', reason?: unknown): void
}

const readers = ['pipeThrough', 'pipeTo', 'getReader', 'tee', 'values', 'cancel', Symbol.asyncIterator] as const

/**
 * Listens to a readable stream that somebody else is about to read. The stream stays the same object: the first method
 * by which it is read puts a listening stage, without a buffer of its own, in between. An unread stream is not touched.
 */
export function tapReadable(stream: ReadableStream, tap: Tap): boolean {
  if (stream.locked) return false
  // Reason for the cast: without options the method gives a default reader.
  const getReader = stream.getReader.bind(stream) as () => ReadableStreamDefaultReader<unknown>
  let tapped: ReadableStream | undefined
  const listening = (): ReadableStream => (tapped ??= listen(getReader(), tap))
  for (const name of readers) {
    replaceMethod(stream, name, () =>
      function read(this: unknown, ...args) {
        const target = listening()
        // Reason for the cast: the listening stage is a readable stream and has the same methods.
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown
        return method.apply(target, args)
      },
    )
  }
  return true
}

function listen(reader: ReadableStreamDefaultReader<unknown>, tap: Tap): ReadableStream {
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            tap.end('end')
            controller.close()
          } else {
            tap.piece(value)
            controller.enqueue(value)
          }
        } catch (broken) {
          tap.end('error', broken)
          controller.error(broken)
        }
      },
      cancel(reason) {
        tap.end('cancelled', reason)
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
