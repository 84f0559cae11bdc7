import { describe, expect, test } from 'vitest'
import { breaks, breakNamed } from './breaks.ts'
import { invariants } from './journal.ts'
import { simulate } from './run.ts'

/** Worlds in which a planted fault must show. */
const worldsMax = 20

/** The world that shows it soonest is asked first; where it no longer does, the others are. */
const shownIn: Readonly<Record<string, number>> = {
  'lose-an-event': 6,
  'forget-too-early': 3,
  'count-resent': 5,
  'count-twice-seen': 5,
  'lose-a-finding': 5,
  'lose-a-notification': 2,
  'forget-the-cause': 4,
  'forget-a-reason': 2,
  'lose-a-summary': 3,
  'lose-a-late-line': 17,
  'sent-before-sending': 2,
  'send-twice': 3,
  'forget-doubt': 5,
  'sums-in-memory': 5,
  'ignore-rates': 2,
  'try-for-ever': 2,
  'ignore-concurrency': 3,
  'leak-timers': 17,
  'leak-secret': 5,
  'starve-critical': 3,
  'forget-fence': 13,
  'drop-quiet': 2,
  'everybody-admin': 3,
  'forget-limits': 2,
  'forget-acknowledgements': 7,
  'forget-silences': 4,
  'take-steps-twice': 5,
  'use-bad-address': 2,
  'lose-a-timer': 5,
  'forget-nothing': 5,
}

describe('a planted fault', () => {
  test.for(breaks)('is caught: $says ($name)', { timeout: 120_000 }, async ({ name, violates }) => {
    const seen = new Set<string>()
    const worlds = Array.from({ length: worldsMax }, (_, index) => index + 1)
    const soonest = shownIn[name] ?? 1
    for (const seed of [soonest, ...worlds.filter((one) => one !== soonest)]) {
      if (seen.has(violates)) break
      const { violations } = await simulate(seed, { break: name, until: violates })
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
