import { expect, test } from 'vitest'
import { manualClock } from '../../../core/src/testing/manual-clock.ts'
import { progressTo } from './progress.ts'

test('long work says every two seconds how far it is, how fast, and what is left; short work says nothing', () => {
  const clock = manualClock(0)
  const said: string[] = []
  const progress = progressTo((text) => said.push(text), clock)
  progress.begin('alerts', 10)
  progress.passed(10)
  progress.end()
  expect(said).toEqual([])
  progress.begin('events', 100_000)
  progress.passed(10_000)
  clock.advance(2_000)
  progress.passed(10_000)
  clock.advance(1_000)
  progress.passed(10_000)
  progress.end()
  expect(said).toEqual(['events: 20,000 of 100,000 rows, 10,000 rows/s, about 8 s left', 'events: done, 30,000 rows in 3.0 s'])
})
