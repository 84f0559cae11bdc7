import { describe, expect, test } from 'vitest'
import { steadyClock, systemClock } from './clock.ts'

describe('a steady clock', () => {
  const world = { wallMs: 1_000_000, elapsedMs: 0 }
  const pass = (ms: number): void => {
    world.wallMs += ms
    world.elapsedMs += ms
  }
  const clock = steadyClock({ ...systemClock, nowMs: () => Math.floor(world.wallMs), monotonicMs: () => world.elapsedMs })

  test('follows the wall clock, also when that jumps ahead', () => {
    pass(5)
    expect(clock.nowMs()).toBe(1_000_005)
    world.wallMs += 60_000
    expect(clock.nowMs()).toBe(1_060_005)
  })

  test('goes on from where it was when the wall clock jumps back, however often it is asked', () => {
    world.wallMs -= 30_000
    for (let look = 0; look < 40; look += 1) {
      pass(0.25)
      clock.nowMs()
    }
    expect(clock.nowMs()).toBe(1_060_015)
  })

  test('goes by the wall clock again once that has caught up', () => {
    world.wallMs += 40_000
    expect(clock.nowMs()).toBe(Math.floor(world.wallMs))
  })
})
