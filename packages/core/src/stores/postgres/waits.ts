import { addressRateStart, channelRateStart } from '../../model/rate-key.ts'
import type { Timer, Transaction } from '../../model/store.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { change, query, select } from './statement.ts'

const findRates = select(tables.rates, ['key', 'tat'], 'where key = any($1::text[])')
// In order, so that two transactions that ask for several wait for each other in turn. The name of the table is in it: an installation locks its own.
const lockRates = query<never>("select pg_advisory_xact_lock(hashtextextended('@rates ' || key, 0)) from (select key from unnest($1::text[]) as given(key) order by key) as ordered")
const putRates = change('insert into @rates(key, tat) select key, tat from unnest($1::text[], $2::double precision[]) as given(key, tat) order by key on conflict(key) do update set tat = excluded.tat')
const given = 'unnest($1::integer[], $2::text[], $3::text[], $4::bigint[]) as given(project, kind, key, due_at)'
const put = `insert into @timers(project, kind, key, due_at) select * from ${given} order by project, kind, key on conflict(project, kind, key)`
const putTimers = change(`${put} do update set due_at = excluded.due_at`)
const putMissing = change(`${put} do nothing`)
const putFirst = change('insert into @timers(project, kind, key, due_at) select $1, $2, $3, $4 where not exists (select 1 from @timers where project = $1 and kind = $2) on conflict do nothing')
const findTimers = select(tables.timers, ['kind', 'key', 'due_at'], 'where project = $1 and due_at <= $2 order by due_at, kind, key limit $3')
const take = query<{ readonly project: number; readonly kind: string; readonly key: string }>(
  `delete from @timers as timers using ${given} where timers.project = given.project and timers.kind = given.kind and timers.key = given.key and timers.due_at = given.due_at
   returning timers.project, timers.kind, timers.key`,
)
const remove = change('delete from @timers where (project, kind, key) in (select * from unnest($1::integer[], $2::text[], $3::text[]))')

/** What makes work wait: rates, and timers, which are rows so that nothing waits in memory. */
export function waitKeeper({ sql, projects, wake }: Context): Pick<Transaction, 'rates' | 'putRates' | 'putTimers' | 'putFirstTimer' | 'putMissingTimers' | 'takeTimers' | 'dueTimers' | 'removeTimers'> {
  /** Each once, as the last of them says; the lists of their columns. */
  const listsOf = async (timers: readonly Timer[]): Promise<readonly [projects: number[], kinds: string[], keys: string[], dueMs: number[]]> => {
    const numberOf = await projects.numbers(timers.map(({ project }) => project))
    const rows = [...new Map(timers.map((timer) => [placeOf(numberOf(timer.project), timer), timer])).values()]
    return [rows.map(({ project }) => numberOf(project)), rows.map(({ kind }) => kind), rows.map(({ key }) => keyText(key)), rows.map(({ dueMs }) => whole(dueMs))]
  }

  return {
    async rates(keys) {
      if (keys.length === 0) return new Map()
      const byText = new Map(keys.map((key) => [keyText(key), key]))
      // Another project may draw on it at the same time, whether there is a row of it yet or not.
      const shared = [...byText.keys()].filter((key) => !key.startsWith(channelRateStart) && !key.startsWith(addressRateStart))
      if (shared.length > 0) await sql.all(lockRates, shared)
      return new Map((await sql.all(findRates, [...byText.keys()])).map(({ key, tat }) => [byText.get(key) ?? key, tat]))
    },
    async putRates(rates) {
      if (rates.size > 0) await sql.run(putRates, [...rates.keys()].map(keyText), [...rates.values()].map(whole))
    },
    async putTimers(timers) {
      if (timers.length === 0) return
      await sql.run(putTimers, ...(await listsOf(timers)))
      for (const { project } of timers) wake(project)
    },
    async putFirstTimer({ project, kind, key, dueMs }) {
      await sql.run(putFirst, await projects.number(project), kind, keyText(key), whole(dueMs))
      wake(project)
    },
    async putMissingTimers(timers) {
      if (timers.length === 0) return
      await sql.run(putMissing, ...(await listsOf(timers)))
      for (const { project } of timers) wake(project)
    },
    async takeTimers(timers) {
      if (timers.length === 0) return []
      const numberOf = await projects.numbers(timers.map(({ project }) => project))
      const rows = await sql.all(take, timers.map(({ project }) => numberOf(project)), timers.map(({ kind }) => kind), timers.map(({ key }) => keyText(key)), timers.map(({ dueMs }) => whole(dueMs)))
      const taken = new Set(rows.map((row) => placeOf(row.project, row)))
      // Whoever asks for the same again comes too late.
      return timers.map((timer) => taken.delete(placeOf(numberOf(timer.project), timer)))
    },
    async dueTimers(project, nowMs, limit) {
      const number = await projects.known(project)
      const rows = number === undefined ? [] : await sql.all(findTimers, number, whole(nowMs), limit)
      return rows.map(({ kind, key, due_at }) => ({ project, kind, key, dueMs: due_at }))
    },
    async removeTimers(timers) {
      if (timers.length === 0) return
      const numberOf = await projects.numbers(timers.map(({ project }) => project))
      await sql.run(remove, timers.map(({ project }) => numberOf(project)), timers.map(({ kind }) => kind), timers.map(({ key }) => keyText(key)))
    },
  }
}

function placeOf(project: number, { kind, key }: Pick<Timer, 'kind' | 'key'>): string {
  return JSON.stringify([project, kind, keyText(key)])
}
