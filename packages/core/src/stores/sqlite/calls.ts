import type { Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/**
 * The same model call, seen through several sources. A source never sees one call twice, so a call takes at most one
 * event of each source: two equal calls at one time, each seen twice, stay two.
 */
export function callMatcher(prepare: Prepare, projects: Projects): Pick<Transaction, 'findSameCalls'> {
  const find = prepare.select(
    { ...tables.calls, from: 'calls as first' },
    ['event_id'],
    `where project = ? and print = ? and source <> ? and start_at <= ? and end_at >= ? and event_id = first_id
       and not exists (
         select 1 from calls as other
         where other.project = first.project and other.print = first.print and other.first_id = first.event_id and other.source = ?)
     order by start_at limit 1`,
  )
  const insert = prepare.insert(tables.calls, ['project', 'print', 'event_id', 'source', 'start_at', 'end_at', 'first_id'], 'on conflict do nothing')

  return {
    async findSameCalls(prints) {
      return prints.map(({ project, print, eventId, source, startMs, endMs }) => {
        const number = projects.number(project)
        const same = find.get(number, print, source, whole(endMs), whole(startMs), source)?.event_id
        insert.run(number, print, eventId, source, whole(startMs), whole(endMs), same ?? eventId)
        return same
      })
    },
  }
}
