import { expect, test } from 'vitest'
import { manualClock } from '../../../core/src/testing/manual-clock.ts'
import { EventStream, streamBounds } from './event-stream.ts'

const read = (stream: EventStream): string => {
  const chunk: unknown = stream.read()
  return chunk instanceof Buffer ? chunk.toString() : ''
}

test('a sign of life comes every 15 seconds, with the place that was reached', async () => {
  const clock = manualClock(0)
  const stream = new EventStream(clock, 7)
  stream.reached(9)
  clock.advance(15_000)
  expect(read(stream)).toBe(': heartbeat\nid: 9\n\n')
  clock.advance(15_000)
  expect(read(stream)).toBe(': heartbeat\nid: 9\n\n')
  stream.destroy()
})

test('whoever reads nothing for half a minute while something waits is left, with a reason and when to come again', async () => {
  const clock = manualClock(0)
  const stream = new EventStream(clock, 1)
  stream.tell('alert', 'x'.repeat(streamBounds.waitingBytesMax), 2)
  let hasRoom = false
  const room = stream.room().then(() => {
    hasRoom = true
  })
  clock.advance(29_999)
  expect(hasRoom).toBe(false)
  clock.advance(1)
  await room
  expect(read(stream)).toContain('retry: 5000\nevent: end\ndata: {"reason":"slow","retryMs":5000}')
})

test('whoever reads in time is told more', async () => {
  const clock = manualClock(0)
  const stream = new EventStream(clock, 1)
  stream.tell('alert', 'x'.repeat(streamBounds.waitingBytesMax), 2)
  const room = stream.room()
  clock.advance(20_000)
  read(stream)
  await room
  clock.advance(20_000)
  stream.tell('alert', 'more', 3)
  expect(read(stream)).toContain('id: 3\nevent: alert\ndata: "more"')
  stream.destroy()
})

test('after a quarter of an hour it ends, to be opened anew and checked anew', async () => {
  const clock = manualClock(0)
  const stream = new EventStream(clock, 1)
  clock.advance(900_000)
  expect(read(stream)).toMatch(/retry: 100\nevent: end\ndata: \{"reason":"renew","retryMs":100\}\n\n$/)
})
