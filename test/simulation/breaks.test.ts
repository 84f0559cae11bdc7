import { describe, expect, test } from 'vitest'
import { expectAllToHold } from './all-hold.ts'
import { breaks, breakNamed } from './breaks.ts'
import { invariants } from './journal.ts'
import { simulate } from './run.ts'

/** Worlds in which a planted fault must show. */
const worldsMax = 20

describe('a planted fault', () => {
  test.for(breaks)('is caught: $says ($name)', { timeout: 120_000 }, async ({ name, violates }) => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= worldsMax && !seen.has(violates); seed += 1) {
      const { violations } = await simulate(seed, { break: name })
      for (const { invariant } of violations) seen.add(invariant)
    }
    expect([...seen]).toContain(violates)
  })

  test('is there for every invariant', () => {
    expect([...new Set(breaks.map(({ violates }) => violates))].toSorted()).toEqual(Object.keys(invariants).toSorted())
  })

  test('has a name that is known', () => {
    expect(() => breakNamed('no-such-fault', 1)).toThrow(RangeError)
  })
})

describe('whatever happens to it', () => {
  test('the product keeps its promises in worlds 101 to 200', () => expectAllToHold(101, 200), 300_000)
})
