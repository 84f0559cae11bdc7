import { changesForgottenAtOnce, changesKept, type ChangeNotes } from '../rows/changes.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'

/**
 * Writes what a transaction changed, as the last thing in it.
 *
 * @returns whether there was anything
 */
export function changeWriter(prepare: Prepare, notes: ChangeNotes): (project: string | undefined) => boolean {
  const insert = prepare.insert(tables.changes, ['project', 'what'])
  const forget = prepare.change('delete from changes where seq <= ?')
  return (project) => {
    const what = notes.take()
    if (what === undefined) return false
    const { id } = insert.run(project ?? null, what)
    if (id % changesForgottenAtOnce === 0 && id > changesKept) forget.run(id - changesKept)
    return true
  }
}
