import type { LastTold, Transaction, Withdrawn } from '../../model/store.ts'
import type { Destinations } from './destinations.ts'
import type { Destination } from '../rows/destinations.ts'
import { tables } from '../rows/tables.ts'
import type { DeliveryRow } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { readOrTell } from '../rows/unreadable.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'

/** What was told of an alert, and taking back what was not told yet. A delivery in flight cannot be taken back. */
export function withdrawer(
  prepare: Prepare,
  destinations: Destinations,
  tell: TellUnreadable,
): Pick<Transaction, 'withdraw' | 'onTheWay' | 'toldAbout'> {
  const single = tables.deliveries
  const inBatch = { ...single, from: 'deliveries join batch_items on batch_items.delivery = deliveries.id' }
  const waiting = 'done_at is null and claimed_at is null'
  const findSingles = prepare.select(single, ['id', 'destination', 'items', 'news'], `where alert = ? and ${waiting}`)
  const findBatches = prepare.select(inBatch, ['id', 'destination', 'items', 'news'], `where batch_items.alert = ? and ${waiting}`)
  const findBatchesButDigests = prepare.select(inBatch, ['id', 'destination', 'items', 'news'], `where batch_items.alert = ? and ${waiting} and (turn is null or json_extract(turn, '$.kind') <> 'digest')`)
  const end = prepare.change('update deliveries set result = ?, done_at = ?, batch_key = null where id = ?')
  const removeItem = prepare.change('delete from batch_items where delivery = ? and alert = ?')
  const setItems = prepare.change('update deliveries set items = ? where id = ?')

  // That somebody has it changes what was told; what was told is that it fires, or that it is over.
  const told = "result = 'sent' and news <> 'acknowledged' order by id desc"
  const findToldSingly = prepare.select(single, ['id', 'destination', 'news', 'done_at'], `where alert = ? and ${told}`)
  const findOnTheWaySingly = prepare.select(single, ['id', 'destination'], "where alert = ? and news = 'firing' and created_at >= ? and (done_at is null or result = 'sent')")
  // A collection may be older than what joined it.
  const findOnTheWayInBatch = prepare.select(inBatch, ['id', 'destination'], "where batch_items.alert = ? and news = 'firing' and (done_at is null or (result = 'sent' and done_at >= ?))")
  const findToldInBatch = prepare.select(inBatch, ['id', 'destination', 'news', 'done_at'], `where batch_items.alert = ? and ${told}`)

  const destinationOf = (row: Pick<DeliveryRow, 'id' | 'destination'>): Destination | undefined =>
    readOrTell(tell, `delivery ${row.id}`, () => destinations.get(row.destination))

  return {
    async withdraw(alert, result, atMs, only) {
      const unheard: Withdrawn[] = []
      const take = (row: Pick<DeliveryRow, 'id' | 'destination' | 'news'>, takeBack: () => void): void => {
        const destination = destinationOf(row)
        if (destination === undefined) return
        const { recipient, channel } = destination
        if (only !== undefined && ('news' in only ? row.news !== only.news : recipient.person !== only.person || channel !== only.channel)) return
        takeBack()
        // That somebody has it is shown where it was told: nobody is spared anything.
        if (row.news !== 'acknowledged') unheard.push({ recipient, channel, news: row.news })
      }
      const endDelivery = (id: number): void => void end.run(result, whole(atMs), id)
      for (const row of findSingles.all(alert)) take(row, () => endDelivery(row.id))
      for (const row of (result === 'resolved-before-told' ? findBatchesButDigests : findBatches).all(alert)) {
        take(row, () => {
          // The last item stays on record with the delivery that ends for it.
          if (row.items <= 1) return endDelivery(row.id)
          removeItem.run(row.id, alert)
          setItems.run(row.items - 1, row.id)
        })
      }
      return unheard
    },
    async onTheWay(alert, person, sinceMs) {
      const rows = [...findOnTheWaySingly.all(alert, whole(sinceMs)), ...findOnTheWayInBatch.all(alert, whole(sinceMs))]
      return rows.flatMap((row) => {
        const destination = destinationOf(row)
        return destination?.recipient.person === person ? [{ delivery: row.id, channel: destination.channel, address: destination.recipient.address }] : []
      })
    },
    async toldAbout(alert) {
      const lastTold = new Map<string, LastTold>()
      for (const row of [...findToldSingly.all(alert), ...findToldInBatch.all(alert)].sort((one, other) => other.id - one.id)) {
        const destination = destinationOf(row)
        if (destination === undefined) continue
        const { recipient, channel, route, without } = destination
        const key = JSON.stringify([channel, recipient.person, recipient.address])
        if (!lastTold.has(key)) lastTold.set(key, { recipient, channel, route, without, news: row.news, atMs: row.done_at ?? 0 })
      }
      return [...lastTold.values()]
    },
  }
}
