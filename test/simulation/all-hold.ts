import { expect } from 'vitest'
import { failureText } from './report.ts'
import { simulate } from './run.ts'

/** Runs every world from `from` to `to`; a world that fails is shown with how to see it again. */
export async function expectAllToHold(from: number, to: number): Promise<void> {
  const failures: string[] = []
  for (let seed = from; seed <= to && failures.length < failuresShown; seed += 1) {
    const result = await simulate(seed)
    if (result.violations.length > 0) failures.push(failureText(result, undefined))
  }
  expect(failures.join('\n')).toBe('')
}

const failuresShown = 3
