import type { Decision } from '../../model/decision.ts'
import type { Transaction } from '../../model/store.ts'
import { jsonOrNull, parsed } from '../rows/json.ts'
import { tables } from '../rows/tables.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { change, select } from './statement.ts'
import type { Session } from './statement.ts'

const counted = 'on conflict(alert, person, channel, reason) do update set at = excluded.at, params = excluded.params, count = decisions.count + excluded.count'
const put = change(
  `insert into @decisions as decisions(alert, person, channel, reason, at, count, params)
   select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[]) ${counted}`,
)
const putForAll = change(
  `insert into @decisions as decisions(alert, person, channel, reason, at, count, params)
   select alert, $1, $2, $3, $4, $5, $6 from
     (select alert from @batch_items where delivery = $7 union select alert from @deliveries where id = $7 and alert is not null) as carried
   order by alert ${counted}`,
)
const find = select(tables.decisions, '*', 'where alert = $1 order by at, reason')

/** One row for one reason about one alert, person and channel: repeated, it is counted and keeps the newest parameters. */
export function decisionWriter({ sql }: Pick<Context, 'sql'>): Pick<Transaction, 'recordDecisions' | 'recordDecisionsForDelivery'> {
  return {
    async recordDecisions(decisions) {
      if (decisions.length === 0) return
      const rows = summedUp(decisions)
      await sql.run(
        put, rows.map(({ alert }) => alert), rows.map(({ person }) => person), rows.map(({ channel }) => channel), rows.map(({ reason }) => reason),
        rows.map(({ atMs }) => whole(atMs)), rows.map(({ count }) => whole(count)), rows.map(({ params }) => jsonOrNull(params)),
      )
    },
    async recordDecisionsForDelivery(delivery, { person, channel, reason, atMs, count, params }) {
      await sql.run(putForAll, person, channel, reason, whole(atMs), whole(count), jsonOrNull(params), delivery)
    },
  }
}

/** One statement writes a row once; in the order of the keys, so that two writers never wait for each other. */
function summedUp(decisions: readonly Decision[]): readonly Decision[] {
  const rows = new Map<string, Decision>()
  for (const decision of decisions) {
    const key = JSON.stringify([decision.alert, decision.person, decision.channel, decision.reason])
    rows.set(key, { ...decision, count: decision.count + (rows.get(key)?.count ?? 0) })
  }
  return [...rows.values()].sort((one, other) => one.alert - other.alert || byText(one.person, other.person) || byText(one.channel, other.channel) || byText(one.reason, other.reason))
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

export async function decisionsOf(sql: Session, alert: number, tell: TellUnreadable): Promise<readonly Decision[]> {
  const rows = await sql.all(find, alert)
  return rows.map(({ person, channel, reason, at, count, params }) => ({
    alert,
    person,
    channel,
    reason,
    params: params === null ? {} : parsed(params, {}, tell, `decision ${reason} of alert ${alert}`),
    atMs: at,
    count,
  }))
}
