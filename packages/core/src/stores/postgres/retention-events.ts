import type { ForgetQuery, Forgotten } from '../../model/retention.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { dayMs, dayOf, dayOfPartition, partitionOf } from './partitions.ts'
import { change, query } from './statement.ts'
import type { Query, Session } from './statement.ts'

/** A day that is partly old is left until all of it is, where events are kept for so many days or more: to delete row by row costs most of what to write them did. */
const waitsFromDays = 7

const setLimit = change('update @projects set forgets_before = $1 where id = $2 and forgets_before <> $1')
const findDays = query<{ name: string }>("select class.relname as name from pg_inherits join pg_class as class on class.oid = inhrelid where inhparent = '@events'::regclass")
const remove = change('delete from @events where (project, at, id) in (select project, at, id from @events where project = $1 and at < $2 order by at limit $3)')
const raise = change('update @projects set events_since = greatest(events_since, $1) where id = $2')
const raiseAll = change('update @projects set events_since = greatest(events_since, $1) where id in (select id from @projects where events_since < $1 and forgets_before >= $1 order by id for update)')

/**
 * Events go by whole days where nobody keeps any of a day: each project has said by now until when it forgets. Where another project keeps
 * events of the same day longer, those of this one are deleted a few at a time.
 */
export async function forgetEvents({ sql, partitions, afterCommit }: Context, { contentBeforeMs, limit }: ForgetQuery, project: number): Promise<Forgotten> {
  const beforeMs = whole(contentBeforeMs)
  await sql.run(setLimit, beforeMs, project)
  const days = (await sql.all(findDays)).flatMap(({ name }) => dayOfPartition(name) ?? []).toSorted((a, b) => a - b)
  for (const day of days.filter((one) => (one + 1) * dayMs <= beforeMs && !partitions.isUsed(one))) {
    if (await isKept(sql, day, (day + 1) * dayMs)) continue
    const rows = await sql.get(estimated(day))
    // First of all nobody accepts them any more; when that is on record they go, in a moment in which this transaction holds up nobody.
    await sql.run(raiseAll, (day + 1) * dayMs)
    afterCommit(() => partitions.drop(day))
    return { rows: Math.min(limit, Math.max(1, rows?.n ?? 1)), goOn: '' }
  }
  const cut = dayOf(beforeMs)
  const isSoonOver = (days.at(-1) ?? cut) - cut >= waitsFromDays && days.includes(cut) && !(await isKept(sql, cut, cut * dayMs))
  const untilMs = isSoonOver ? cut * dayMs : beforeMs
  const rows = await sql.run(remove, project, untilMs, limit)
  if (rows > 0) await sql.run(raise, untilMs, project)
  return { rows, ...(rows >= limit && { goOn: '' }) }
}

/** Whether a project that may keep what was before `untilMs` has events of this day. */
async function isKept(sql: Session, day: number, untilMs: number): Promise<boolean> {
  const kept: Query<{ one: number }> = {
    text: `select 1 as one from @projects as project where forgets_before < ${untilMs} and exists (select 1 from @${partitionOf(day)} as event where event.project = project.id) limit 1`,
    once: true,
  }
  return (await sql.get(kept)) !== undefined
}

/** How many rows, as of the last time that the database counted. */
function estimated(day: number): Query<{ n: number }> {
  return { text: `select reltuples::bigint as n from pg_class where oid = to_regclass('@${partitionOf(day)}')`, once: true }
}
