import type { Transaction } from '../../model/store.ts'
import type { Destinations } from './destinations.ts'
import { present } from '../rows/json.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { readOrTell } from '../rows/unreadable.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'

const tellingsMax = 1_000

/** What became of the news that an alert fires. */
export function tellingReader(prepare: Prepare, destinations: Destinations, tell: TellUnreadable): Pick<Transaction, 'tellings'> {
  const columns = ['id', 'destination', 'priority', 'claimed_at', 'result', 'done_at', 'attempts', 'due_at'] as const
  const newest = `order by done_at is not null, id desc limit ${tellingsMax}`
  const findSingly = prepare.select(tables.deliveries, columns, `where alert = ? and news = 'firing' and created_at >= ? ${newest}`)
  // A collection may be older than what joined it.
  const findInBatch = prepare.select({ ...tables.deliveries, from: 'deliveries join batch_items on batch_items.delivery = deliveries.id' }, columns, `where batch_items.alert = ? and news = 'firing' and (done_at is null or done_at >= ?) ${newest}`)
  return {
    async tellings(alert, sinceMs) {
      const isDone = ({ done_at }: { readonly done_at: number | null }): number => Number(done_at !== null)
      const rows = [...findSingly.all(alert, whole(sinceMs)), ...findInBatch.all(alert, whole(sinceMs))].toSorted((one, other) => isDone(one) - isDone(other) || other.id - one.id)
      return rows.slice(0, tellingsMax).toSorted((one, other) => one.id - other.id).flatMap((row) => {
        const destination = readOrTell(tell, `delivery ${row.id}`, () => destinations.get(row.destination))
        if (destination === undefined) return []
        const { id, priority, attempts, due_at, done_at, claimed_at, result } = row
        const { route, channel, recipient: { person, address } } = destination
        const state = done_at !== null ? 'done' : claimed_at !== null ? 'claimed' : 'waiting'
        return [{ delivery: id, route, person, channel, address, priority, state, attempts, dueMs: due_at, ...present({ result, doneMs: done_at }) } as const]
      })
    },
  }
}
