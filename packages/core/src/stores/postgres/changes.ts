import { changesForgottenAtOnce, changesKept, type ChangeNotes } from '../rows/changes.ts'
import { change, query, type Session } from './statement.ts'

const insert = query<{ readonly seq: number }>('insert into @changes(project, what) values ($1, $2) returning seq')
const forget = change('delete from @changes where seq <= $1')

/**
 * Writes what a transaction changed, as the last thing in it. Its project is alone, so that its numbers rise with its commits; those of other projects
 * may be ahead.
 *
 * @returns whether there was anything
 */
export async function writeChanges(sql: Session, notes: ChangeNotes, project: string | undefined): Promise<boolean> {
  const what = notes.take()
  if (what === undefined) return false
  const seq = (await sql.get(insert, project ?? null, what))?.seq ?? 0
  if (seq % changesForgottenAtOnce === 0 && seq > changesKept) await sql.run(forget, seq - changesKept)
  return true
}
