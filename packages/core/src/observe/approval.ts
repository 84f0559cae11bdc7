import type { EventInput } from '../model/event.ts'
import { boundedText } from './bounded-text.ts'
import { currentScope, runInExactly } from './context.ts'
import type { Observation } from './observation.ts'
import { followResult } from './settle.ts'

/**
 * Runs `work`, which asks a person, and gives back exactly what it gives. That somebody is needed is recorded as it begins,
 * and that nobody is any more when it has ended: `true` and `false` as approved and rejected, anything else as answered, an error as
 * given up. The two events bear the same id.
 */
export function askApproval<T>(observation: Observation, what: string, work: () => T): T {
  const scope = currentScope()
  const id = observation.guard('step', () => observation.chance.id()) ?? ''
  const shown = boundedText(what)
  const record = (detail: NonNullable<EventInput['detail']>): void => {
    observation.guard('step', () => observation.record({ type: 'approval.request', source: 'client', name: shown, atMs: observation.clock.nowMs(), durationMs: 0, status: 'ok', detail }, scope))
  }
  const answer = (word: string): void => record({ id, answer: word })
  record({ id })
  const enter = <R>(step: () => R): R => runInExactly(scope, step)
  let result: T
  try {
    result = enter(work)
  } catch (thrown) {
    answer('given up')
    throw thrown
  }
  return followResult(result, { value: (value) => answer(value === true ? 'approved' : value === false ? 'rejected' : 'answered'), error: () => answer('given up') }, enter)
}
