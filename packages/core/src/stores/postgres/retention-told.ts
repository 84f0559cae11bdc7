import type { ForgetQuery, Forgotten } from '../../model/retention.ts'
import { contentParams } from '../../model/roles.ts'
import { threadStart } from '../../model/thread.ts'
import { whole } from '../rows/whole.ts'
import { upTo } from '../rows/up-to.ts'
import { keyText } from './key.ts'
import { change, query } from './statement.ts'
import type { Query, Session } from './statement.ts'

/** Rows that are looked at in one transaction, as a multiple of those that may be changed in it. */
const looksMax = 20

type Weighed = { readonly id: number; readonly rows: number }

const nextDelivery = nextOf('deliveries', 'created_at')
const nextAlert = nextOf('alerts', 'opened_at')

const openAlert = "select 1 from @alerts as alert where alert.state <> 'resolved' and alert.id"
const findOldDeliveries = query<Weighed>(
  `select id, items + attempts + 1 as rows from @deliveries as delivery
   where id > $1 and id <= $2 and project = $3 and done_at < $4
     and not exists (${openAlert} = delivery.alert)
     and not exists (${openAlert} in (select item.alert from @batch_items as item where item.delivery = delivery.id)) order by id`,
)
const removeDeliveries = ['@attempts where delivery', '@batch_items where delivery', '@deliveries where id'].map(removal)

const over = "id > $1 and id <= $2 and project = $3 and state = 'resolved' and updated_at < $4 and resolved_at < $4"
const findOldAlerts = query<Weighed>(
  `select id, 1 + (select count(*) from @decisions as decision where decision.alert = alert.id) as rows from @alerts as alert
   where ${over} and not exists (select 1 from @deliveries as delivery where delivery.alert = alert.id) and not exists (select 1 from @batch_items as item where item.alert = alert.id)
     and not exists (select 1 from @decisions as decision where decision.alert = alert.id and at >= $4) order by id`,
)
const removeAlerts = ['@decisions where alert', '@alerts where id'].map(removal)
const removeThreads = change("delete from @threads where exists (select 1 from unnest($1::text[]) as gone(start) where thread >= start and thread <= start || '~')")
const cutAll = cut("(facts::jsonb - 'announcement' - 'report' - 'tags') || '{\"params\": {}, \"evidence\": {}}'")
const cutContent = cut(`(facts::jsonb ${contentParams.map((name) => `#- '{params,${name}}'`).join(' ')}) || '{"evidence": {}}'`)

/**
 * Deliveries that are done go with their attempts and the list of what they carried. What waits or is under way stays, and so does who was
 * told of an alert that is not over: its end is told to them.
 */
export function forgetDeliveries(sql: Session, { after, bodiesBeforeMs, limit }: ForgetQuery, project: number): Promise<Forgotten> {
  return lookThrough(sql, nextDelivery, { after, limit, beforeMs: bodiesBeforeMs }, async (from, to) => {
    const old = upTo(await sql.all(findOldDeliveries, from, to, project, whole(bodiesBeforeMs)), limit)
    if (old.ids.length > 0) for (const remove of removeDeliveries) await sql.run(remove, old.ids)
    return old
  })
}

/**
 * Alerts that are over lose what an agent said in them, and their evidence, with the content; then all they say; and go with their decisions at last.
 * One that a delivery names stays; while one waits that may be sent, so does what it says.
 */
export function forgetAlerts(sql: Session, ask: ForgetQuery, project: number): Promise<Forgotten> {
  const { project: name, after, contentBeforeMs, bodiesBeforeMs, decisionsBeforeMs, limit } = ask
  return lookThrough(sql, nextAlert, { after, limit, beforeMs: Math.max(contentBeforeMs, bodiesBeforeMs, decisionsBeforeMs) }, async (from, to) => {
    const old = upTo(await sql.all(findOldAlerts, from, to, project, whole(decisionsBeforeMs)), limit)
    if (old.ids.length > 0) for (const remove of removeAlerts) await sql.run(remove, old.ids)
    if (old.ids.length > 0) await sql.run(removeThreads, old.ids.map((id) => keyText(threadStart(name, id))))
    // What is left of the stretch is cut when it is looked at again.
    if (old.more !== undefined) return old
    const all = await sql.run(cutAll, from, to, project, whole(bodiesBeforeMs))
    const content = await sql.run(cutContent, from, to, project, whole(contentBeforeMs))
    return { rows: old.rows + all + content }
  })
}

function removal(rows: string): Query<never> {
  return change(`delete from ${rows} = any($1::bigint[])`)
}

function nextOf(table: string, at: string): Query<{ id: number; at: number }> {
  return query(`select id, ${at} as at from @${table} where id > $1 order by id limit 1 offset $2`)
}

/** Facts that are no JSON stay: nothing can be cut out of them. */
function cut(facts: string): Query<never> {
  return change(
    `update @alerts as alert set facts = (${facts})::text
     where ${over} and case when @is_json(facts) then case jsonb_typeof(facts::jsonb) when 'object' then facts::jsonb <> ${facts} else false end else false end
       and not exists (select 1 from @deliveries as delivery where delivery.alert = alert.id and done_at is null)
       and not exists (select 1 from @batch_items as item join @deliveries as delivery on delivery.id = item.delivery where item.alert = alert.id and done_at is null)`,
  )
}

/**
 * Looks at rows in the order of their numbers, which is nearly that of their times, until one is not old enough. It stops
 * after the first stretch in which something was changed.
 */
async function lookThrough(
  sql: Session,
  next: Query<{ id: number; at: number }>,
  { after, limit, beforeMs }: { readonly after: string; readonly limit: number; readonly beforeMs: number },
  changeIn: (from: number, to: number) => Promise<{ readonly rows: number; readonly more?: number }>,
): Promise<Forgotten> {
  let from = Number.isSafeInteger(Number(after)) ? Number(after) : 0
  for (let looks = 1; looks <= looksMax; looks += 1) {
    const row = await sql.get(next, from, limit - 1)
    const isLast = row === undefined || row.at >= beforeMs
    const to = row?.id ?? Number.MAX_SAFE_INTEGER
    const { rows, more } = await changeIn(from, to)
    if (more !== undefined) return { rows, goOn: String(more) }
    if (isLast) return { rows }
    if (rows > 0 || looks === looksMax) return { rows, goOn: String(to) }
    from = to
  }
  return { rows: 0 }
}
