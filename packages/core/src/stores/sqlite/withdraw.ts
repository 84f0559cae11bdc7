import { sql } from 'kysely'
import type { News } from '../../model/notification.ts'
import type { Transaction } from '../../model/store.ts'
import { recipientOf, withoutOf } from './due.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** What was told of an alert, and taking back what was not told yet. A delivery in flight cannot be taken back. */
export function withdrawer(prepare: Prepare): Pick<Transaction, 'withdraw' | 'toldAbout'> {
  const waiting = query
    .selectFrom('deliveries')
    .where('deliveries.done_at', 'is', null)
    .where('deliveries.claimed_at', 'is', null)
    .select(['deliveries.id', 'deliveries.person', 'deliveries.channel', 'deliveries.items'])
  const findSingles = prepare(waiting.where('deliveries.alert', '=', given<number>()))
  const findBatches = prepare(
    waiting.innerJoin('batch_items', 'batch_items.delivery', 'deliveries.id').where('batch_items.alert', '=', given<number>()),
  )
  const end = prepare(
    query.updateTable('deliveries').set({ result: given(), done_at: given<number>(), batch_key: null_ }).where('id', '=', given<number>()),
  )
  const removeItem = prepare(query.deleteFrom('batch_items').where('delivery', '=', given<number>()).where('alert', '=', given<number>()))
  const setItems = prepare(query.updateTable('deliveries').set({ items: given<number>() }).where('id', '=', given<number>()))

  const sent = query
    .selectFrom('deliveries')
    .select(['person', 'role', 'address', 'locale', 'timezone', 'channel', 'route', 'without'])
    .where('result', '=', sql.lit('sent'))
    .where('news', '=', sql.lit<News>('firing'))
    .orderBy('deliveries.id', 'desc')
  const findToldSingly = prepare(sent.where('deliveries.alert', '=', given<number>()))
  const findToldInBatch = prepare(
    sent.innerJoin('batch_items', 'batch_items.delivery', 'deliveries.id').where('batch_items.alert', '=', given<number>()),
  )

  return {
    async withdraw(alert, result, atMs, only) {
      const wanted = (row: { person: string; channel: string }): boolean =>
        only === undefined || (row.person === only.person && row.channel === only.channel)
      const unheard: { person: string; channel: string }[] = []
      for (const { id, person, channel } of findSingles.all(alert).filter(wanted)) {
        end.run(result, whole(atMs), id)
        unheard.push({ person, channel })
      }
      for (const { id, person, channel, items } of findBatches.all(alert).filter(wanted)) {
        // The last item stays on record with the delivery that ends for it.
        if (items <= 1) end.run(result, whole(atMs), id)
        else {
          removeItem.run(id, alert)
          setItems.run(items - 1, id)
        }
        unheard.push({ person, channel })
      }
      return unheard
    },
    async toldAbout(alert) {
      const told = new Map<string, ReturnType<typeof toldOf>>()
      for (const row of [...findToldSingly.all(alert), ...findToldInBatch.all(alert)]) {
        const key = JSON.stringify([row.channel, row.person, row.address])
        if (!told.has(key)) told.set(key, toldOf(row))
      }
      return [...told.values()]
    },
  }
}

const null_ = sql.lit(null)

function toldOf(row: Parameters<typeof recipientOf>[0] & { channel: string; route: string; without: string | null }) {
  return { recipient: recipientOf(row), channel: row.channel, route: row.route, without: withoutOf(row.without) }
}
