import { sql } from 'kysely'
import type { News } from '../../model/notification.ts'
import type { Transaction } from '../../model/store.ts'
import type { Destination, Destinations } from './destinations.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** What was told of an alert, and taking back what was not told yet. A delivery in flight cannot be taken back. */
export function withdrawer(prepare: Prepare, destinations: Destinations): Pick<Transaction, 'withdraw' | 'toldAbout'> {
  const waiting = query
    .selectFrom('deliveries')
    .where('deliveries.done_at', 'is', null)
    .where('deliveries.claimed_at', 'is', null)
    .select(['deliveries.id', 'deliveries.destination', 'deliveries.items'])
  const findSingles = prepare(waiting.where('deliveries.alert', '=', given<number>()))
  const findBatches = prepare(
    waiting.innerJoin('batch_items', 'batch_items.delivery', 'deliveries.id').where('batch_items.alert', '=', given<number>()),
  )
  const end = prepare(
    query.updateTable('deliveries').set({ result: given(), done_at: given<number>(), batch_key: sql.lit(null) }).where('id', '=', given<number>()),
  )
  const removeItem = prepare(query.deleteFrom('batch_items').where('delivery', '=', given<number>()).where('alert', '=', given<number>()))
  const setItems = prepare(query.updateTable('deliveries').set({ items: given<number>() }).where('id', '=', given<number>()))

  const sent = query
    .selectFrom('deliveries')
    .select('deliveries.destination')
    .where('result', '=', sql.lit('sent'))
    .where('news', '=', sql.lit<News>('firing'))
    .orderBy('deliveries.id', 'desc')
  const findToldSingly = prepare(sent.where('deliveries.alert', '=', given<number>()))
  const findToldInBatch = prepare(
    sent.innerJoin('batch_items', 'batch_items.delivery', 'deliveries.id').where('batch_items.alert', '=', given<number>()),
  )

  return {
    async withdraw(alert, result, atMs, only) {
      const unheard: { person: string; channel: string }[] = []
      const take = (row: { readonly destination: number }, end: () => void): void => {
        const { recipient, channel } = destinations.get(row.destination)
        if (only !== undefined && (recipient.person !== only.person || channel !== only.channel)) return
        end()
        unheard.push({ person: recipient.person, channel })
      }
      const endDelivery = (id: number): void => void end.run(result, whole(atMs), id)
      for (const row of findSingles.all(alert)) take(row, () => endDelivery(row.id))
      for (const row of findBatches.all(alert)) {
        take(row, () => {
          // The last item stays on record with the delivery that ends for it.
          if (row.items <= 1) return endDelivery(row.id)
          removeItem.run(row.id, alert)
          setItems.run(row.items - 1, row.id)
        })
      }
      return unheard
    },
    async toldAbout(alert) {
      const told = new Map<string, Destination>()
      for (const row of [...findToldSingly.all(alert), ...findToldInBatch.all(alert)]) {
        const destination = destinations.get(row.destination)
        const key = JSON.stringify([destination.channel, destination.recipient.person, destination.recipient.address])
        if (!told.has(key)) told.set(key, destination)
      }
      return [...told.values()].map(({ recipient, channel, route, without }) => ({ recipient, channel, route, without }))
    },
  }
}
