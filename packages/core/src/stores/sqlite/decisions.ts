import type { Decision } from '../../model/decision.ts'
import type { Transaction } from '../../model/store.ts'
import { jsonOrNull, parsed } from '../rows/json.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'

/** One row for one reason about one alert, person and channel: repeated, it is counted and keeps the newest parameters. */
export function decisionWriter(prepare: Prepare): Pick<Transaction, 'recordDecisions' | 'recordDecisionsForDelivery'> {
  const counted = 'on conflict do update set at = excluded.at, params = excluded.params, count = decisions.count + excluded.count'
  const put = prepare.insert(tables.decisions, ['alert', 'person', 'channel', 'reason', 'at', 'count', 'params'], counted)
  const putForAll = prepare.change(
    `insert into decisions(alert, person, channel, reason, at, count, params)
     select alert, ?, ?, ?, ?, ?, ? from
       (select alert from batch_items where delivery = ? union select alert from deliveries where id = ? and alert is not null)
     where true ${counted}`,
  )
  return {
    async recordDecisions(decisions) {
      for (const { alert, person, channel, reason, atMs, count, params } of decisions) {
        put.run(alert, person, channel, reason, whole(atMs), whole(count), jsonOrNull(params))
      }
    },
    async recordDecisionsForDelivery(delivery, { person, channel, reason, atMs, count, params }) {
      putForAll.run(person, channel, reason, whole(atMs), whole(count), jsonOrNull(params), delivery, delivery)
    },
  }
}

export function decisionsQuery(prepare: Prepare, tell: TellUnreadable): (alert: number) => readonly Decision[] {
  const find = prepare.select(tables.decisions, '*', 'where alert = ? order by at, reason')
  return (alert) =>
    find.all(alert).map(({ person, channel, reason, at, count, params }) => ({
      alert,
      person,
      channel,
      reason,
      params: params === null ? {} : parsed(params, {}, tell, `decision ${reason} of alert ${alert}`),
      atMs: at,
      count,
    }))
}
