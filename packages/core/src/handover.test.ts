import { expect, test } from 'vitest'
import { Handover } from './handover.ts'
import { seededChance } from './model/chance.ts'
import type { EventInput } from './model/event.ts'
import { unpackEvents } from './packed-events.ts'
import { manualClock, type ManualClock } from './testing/manual-clock.ts'

interface Given {
  readonly batch: number
  readonly ids: readonly (string | undefined)[]
  readonly types: readonly string[]
}

/** A hand-over to an engine that takes what a thread could take, and answers when the test says so. */
function world(): { readonly handover: Handover; readonly clock: ManualClock; readonly given: Given[] } {
  const clock = manualClock(1_700_000_000_000)
  const given: Given[] = []
  const handover = new Handover({
    bufferEvents: 100,
    handoverMs: 20,
    clock,
    chance: seededChance(1),
    post: (batch, packed) => {
      const events = unpackEvents(structuredClone(packed))
      given.push({ batch, ids: events.map(({ id }) => id), types: events.map(({ type }) => type) })
    },
    hold: () => undefined,
    lossEvent: (count) => ({ type: 'tocsin.events-dropped', source: 'engine', atMs: 1, detail: { count: String(count) } }),
  })
  return { handover, clock, given }
}

const event: EventInput = { type: 'custom', source: 'client', atMs: 1 }
// No type allows it, but a caller in JavaScript can put anything among the tags.
const unclonable: EventInput = { ...event, tags: { callback: (() => undefined) as unknown as string } }

test('what was recorded is handed over within 20 ms, each event with an id of its own', () => {
  const { handover, clock, given } = world()
  handover.record(event)
  handover.record(event)
  expect(given).toEqual([])
  clock.advance(20)
  expect(given).toHaveLength(1)
  expect(new Set(given[0]?.ids).size).toBe(2)
})

test('a batch that is given again has the same ids', () => {
  const { handover, clock, given } = world()
  handover.record(event)
  clock.advance(20)
  handover.giveAgain()
  expect(given).toHaveLength(2)
  expect(given[1]).toEqual(given[0])
})

test('an event that no thread can take is lost and counted; those around it go', async () => {
  const { handover, clock, given } = world()
  const confirmAll = (): void => {
    for (const { batch } of given.slice()) handover.confirm(batch)
  }
  for (const one of [event, unclonable, event, event]) handover.record(one)
  clock.advance(20)
  expect(given.flatMap(({ ids }) => ids)).toHaveLength(3)
  const flushed = handover.flush(1_000)
  confirmAll()
  await flushed
  expect(given.flatMap(({ types }) => types)).toEqual(['custom', 'custom', 'custom', 'tocsin.events-dropped'])
  confirmAll()
  expect(handover.pendingAfter(0)).toBe(0)
})
