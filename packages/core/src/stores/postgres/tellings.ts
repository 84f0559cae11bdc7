import type { Transaction } from '../../model/store.ts'
import { stateOf } from '../rows/due.ts'
import { present } from '../rows/json.ts'
import type { DeliveryRow } from '../rows/tables.ts'
import { readOrTell } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { query } from './statement.ts'

const tellingsMax = 1_000

const columns = 'id, destination, priority, claimed_at, result, done_at, attempts, due_at'
const newest = `order by done_at is not null, id desc limit ${tellingsMax}`
// A collection may be older than what joined it.
const find = query<Pick<DeliveryRow, 'id' | 'destination' | 'priority' | 'claimed_at' | 'result' | 'done_at' | 'attempts' | 'due_at'>>(
  `select * from (
     (select ${columns} from @deliveries where alert = $1 and news = 'firing' and created_at >= $2 ${newest})
     union all
     (select ${columns} from @deliveries as deliveries join @batch_items as batch_items on batch_items.delivery = deliveries.id
      where batch_items.alert = $1 and news = 'firing' and (done_at is null or done_at >= $2) ${newest})) as found ${newest}`,
)

/** What became of the news that an alert fires. */
export function tellingReader({ sql, destinations, tell }: Context): Pick<Transaction, 'tellings'> {
  return {
    async tellings(alert, sinceMs) {
      const rows = (await sql.all(find, alert, whole(sinceMs))).toSorted((one, other) => one.id - other.id)
      const destinationOf = await destinations.read(rows.map(({ destination }) => destination))
      return rows.flatMap((row) => {
        const destination = readOrTell(tell, `delivery ${row.id}`, () => destinationOf(row.destination))
        if (destination === undefined) return []
        const { id, priority, attempts, due_at, done_at, result } = row
        const { route, channel, recipient: { person, address } } = destination
        return [{ delivery: id, route, person, channel, address, priority, state: stateOf(row), attempts, dueMs: due_at, ...present({ result, doneMs: done_at }) }]
      })
    },
  }
}
