import type { Transaction } from '../../model/store.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** The provider's id of the first message in each thread, for channels that answer or change it later. */
export function threadKeeper(prepare: Prepare): Pick<Transaction, 'behindOlder' | 'firstMessages' | 'keepFirstMessages' | 'forgetFirstMessages'> {
  const find = prepare.select(tables.threads, ['thread', 'provider_id'], 'where thread in (select value from json_each(?))')
  const forget = prepare.change('delete from threads where thread = ? and provider_id = ?')
  const keep = prepare.insert(tables.threads, ['thread', 'provider_id', 'at'], 'on conflict do nothing')

  // The reader of a thread: everybody where the channel is the address, else the person wherever they move.
  const readerOf = (table: string): string => `(case when ${table}.address = '' then '' when ${table}.person = '' then ${table}.address else ${table}.person end)`
  const findOlder = prepare.select(
    {
      ...tables.deliveries,
      from: 'deliveries newer join destinations mine on mine.id = newer.destination join deliveries on deliveries.alert = newer.alert join destinations other on other.id = deliveries.destination',
      qualified: { id: 'deliveries.id' },
    },
    ['id'],
    `where newer.id = ? and deliveries.id < newer.id and deliveries.channel = newer.channel and deliveries.done_at is null
     and deliveries.claimed_at is not null and deliveries.due_at > ? and ${readerOf('other')} = ${readerOf('mine')} limit 1`,
  )

  return {
    async behindOlder(ids, nowMs) {
      return ids.map((id) => findOlder.get(id, whole(nowMs)) !== undefined)
    },
    async firstMessages(threads) {
      return new Map(find.all(JSON.stringify(threads)).map(({ thread, provider_id }) => [thread, provider_id]))
    },
    async keepFirstMessages(messages) {
      for (const { thread, providerId, atMs } of messages) keep.run(thread, providerId, whole(atMs))
    },
    async forgetFirstMessages(messages) {
      for (const { thread, providerId } of messages) forget.run(thread, providerId)
    },
  }
}
