import { expect, test } from 'vitest'
import { systemClock } from '../model/clock.ts'
import { createIntake } from './intake.ts'

const intakeOver = (commit: (items: readonly number[]) => Promise<void>): ((items: readonly number[]) => Promise<number>) =>
  createIntake<number, void, number>(systemClock, commit, (_whole, from) => from)

test('what waits while a transaction runs goes into the next one together', async () => {
  const commits: (readonly number[])[] = []
  const intake = intakeOver(async (items) => void commits.push(items))
  const first = intake([1])
  await new Promise((resolve) => systemClock.after(0, () => resolve(undefined)))
  const rest = Promise.all([intake([2]), intake([3, 4])])
  await first
  expect(await rest).toEqual([0, 1])
  expect(commits).toEqual([[1], [2, 3, 4]])
})

test('callers that answer each commit with the next events let other work in between', async () => {
  const order: string[] = []
  const intake = intakeOver(async () => void order.push('commit'))
  const other = (): void => void systemClock.after(0, () => {
    order.push('other')
    if (order.length < 30) other()
  })
  other()
  // Too many for one transaction, so that there is always something that waits.
  const events = Array.from({ length: 600 }, (_, number) => number)
  const caller = async (): Promise<void> => {
    for (let batch = 0; batch < 5; batch += 1) await intake(events)
  }
  await Promise.all([caller(), caller()])
  expect(order.filter((one) => one === 'commit')).toHaveLength(10)
  expect(order.join(' ')).not.toContain('commit commit')
})

test('a commit that fails is the failure of those who were in it, and the next ones go on', async () => {
  const intake = intakeOver(async (items) => {
    if (items.includes(1)) throw new Error('full')
  })
  await expect(intake([1])).rejects.toThrow('full')
  expect(await intake([2])).toBe(0)
})
