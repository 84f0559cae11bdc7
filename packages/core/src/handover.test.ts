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

test('whoever waits, waits for what was recorded before and not for what comes after', async () => {
  const { handover, clock, given } = world()
  for (let count = 0; count < 90; count += 1) handover.record(event)
  let done = false
  const flushed = handover.flush(1_000).then(() => {
    done = true
  })
  // At most half of the buffer is under way at once.
  expect(given.flatMap(({ ids }) => ids)).toHaveLength(50)
  handover.confirm(given[0]?.batch ?? 0)
  handover.record(event)
  await Promise.resolve()
  expect(done).toBe(false)
  expect(given.flatMap(({ ids }) => ids)).toHaveLength(90)
  handover.confirm(given[1]?.batch ?? 0)
  await flushed
  clock.advance(20)
  expect(given.flatMap(({ ids }) => ids)).toHaveLength(91)
})

test('whoever waits for an event that no thread can take waits no longer', async () => {
  const { handover } = world()
  handover.record(unclonable)
  await handover.flush(1_000)
  expect(handover.pendingAfter(0)).toBe(0)
})

test('while nothing is committed, what tells of trouble takes the place of what does not, also when somebody waits', async () => {
  const { handover, clock, given } = world()
  for (let count = 0; count < 200; count += 1) handover.record(event)
  const flushed = handover.flush(60_000)
  for (let count = 0; count < 50; count += 1) handover.record({ ...event, type: 'session.end', sessionId: String(count) })
  for (let next = 0; next < given.length; next += 1) {
    handover.confirm(given[next]?.batch ?? 0)
    clock.advance(20)
  }
  await flushed
  expect(given.flatMap(({ types }) => types).filter((type) => type === 'session.end')).toHaveLength(50)
  expect(given.flatMap(({ types }) => types)).toContain('tocsin.events-dropped')
})
