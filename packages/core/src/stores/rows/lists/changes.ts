import type { Lists } from '../../../model/lists.ts'
import type { ListBackend } from './backend.ts'
import { readNotes } from '../changes.ts'

/** Commits that are looked at together. */
const looksMax = 1_000

export function changeLists(backend: ListBackend): Pick<Lists, 'changesAfter' | 'lastChange'> {
  return {
    async changesAfter(project, after) {
      const rows = await backend.all<{ readonly seq: number; readonly what: string }>('select seq, what from @changes where seq > ? and (project is null or project = ?) order by seq limit ?', [after, project, looksMax])
      const [first] = await backend.all<{ readonly seq: number }>('select seq from @changes order by seq limit 1', [])
      const notes = readNotes(rows.map(({ what }) => what))
      const deliveries = new Set(notes.deliveries)
      if (notes.newsOf.length > 0) {
        for (const { id } of await backend.all<{ readonly id: number }>(`select id from @deliveries where alert in (${notes.newsOf.map(() => '?').join(', ')}) order by id desc limit 500`, notes.newsOf)) deliveries.add(id)
      }
      return {
        alerts: notes.alerts,
        deliveries: [...deliveries],
        sessions: notes.sessions.flatMap((session) => (session.project === project ? [session.id] : [])),
        last: Math.max(rows.at(-1)?.seq ?? after, (first?.seq ?? 0) - 1),
        // What was deleted since cannot be told; nor what was never written down.
        isGap: notes.isCut || (first !== undefined && first.seq > after + 1),
      }
    },
    // Not the last of all: numbers of other projects may be ahead of what this one has not committed yet.
    async lastChange(project) {
      const [row] = await backend.all<{ readonly seq: number }>('select seq from @changes where project is null or project = ? order by seq desc limit 1', [project])
      return row?.seq ?? 0
    },
  }
}
