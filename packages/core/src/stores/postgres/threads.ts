import type { Transaction } from '../../model/store.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { change, query, select } from './statement.ts'

const find = select(tables.threads, ['thread', 'provider_id'], 'where thread = any($1::text[])')
const forget = change('delete from @threads where (thread, provider_id) in (select * from unnest($1::text[], $2::text[]))')
const keep = change(
  `insert into @threads(thread, provider_id, at) select distinct on (thread) thread, provider_id, at from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality as given(thread, provider_id, at, place)
   order by thread, place on conflict do nothing`,
)

// The reader of a thread: everybody where the channel is the address, else the person wherever they move.
const readerOf = (table: string): string => `(case when ${table}.address = '' then '' when ${table}.person = '' then ${table}.address else ${table}.person end)`
const findBehind = query<{ readonly id: number }>(
  `select newer.id from @deliveries as newer join @destinations as mine on mine.id = newer.destination
   where newer.id = any($1::bigint[]) and exists (
     select 1 from @deliveries as older join @destinations as other on other.id = older.destination
     where older.alert = newer.alert and older.id < newer.id and older.channel = newer.channel and older.done_at is null
       and older.claimed_at is not null and older.due_at > $2 and ${readerOf('other')} = ${readerOf('mine')})`,
)

/** The provider's id of the first message in each thread, for channels that answer or change it later. */
export function threadKeeper({ sql }: Pick<Context, 'sql'>): Pick<Transaction, 'behindOlder' | 'firstMessages' | 'keepFirstMessages' | 'forgetFirstMessages'> {
  return {
    async behindOlder(ids, nowMs) {
      const behind = new Set(ids.length === 0 ? [] : (await sql.all(findBehind, ids, whole(nowMs))).map(({ id }) => id))
      return ids.map((id) => behind.has(id))
    },
    async firstMessages(threads) {
      return new Map(threads.length === 0 ? [] : (await sql.all(find, threads)).map(({ thread, provider_id }) => [thread, provider_id] as const))
    },
    async keepFirstMessages(messages) {
      if (messages.length > 0) await sql.run(keep, messages.map(({ thread }) => thread), messages.map(({ providerId }) => providerId), messages.map(({ atMs }) => whole(atMs)))
    },
    async forgetFirstMessages(messages) {
      if (messages.length > 0) await sql.run(forget, messages.map(({ thread }) => thread), messages.map(({ providerId }) => providerId))
    },
  }
}
