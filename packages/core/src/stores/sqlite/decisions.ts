import { sql } from 'kysely'
import type { Decision } from '../../model/decision.ts'
import type { Transaction } from '../../model/store.ts'
import { jsonOrNull, parsed } from './json.ts'
import type { Json } from './json.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** One row for one reason about one alert, person and channel: repeated, it is counted and keeps the newest parameters. */
export function decisionWriter(prepare: Prepare): Pick<Transaction, 'recordDecisions'> {
  const put = prepare(
    query
      .insertInto('decisions')
      .values({ alert: given(), person: given(), channel: given(), reason: given(), at: given(), count: given(), params: given() })
      .onConflict((conflict) =>
        conflict.columns(['alert', 'person', 'channel', 'reason']).doUpdateSet({
          at: sql<number>`excluded.at`,
          params: sql<Json<Decision['params']> | null>`excluded.params`,
          count: sql<number>`decisions.count + excluded.count`,
        }),
      ),
  )
  return {
    async recordDecisions(decisions) {
      for (const { alert, person, channel, reason, atMs, count, params } of decisions) {
        put.run(alert, person, channel, reason, whole(atMs), whole(count), jsonOrNull(params))
      }
    },
  }
}

export function decisionsQuery(prepare: Prepare): (alert: number) => readonly Decision[] {
  const find = prepare(query.selectFrom('decisions').selectAll().where('alert', '=', given<number>()).orderBy('at').orderBy('reason'))
  return (alert) =>
    find.all(alert).map(({ person, channel, reason, at, count, params }) => ({
      alert,
      person,
      channel,
      reason,
      params: params === null ? {} : parsed(params),
      atMs: at,
      count,
    }))
}
