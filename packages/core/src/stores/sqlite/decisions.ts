import type { Decision } from '../../model/decision.ts'
import type { Transaction } from '../../model/store.ts'
import { jsonOrNull, parsed } from './json.ts'
import { tables } from './schema.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** One row for one reason about one alert, person and channel: repeated, it is counted and keeps the newest parameters. */
export function decisionWriter(prepare: Prepare): Pick<Transaction, 'recordDecisions'> {
  const put = prepare.insert(
    tables.decisions,
    ['alert', 'person', 'channel', 'reason', 'at', 'count', 'params'],
    'on conflict do update set at = excluded.at, params = excluded.params, count = decisions.count + excluded.count',
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
  const find = prepare.select(tables.decisions, '*', 'where alert = ? order by at, reason')
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
