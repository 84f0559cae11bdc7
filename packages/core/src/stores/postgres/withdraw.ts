import type { LastTold, Transaction, Withdrawn } from '../../model/store.ts'
import type { Destination } from '../rows/destinations.ts'
import { parsed } from '../rows/json.ts'
import type { DeliveryRow } from '../rows/tables.ts'
import { readOrTell } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { change, query } from './statement.ts'

const waiting = 'done_at is null and claimed_at is null'
const inBatch = '@deliveries as deliveries join @batch_items as batch_items on batch_items.delivery = deliveries.id where batch_items.alert = $1'
const findWaiting = query<Pick<DeliveryRow, 'id' | 'destination' | 'items' | 'news' | 'turn' | 'alert'>>(
  `select id, destination, items, news, turn, alert from @deliveries
   where id = any(array(select id from @deliveries where alert = $1 and ${waiting} union all select delivery from @batch_items where alert = $1)) and ${waiting} order by alert is null, id for update`,
)
const end = change('update @deliveries set result = $1, done_at = $2, batch_key = null where id = any($3::bigint[])')
const removeItems = change('delete from @batch_items where delivery = any($1::bigint[]) and alert = $2')
const countOut = change('update @deliveries set items = items - 1 where id = any($1::bigint[])')

// That somebody has it changes what was told; what was told is that it fires, or that it is over.
const told = "result = 'sent' and news <> 'acknowledged'"
const findTold = query<Pick<DeliveryRow, 'id' | 'destination' | 'news' | 'done_at'>>(
  `select id, destination, news, done_at from @deliveries where alert = $1 and ${told}
   union all select deliveries.id, destination, news, done_at from ${inBatch} and ${told} order by id desc`,
)
// A collection may be older than what joined it.
const findOnTheWay = query<Pick<DeliveryRow, 'id' | 'destination'>>(
  `select id, destination from @deliveries where alert = $1 and news = 'firing' and created_at >= $2 and (done_at is null or result = 'sent')
   union all select deliveries.id, destination from ${inBatch} and news = 'firing' and (done_at is null or (result = 'sent' and done_at >= $2))`,
)

/** What was told of an alert, and taking back what was not told yet. A delivery in flight cannot be taken back. */
export function withdrawer({ sql, destinations, tell }: Context): Pick<Transaction, 'withdraw' | 'onTheWay' | 'toldAbout'> {
  /** Each row with its destination, without those that cannot be read. */
  const withDestinations = async <Row extends Pick<DeliveryRow, 'id' | 'destination'>>(rows: readonly Row[]): Promise<readonly { readonly row: Row; readonly destination: Destination }[]> => {
    const destinationOf = await destinations.read(rows.map(({ destination }) => destination))
    return rows.flatMap((row) => {
      const destination = readOrTell(tell, `delivery ${row.id}`, () => destinationOf(row.destination))
      return destination === undefined ? [] : [{ row, destination }]
    })
  }
  const isDigest = ({ id, turn }: Pick<DeliveryRow, 'id' | 'turn'>): boolean => turn !== null && parsed(turn, undefined, tell, `delivery ${id}`)?.kind === 'digest'

  return {
    async withdraw(alert, result, atMs, only) {
      const waits = await withDestinations(await sql.all(findWaiting, alert))
      const taken = waits.filter(({ row, destination: { recipient, channel } }) => {
        if (only !== undefined && ('news' in only ? row.news !== only.news : recipient.person !== only.person || channel !== only.channel)) return false
        return row.alert !== null || result !== 'resolved-before-told' || !isDigest(row)
      })
      // The last item stays on record with the delivery that ends for it.
      const ends = taken.filter(({ row }) => row.alert !== null || row.items <= 1).map(({ row }) => row.id)
      const shrinks = taken.filter(({ row }) => row.alert === null && row.items > 1).map(({ row }) => row.id)
      if (ends.length > 0) await sql.run(end, result, whole(atMs), ends)
      if (shrinks.length > 0) {
        await sql.run(removeItems, shrinks, alert)
        await sql.run(countOut, shrinks)
      }
      // That somebody has it is shown where it was told: nobody is spared anything.
      return taken.flatMap(({ row, destination: { recipient, channel } }): readonly Withdrawn[] => (row.news === 'acknowledged' ? [] : [{ recipient, channel, news: row.news }]))
    },
    async onTheWay(alert, person, sinceMs) {
      const ways = await withDestinations(await sql.all(findOnTheWay, alert, whole(sinceMs)))
      return ways.flatMap(({ row, destination: { recipient, channel } }) => (recipient.person === person ? [{ delivery: row.id, channel, address: recipient.address }] : []))
    },
    async toldAbout(alert) {
      const lastTold = new Map<string, LastTold>()
      for (const { row, destination: { recipient, channel, route, without } } of await withDestinations(await sql.all(findTold, alert))) {
        const key = JSON.stringify([channel, recipient.person, recipient.address])
        if (!lastTold.has(key)) lastTold.set(key, { recipient, channel, route, without, news: row.news, atMs: row.done_at ?? 0 })
      }
      return [...lastTold.values()]
    },
  }
}
