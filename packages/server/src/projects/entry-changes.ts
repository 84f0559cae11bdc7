import { createHash } from 'node:crypto'
import { Problem } from '../http/problem.ts'
import type { EntryRow } from '../stores/tables.ts'
import { isFields } from './entry-secrets.ts'

/** What the caller knows of what it changes: `If-Match` and `If-None-Match`. */
export interface Condition {
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
}

/** Of something that the API made: another with each change, also after it was gone in between. */
export function tagOf({ version }: Pick<EntryRow, 'version'>): string {
  return `"v${version}"`
}

/** Of something in the file: another where it was written otherwise. */
export function tagOfValue(value: unknown): string {
  return `"f${createHash('sha256').update(JSON.stringify(value) ?? '').digest('hex').slice(0, 12)}"`
}

/**
 * Refuses a change of something that is not any more what the caller has seen: RFC 9110, 13.
 *
 * @param tag of what is there; absent: there is nothing
 */
export function checkCondition({ ifMatch, ifNoneMatch }: Condition, tag: string | undefined, what: string): void {
  const fits = (header: string): boolean => header.trim() === '*' || header.split(',').some((one) => one.trim() === tag)
  if (tag === undefined) {
    if (ifMatch !== undefined) throw new Problem(412, 'changed', `${what} is not there any more. Without If-Match it is made anew.`)
    return
  }
  if (ifNoneMatch !== undefined && fits(ifNoneMatch)) throw new Problem(412, 'exists', `${what} is there already. Read it, and send its ETag as If-Match to replace it.`)
  if (ifMatch === undefined) throw new Problem(428, 'no-if-match', `Expected If-Match with the ETag of ${what} as you have read it, so that nobody's change is lost. It is ${tag} now.`)
  if (!fits(ifMatch)) throw new Problem(412, 'changed', `${what} was changed since you read it; its ETag is ${tag} now. Read it again and make your change in that.`)
}

const depthMax = 32

/** A merge patch (RFC 7396): `null` takes away, objects are merged, anything else replaces. */
export function mergePatched(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isFields(patch)) return patch
  if (depth >= depthMax) throw new Problem(422, 'invalid', `Expected at most ${depthMax} levels.`)
  const result: Record<string, unknown> = isFields(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatched(result[key], value, depth + 1)
  }
  return result
}
