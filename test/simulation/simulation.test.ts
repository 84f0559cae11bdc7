import { describe, expect, test } from 'vitest'
import { expectAllToHold } from './all-hold.ts'
import { simulate } from './run.ts'
import { seedsThatFailed } from './seeds-that-failed.ts'

describe('whatever happens to it', () => {
  test('the product keeps its promises in worlds 1 to 50', () => expectAllToHold(1, 50), 600_000)

  test.for(seedsThatFailed)('it keeps them in world $seed, which once found this: $found', { timeout: 60_000 }, ({ seed }) => expectAllToHold(seed, seed))
})

describe('a world', () => {
  test('is the same again for the same seed', async () => {
    for (const seed of [3, 7]) {
      const [first, second] = [await simulate(seed), await simulate(seed)]
      expect(second).toEqual(first)
    }
  }, 60_000)

  test('is another one for another seed', async () => {
    const [one, other] = [await simulate(3), await simulate(4)]
    expect(other.digest).not.toBe(one.digest)
  }, 60_000)

  test('has crashes, faults, repeated events and lost messages in it', async () => {
    const worlds = [await simulate(1), await simulate(2), await simulate(3)]
    const sum = (of: (world: (typeof worlds)[number]) => number): number => worlds.reduce((total, world) => total + of(world), 0)
    expect(sum(({ counts }) => counts.crashes)).toBeGreaterThan(0)
    expect(sum(({ counts }) => counts.faults)).toBeGreaterThan(0)
    expect(sum(({ counts }) => counts.resent)).toBeGreaterThan(0)
    expect(sum(({ counts }) => counts.handed)).toBeGreaterThan(sum(({ counts }) => counts.received))
  }, 60_000)
})
