import type { Attention } from '../../model/attention.ts'
import { escalationPaceStart, repeatPaceStart } from '../../model/attention.ts'
import { groupPaceStart } from '../../model/batch-key.ts'
import { lastOf } from '../rows/last-of.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { change, putLists, query, select } from './statement.ts'

const find = select(tables.paces, '*', 'where key = any($1::text[])')
const put = putLists(tables.paces, ['key'], { key: 'text', since_at: 'bigint', at: 'bigint', count: 'bigint' })
const remove = change('delete from @paces where key = any($1::text[])')
// In order, so that two transactions never wait for each other. The name of the table is in it: an installation locks its own.
const lock = query<never>("select pg_advisory_xact_lock(hashtextextended('@paces ' || key, 0)) from (select key from unnest($1::text[]) as given(key) order by key) as ordered")

/** Keys of which all belong to one project or one alert: the lock of the project holds for them. */
const ofOneProject = [groupPaceStart, escalationPaceStart, repeatPaceStart, 'silence|']

/**
 * How often something is told. A reader of several projects has one pace for all of them: it is locked from when it is read until the
 * transaction ends, whether there is a row of it yet or not, so that of two projects that read and write it at once none is lost.
 */
export function paceKeeper({ sql }: Context): Pick<Attention, 'paces' | 'putPaces' | 'removePaces'> {
  return {
    async paces(keys) {
      if (keys.length === 0) return new Map()
      const texts = [...new Set(keys.map(keyText))]
      const shared = texts.filter((key) => !ofOneProject.some((start) => key.startsWith(start)))
      if (shared.length > 0) await sql.all(lock, shared)
      const rows = new Map((await sql.all(find, texts)).map((row) => [row.key, row]))
      return new Map(
        keys.flatMap((key) => {
          const row = rows.get(keyText(key))
          return row === undefined ? [] : [[key, { sinceMs: row.since_at, atMs: row.at, count: row.count }] as const]
        }),
      )
    },
    async putPaces(given) {
      if (given.length === 0) return
      const paces = lastOf(given, ({ key }) => keyText(key)).toSorted((a, b) => (keyText(a.key) < keyText(b.key) ? -1 : 1))
      await sql.run(put, paces.map(({ key }) => keyText(key)), paces.map(({ sinceMs }) => whole(sinceMs)), paces.map(({ atMs }) => whole(atMs)), paces.map(({ count }) => whole(count)))
    },
    async removePaces(keys) {
      if (keys.length > 0) await sql.run(remove, keys.map(keyText).toSorted())
    },
  }
}
