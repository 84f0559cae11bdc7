import { TocsinError } from '../model/error.ts'
import { compileCondition, problemOfGroupName, type EventView } from './view.ts'

/**
 * The condition of a rule from the configuration, compiled once.
 *
 * @throws TocsinError `config-invalid` where it is wrong
 */
export function ownCondition(rule: string, when: string | undefined): ((view: EventView) => boolean) | undefined {
  if (when === undefined) return undefined
  const condition = compileCondition(when, 'event')
  if (!condition.ok) throw new TocsinError('config-invalid', `rules.${rule}.when: ${condition.problem}`)
  return condition.test
}

/** @throws TocsinError `config-invalid` where the event view has no such name */
export function checkGroupNames(rule: string, names: readonly string[]): void {
  for (const name of names) {
    const problem = problemOfGroupName(name)
    if (problem !== undefined) throw new TocsinError('config-invalid', `rules.${rule}.groupBy: ${problem}`)
  }
}
