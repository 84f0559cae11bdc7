import { Problem, type ProblemPlace } from '../http/problem.ts'
import type { Kind } from './kinds.ts'
import type { ThingProblem } from './merge.ts'

/** As a place in what was sent, or, where something else does not fit it, in that. */
export function placeFor({ thing, pointer, text }: ThingProblem, target: { readonly kind: Kind; readonly name: string } | undefined): ProblemPlace {
  if (thing === undefined || (thing.kind === target?.kind.name && thing.name === target.name)) return { pointer, detail: text }
  return { pointer: '', detail: `${thing.kind} "${thing.name}"${pointer === '' ? '' : ` at ${pointer}`}: ${text}` }
}

/** What was sent does not fit. */
export function notAsExpected(places: readonly ProblemPlace[]): Problem {
  return new Problem(422, 'invalid', `${places.length === 1 ? 'One place is' : `${places.length} places are`} not as expected.`, { places: places.slice(0, placesMax) })
}

/** Places that are named in one answer. */
export const placesMax = 100

/** It does not fit what else is configured. */
export function inCombination(problems: readonly ThingProblem[]): Problem {
  return notAsExpected(problems.map((one) => placeFor(one, undefined)))
}

/** What two problems have in common that are the same. */
export function textOf({ thing, pointer, text }: ThingProblem): string {
  return JSON.stringify([thing?.kind, thing?.name, pointer, text])
}
