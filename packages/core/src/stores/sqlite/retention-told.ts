import { contentParams } from '../../model/roles.ts'
import type { ForgetQuery, Forgotten } from '../../model/retention.ts'
import { threadStart } from '../../model/thread.ts'
import type { Source } from '../rows/source.ts'
import { upTo } from '../rows/up-to.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** Rows that are looked at in one transaction, as a multiple of those that may be changed in it. */
const looksMax = 20

/** How far one look goes: numbers after `from`, up to `to`. */
interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * Deliveries that are done go with their attempts and the list of what they carried. What waits or is under way stays, and so does who was
 * told of an alert that is not over: its end is told to them.
 */
export function forgetDeliveries(prepare: Prepare): (query: ForgetQuery, project: number) => Forgotten {
  const look = lookThrough(prepare, { from: 'deliveries', qualified: { at: 'created_at' } })
  const openAlert = "select 1 from alerts where alerts.state <> 'resolved' and alerts.id"
  const findOld = prepare.select(
    weighed('deliveries', 'items + attempts + 1'),
    ['id', 'rows'],
    `where id > ? and id <= ? and project = ? and done_at < ?
     and not exists (${openAlert} = deliveries.alert)
     and not exists (${openAlert} in (select alert from batch_items where delivery = deliveries.id)) order by id`,
  )
  const removals = ['attempts where delivery', 'batch_items where delivery', 'deliveries where id'].map((rows) => prepare.change(`delete from ${rows} in (select value from json_each(?))`))

  return ({ after, bodiesBeforeMs, limit }, project) =>
    look(after, limit, bodiesBeforeMs, ({ from, to }) => {
      const old = upTo(findOld.all(from, to, project, whole(bodiesBeforeMs)), limit)
      if (old.ids.length > 0) for (const removal of removals) removal.run(JSON.stringify(old.ids))
      return old
    })
}

/**
 * Alerts that are over lose what an agent said in them, and their evidence, with the content; then all they say; and go with their decisions at last.
 * One that a delivery names stays; while one waits that may be sent, so does what it says.
 */
export function forgetAlerts(prepare: Prepare): (query: ForgetQuery, project: number) => Forgotten {
  const look = lookThrough(prepare, { from: 'alerts', qualified: { at: 'opened_at' } })
  const over = "id > ? and id <= ? and project = ? and state = 'resolved' and updated_at < ? and resolved_at < ?"
  const findOld = prepare.select(
    weighed('alerts', '1 + (select count(*) from decisions where decisions.alert = alerts.id)'),
    ['id', 'rows'],
    `where ${over} and not exists (select 1 from deliveries where deliveries.alert = alerts.id) and not exists (select 1 from batch_items where batch_items.alert = alerts.id)
     and not exists (select 1 from decisions where decisions.alert = alerts.id and at >= ?) order by id`,
  )
  const removals = ['decisions where alert', 'alerts where id'].map((rows) => prepare.change(`delete from ${rows} in (select value from json_each(?))`))
  const removeThreads = prepare.change('delete from threads where thread between ? and ?')
  const told = `not exists (select 1 from deliveries where deliveries.alert = alerts.id and done_at is null)
    and not exists (select 1 from batch_items join deliveries on deliveries.id = batch_items.delivery where batch_items.alert = alerts.id and done_at is null)`
  const empty = "json_set(json_remove(facts, '$.announcement', '$.report', '$.tags'), '$.params', json('{}'), '$.evidence', json('{}'))"
  const withoutContent = `json_set(json_remove(facts, ${contentParams.map((name) => `'$.params.${name}'`).join(', ')}), '$.evidence', json('{}'))`
  const cut = (facts: string) => prepare.change(`update alerts set facts = ${facts} where ${over} and json_valid(facts) and facts <> ${facts} and ${told}`)
  const cutAll = cut(empty)
  const cutContent = cut(withoutContent)

  return ({ project: name, after, contentBeforeMs, bodiesBeforeMs, decisionsBeforeMs, limit }, project) =>
    look(after, limit, Math.max(contentBeforeMs, bodiesBeforeMs, decisionsBeforeMs), ({ from, to }) => {
      const beforeMs = whole(decisionsBeforeMs)
      const old = upTo(findOld.all(from, to, project, beforeMs, beforeMs, beforeMs), limit)
      if (old.ids.length > 0) for (const removal of removals) removal.run(JSON.stringify(old.ids))
      for (const id of old.ids) removeThreads.run(threadStart(name, id), `${threadStart(name, id)}~`)
      // What is left of the stretch is cut when it is looked at again.
      if (old.more !== undefined) return old
      const all = cutAll.run(from, to, project, whole(bodiesBeforeMs), whole(bodiesBeforeMs)).changes
      const content = cutContent.run(from, to, project, whole(contentBeforeMs), whole(contentBeforeMs)).changes
      return { rows: old.rows + all + content }
    })
}

/** Rows of a table, and how many rows go with each. */
function weighed(table: string, rows: string): Source<{ id: number; rows: number }> {
  return { from: table, qualified: { rows } }
}

/**
 * Looks at rows in the order of their numbers, which is nearly that of their times, until one is not old enough. It stops
 * after the first stretch in which something was changed.
 */
function lookThrough(
  prepare: Prepare,
  table: Source<{ id: number; at: number }>,
): (after: string, limit: number, beforeMs: number, change: (stretch: Stretch) => { readonly rows: number; readonly more?: number }) => Forgotten {
  const next = prepare.select(table, ['id', 'at'], 'where id > ? order by id limit 1 offset ?')
  return (after, limit, beforeMs, change) => {
    let from = Number.isSafeInteger(Number(after)) ? Number(after) : 0
    for (let looks = 1; looks <= looksMax; looks += 1) {
      const row = next.get(from, limit - 1)
      const last = row === undefined || row.at >= beforeMs
      const to = row?.id ?? Number.MAX_SAFE_INTEGER
      const { rows, more } = change({ from, to })
      if (more !== undefined) return { rows, goOn: String(more) }
      if (last) return { rows }
      if (rows > 0 || looks === looksMax) return { rows, goOn: String(to) }
      from = to
    }
    return { rows: 0 }
  }
}
