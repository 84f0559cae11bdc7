import { expect, test } from 'vitest'
import { TocsinError } from './model/error.ts'
import type { EventInput } from './model/event.ts'
import { acceptAll } from './thread-engine.ts'

const event = (name: string): EventInput => ({ type: 'custom', source: 'client', name })

/** An engine with a fault of its own over one event, in whatever batch it comes. */
function faulty(fault: () => Error): { readonly kept: string[]; readonly engine: Parameters<typeof acceptAll>[0] } {
  const kept: string[] = []
  return {
    kept,
    engine: {
      async accept(events) {
        if (events.some(({ name }) => name === 'bad')) throw fault()
        kept.push(...events.map(({ name = '' }) => name))
        return { accepted: events.length, duplicates: 0, refused: [], fates: events.map(() => 'accepted' as const) }
      },
    },
  }
}

test('an event over which the engine fails is refused and counted, and those around it are kept', async () => {
  const { kept, engine } = faulty(() => new TypeError('a mistake of ours'))
  expect(await acceptAll(engine, [event('a'), event('bad'), event('b')])).toEqual(['it could not be processed: a mistake of ours'])
  expect(kept).toEqual(['a', 'b'])
})

test('what the store cannot take now is no fault of an event: all of it is tried again', async () => {
  const { kept, engine } = faulty(() => new TocsinError('store-full', 'no room'))
  await expect(acceptAll(engine, [event('a'), event('bad')])).rejects.toMatchObject({ code: 'store-full' })
  expect(kept).toEqual([])
})
