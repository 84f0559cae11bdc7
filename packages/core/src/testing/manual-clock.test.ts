import { expect, test } from 'vitest'
import { manualClock } from './manual-clock.ts'

test('time stands still until it is moved', () => {
  const clock = manualClock(1_000)
  expect(clock.nowMs()).toBe(1_000)
  clock.advance(250)
  expect(clock.nowMs()).toBe(1_250)
  expect(clock.monotonicMs()).toBe(250)
})

test('tasks run in the order of their times, each at its own time', () => {
  const clock = manualClock(0)
  const seen: string[] = []
  clock.after(30, () => seen.push(`c ${clock.nowMs()}`))
  clock.after(10, () => {
    seen.push(`a ${clock.nowMs()}`)
    clock.after(10, () => seen.push(`asked for by a ${clock.nowMs()}`))
  })
  clock.after(20, () => seen.push(`b ${clock.nowMs()}`))
  clock.advance(29)
  expect(seen).toEqual(['a 10', 'b 20', 'asked for by a 20'])
  expect(clock.nextTaskInMs).toBe(1)
  clock.advance(1)
  expect(seen.at(-1)).toBe('c 30')
})

test('a cancelled task does not run', () => {
  const clock = manualClock(0)
  const cancel = clock.after(10, () => expect.unreachable())
  cancel()
  clock.advance(100)
  expect(clock.nextTaskInMs).toBeUndefined()
})

test('the wall clock can jump back while durations go on', () => {
  const clock = manualClock(10_000)
  clock.advance(100)
  clock.jump(-5_000)
  expect(clock.nowMs()).toBe(5_100)
  expect(clock.monotonicMs()).toBe(100)
})

test('advancing backwards is refused', () => {
  expect(() => manualClock(0).advance(-1)).toThrow(RangeError)
})
