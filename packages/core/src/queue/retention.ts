import type { Config } from '../model/config.ts'
import { forgettable } from '../model/retention.ts'
import type { Forgettable } from '../model/retention.ts'
import type { Timer, Transaction } from '../model/store.ts'

/** Kind of the one timer by which a project forgets what is old; its key says how far it has come. */
export const retentionTimer = 'retention'

/** Rows that are deleted in one transaction, at most about so many. */
const rowsAtOnce = 500
/** So long a group that nothing more is heard of is known after it might have been told again, milliseconds. */
const paceKeptMs = 86_400_000
/** When it begins anew after it has come through, milliseconds. */
const againMs = 3_600_000

/** Sees to it that somebody forgets: nothing where a timer of the project waits already, whoever put it. */
export async function beginForgetting(tx: Transaction, project: string, nowMs: number): Promise<void> {
  await tx.putFirstTimer({ project, kind: retentionTimer, key: '', dueMs: nowMs })
}

/**
 * One step: deletes some of what is older than it is kept, and puts the timer anew, due at once until there is nothing left, then
 * in an hour. How far it has come stands in the timer's key, so that any process can go on. Kinds of which nothing is old are passed in one step.
 */
export async function forgetSome(tx: Transaction, due: readonly Timer[], retention: Config['retention'], nowMs: number): Promise<void> {
  const [timer] = due
  if (timer === undefined) return
  const older = { contentBeforeMs: nowMs - retention.content, bodiesBeforeMs: nowMs - retention.bodies, decisionsBeforeMs: nowMs - retention.decisions, pacesBeforeMs: nowMs - paceKeptMs }
  let { what, after } = placeOf(timer.key)
  for (;;) {
    const { rows, goOn } = await tx.forget({ project: timer.project, what, after, ...older, limit: rowsAtOnce })
    const next = goOn === undefined ? forgettable[forgettable.indexOf(what) + 1] : what
    if (next === undefined) return tx.putTimers([{ ...timer, key: '', dueMs: nowMs + againMs }])
    what = next
    after = goOn ?? ''
    if (rows > 0 || goOn !== undefined) return tx.putTimers([{ ...timer, key: `${what} ${after}`, dueMs: nowMs }])
  }
}

/** The beginning, where a key is not one that this version has written. */
function placeOf(key: string): { readonly what: Forgettable; readonly after: string } {
  const gap = key.indexOf(' ')
  const what = forgettable.find((one) => one === key.slice(0, gap))
  return what === undefined ? { what: forgettable[0], after: '' } : { what, after: key.slice(gap + 1) }
}
