import { describe, expect, test } from 'vitest'
import { manualClock } from '../testing/manual-clock.ts'
import { Deadlines } from './deadlines.ts'

describe('deadlines of attempts', () => {
  test('that begin together are over together, each of them told once', () => {
    const clock = manualClock(0)
    const deadlines = new Deadlines(clock, 1_000)
    const over: string[] = []
    deadlines.begin(clock.monotonicMs(), () => over.push('first'))
    deadlines.begin(clock.monotonicMs(), () => over.push('second'))
    clock.advance(999)
    expect(over).toEqual([])
    clock.advance(1)
    expect(over).toEqual(['first', 'second'])
    clock.advance(5_000)
    expect(over).toEqual(['first', 'second'])
  })

  test('that begin later are over later', () => {
    const clock = manualClock(0)
    const deadlines = new Deadlines(clock, 1_000)
    const over: string[] = []
    deadlines.begin(clock.monotonicMs(), () => over.push('first'))
    clock.advance(500)
    deadlines.begin(clock.monotonicMs(), () => over.push('second'))
    clock.advance(500)
    expect(over).toEqual(['first'])
    clock.advance(500)
    expect(over).toEqual(['first', 'second'])
  })

  test('of an attempt that ended says nothing, and the others keep theirs', () => {
    const clock = manualClock(0)
    const deadlines = new Deadlines(clock, 1_000)
    const over: string[] = []
    const end = deadlines.begin(clock.monotonicMs(), () => over.push('first'))
    deadlines.begin(clock.monotonicMs(), () => over.push('second'))
    end()
    end()
    clock.advance(1_000)
    expect(over).toEqual(['second'])
  })

  test('when all have ended nothing waits, and the next one has its whole time', () => {
    const clock = manualClock(0)
    const deadlines = new Deadlines(clock, 1_000)
    const over: string[] = []
    deadlines.begin(clock.monotonicMs(), () => over.push('first'))()
    clock.advance(3)
    deadlines.begin(clock.monotonicMs(), () => over.push('second'))
    clock.advance(999)
    expect(over).toEqual([])
    clock.advance(1)
    expect(over).toEqual(['second'])
  })
})
