import { sql } from 'kysely'
import type { Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/**
 * The same model call, seen through several sources. A source never sees one call twice, so a call takes at most one
 * event of each source: two equal calls at one time, each seen twice, stay two.
 */
export function callMatcher(prepare: Prepare, projects: Projects): Pick<Transaction, 'findSameCalls'> {
  const find = prepare(
    query
      .selectFrom('calls as first')
      .select('first.event_id')
      .where('first.project', '=', given<number>())
      .where('first.print', '=', given<string>())
      .where('first.source', '<>', given<string>())
      .where('first.start_at', '<=', given<number>())
      .where('first.end_at', '>=', given<number>())
      .whereRef('first.event_id', '=', 'first.first_id')
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('calls as other')
              .select(sql.lit(1).as('one'))
              .whereRef('other.project', '=', 'first.project')
              .whereRef('other.print', '=', 'first.print')
              .whereRef('other.first_id', '=', 'first.event_id')
              .where('other.source', '=', given<string>()),
          ),
        ),
      )
      .orderBy('first.start_at')
      .limit(sql.lit(1)),
  )
  const insert = prepare(
    query
      .insertInto('calls')
      .values({
        project: given(), print: given(), event_id: given(), source: given(), start_at: given(), end_at: given(), first_id: given(),
      })
      .onConflict((conflict) => conflict.doNothing()),
  )

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
