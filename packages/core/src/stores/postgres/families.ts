import type { Transaction } from '../../model/store.ts'
import { alertOf } from '../rows/alert.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { change, query, select } from './statement.ts'

const findOfCause = select(tables.alerts, '*', 'where project = $1 and cause = $2 and opened_at >= $3 and parent is null order by id limit $4')
const findUnder = select(tables.alerts, '*', "where parent = $1 and state <> 'resolved' order by id limit $2")
const findAddressed = query<{ person: string; channel: string; address: string }>(
  `select destination.person, destination.channel, destination.address from @deliveries as delivery join @destinations as destination on destination.id = delivery.destination
   where delivery.news = 'firing' and (delivery.alert = $1 or delivery.id in (select delivery from @batch_items where alert = $1)) order by delivery.id`,
)
const hurry = change(
  `update @deliveries set due_at = $1 where id in (select id from @due where project = $2 and due_at > $1) and done_at is null and claimed_at is null and batch_key is null and alert is not null
   and attempts = 0 and due_at > $1 and due_at <= created_at + $3`,
)

/** Alerts that are part of another, and whom the other one is told to. */
export function familyKeeper({ sql, projects, tell, wake }: Context): Pick<Transaction, 'withCause' | 'openUnder' | 'addressed' | 'hurry'> {
  return {
    async withCause({ project, cause, sinceMs, limit }) {
      const number = await projects.known(project)
      return number === undefined ? [] : (await sql.all(findOfCause, number, keyText(cause), whole(sinceMs), limit)).map((row) => alertOf(row, row.id, project, tell))
    },
    async openUnder(parent, limit) {
      const rows = await sql.all(findUnder, parent, limit)
      const nameOf = await projects.names(rows.map(({ project }) => project))
      return rows.map((row) => alertOf(row, row.id, nameOf(row.project), tell))
    },
    async addressed(alert) {
      return sql.all(findAddressed, alert)
    },
    async hurry(project, waitMs, nowMs) {
      const number = await projects.known(project)
      if (number === undefined) return
      await sql.run(hurry, whole(nowMs), number, whole(waitMs))
      wake(project)
    },
  }
}
