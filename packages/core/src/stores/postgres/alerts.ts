import type { Alert } from '../../model/alert.ts'
import { outageKeyOf } from '../../model/cause.ts'
import type { AlertUpdate, Transaction } from '../../model/store.ts'
import { alertFieldsOf, alertListColumns, alertOf, factsIn, factsOf } from '../rows/alert.ts'
import { json } from '../rows/json.ts'
import { tables } from '../rows/tables.ts'
import type { AlertRow } from '../rows/tables.ts'
import { readOrTell } from '../rows/unreadable.ts'
import { whole, wholeOrNull } from '../rows/whole.ts'
import type { Context, ReadContext } from './context.ts'
import { keyText } from './key.ts'
import { byPlace, change, changing, columnText, insertLists, lookup, query, select, selectLists } from './statement.ts'
import type { Placed } from './statement.ts'

const key = { project: 'integer', rule: 'text', key: 'text' } as const
const findOpen = lookup(tables.alerts, '*', key, "where held.state <> 'resolved'")
const findResolved = query<AlertRow & Placed>(
  `select asked.place, ${columnText(tables.alerts, '*', 'held')} from unnest($1::integer[], $2::text[], $3::text[]) with ordinality as asked(project, rule, key, place)
   cross join lateral (
     select * from @alerts as alert
     where alert.project = asked.project and alert.rule = asked.rule and alert.key = asked.key and state = 'resolved' and ends <> 'at-once' and resolved_at >= $4
     order by resolved_at desc limit 1) as held`,
)
const insert = changing(
  insertLists(tables.alerts, {
    project: 'integer', rule: 'text', key: 'text', kind: 'text', severity: 'text', state: 'text', ends: 'text', quiet_ms: 'bigint', message: 'text', session: 'text',
    opened_at: 'bigint', updated_at: 'bigint', resolved_at: 'bigint', count: 'bigint', cause: 'text', pattern: 'text', facts: 'text',
  }),
  tables.alerts,
  ['id'],
)
const findFacts = select(tables.alerts, ['id', 'facts', 'opened_at'], 'where id = any($1::bigint[])')
const update = change(
  `update @alerts as alert set
     count = alert.count + given.count, updated_at = greatest(alert.updated_at, given.updated_at), severity = coalesce(given.severity, alert.severity),
     facts = coalesce(given.facts, alert.facts), state = coalesce(given.state, alert.state),
     resolved_at = case when given.state is null then alert.resolved_at else given.resolved_at end,
     taken_by = case when given.takes then given.taken_by else alert.taken_by end, taken_at = case when given.takes then given.taken_at else alert.taken_at end,
     cycles = coalesce(given.cycles, alert.cycles), parent = case when given.parent is null then alert.parent else nullif(given.parent, 0) end
   from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::boolean[], $9::text[], $10::bigint[], $11::bigint[], $12::bigint[])
     as given(id, count, updated_at, severity, facts, state, resolved_at, takes, taken_by, taken_at, cycles, parent)
   where alert.id = given.id`,
)
const findById = selectLists(tables.alerts, alertListColumns, 'where id = any($1::bigint[])')

export function alertWriter(context: Context): Pick<Transaction, 'findAlerts' | 'insertAlerts' | 'updateAlerts' | 'alert' | 'alerts'> {
  const { sql, projects, tell } = context

  const withFacts = async (updates: readonly AlertUpdate[]): Promise<ReadonlyMap<number, Pick<AlertRow, 'facts' | 'opened_at'>>> => {
    const ids = updates.flatMap(({ id, params, evidence }) => (params === undefined && evidence === undefined ? [] : [id]))
    return new Map(ids.length === 0 ? [] : (await sql.all(findFacts, ids)).map((row) => [row.id, row]))
  }

  return {
    async findAlerts(keys, resolvedSinceMs) {
      if (keys.length === 0) return []
      const numberOf = await projects.numbers(keys.map(({ project }) => project))
      const lists = (of: readonly (typeof keys)[number][]) => [of.map(({ project }) => numberOf(project)), of.map(({ rule }) => keyText(rule)), of.map((one) => keyText(one.key))] as const
      const open = byPlace(await sql.all(findOpen, ...lists(keys)), keys.length)
      const others = keys.flatMap((one, index) => (open[index] === undefined ? [one] : []))
      const resolved = others.length === 0 ? [] : byPlace(await sql.all(findResolved, ...lists(others), whole(resolvedSinceMs)), others.length)
      let next = 0
      return keys.map(({ project }, index) => {
        const row = open[index] ?? resolved[next++]
        return row && alertOf(row, row.id, project, tell)
      })
    },
    async insertAlerts(alerts) {
      if (alerts.length === 0) return []
      const numberOf = await projects.numbers(alerts.map(({ project }) => project))
      const isOver = alerts.map(({ ends }) => ends === 'at-once')
      const openedMs = alerts.map(({ openedAtMs }) => whole(openedAtMs))
      const rows = await sql.all(
        insert,
        alerts.map(({ project }) => numberOf(project)), alerts.map(({ rule }) => keyText(rule)), alerts.map((alert) => keyText(alert.key)), alerts.map(({ kind }) => kind),
        alerts.map(({ severity }) => severity), isOver.map((over) => (over ? 'resolved' : 'firing')), alerts.map(({ ends }) => ends), alerts.map(({ quietMs }) => whole(quietMs)),
        alerts.map(({ message }) => message), alerts.map(({ sessionId }) => sessionId ?? null), openedMs, openedMs, openedMs.map((atMs, index) => (isOver[index] === true ? atMs : null)),
        alerts.map(({ count }) => whole(count)), alerts.map(({ cause }) => (cause === undefined ? null : causeText(outageKeyOf(cause)))), alerts.map(({ pattern }) => pattern ?? null), alerts.map(factsOf),
      )
      // Numbers are given in the order in which rows are made, which is that of the list.
      return rows.map(({ id }) => id).toSorted((a, b) => a - b)
    },
    async updateAlerts(updates) {
      if (updates.length === 0) return
      const changes = new Map<number, Change>()
      const facts = await withFacts(updates)
      for (const one of updates) changes.set(one.id, changed(changes.get(one.id), one, facts.get(one.id)))
      const list = [...changes.values()]
      await sql.run(
        update,
        list.map(({ id }) => id), list.map(({ count }) => count), list.map(({ updatedAtMs }) => updatedAtMs), list.map(({ severity }) => severity ?? null),
        list.map((one) => (one.facts === undefined ? null : json(one.facts))), list.map(({ state }) => state ?? null), list.map(({ resolvedAtMs }) => resolvedAtMs ?? null),
        list.map(({ taken }) => taken !== undefined), list.map(({ taken }) => taken?.by ?? null), list.map(({ taken }) => wholeOrNull(taken?.atMs)),
        list.map(({ cycles }) => cycles ?? null), list.map(({ parent }) => parent ?? null),
      )
    },
    alert: async (id) => (await alertsById(context, [id])).get(id),
    alerts: (ids) => alertsById(context, ids),
  }

  /** What several updates of one alert come to: a statement changes a row once. */
  function changed(before: Change | undefined, one: AlertUpdate, row: Pick<AlertRow, 'facts' | 'opened_at'> | undefined): Change {
    const { id, severity, params, evidence, state, taken, cycles, parent } = one
    const known = before?.facts ?? (row && factsIn(row, id, tell))
    const facts = known !== undefined && (params !== undefined || evidence !== undefined) ? { ...known, params: params ?? known.params, evidence: evidence ?? known.evidence } : before?.facts
    return {
      ...before,
      id,
      count: whole((before?.count ?? 0) + whole(one.addCount)),
      updatedAtMs: Math.max(before?.updatedAtMs ?? -Infinity, whole(one.updatedAtMs)),
      ...(severity !== undefined && { severity }),
      ...(facts !== undefined && { facts }),
      ...(state !== undefined && { state, resolvedAtMs: state === 'resolved' ? whole(one.resolvedAtMs ?? one.updatedAtMs) : null }),
      ...(taken !== undefined && { taken }),
      ...(cycles !== undefined && { cycles }),
      ...(parent !== undefined && { parent }),
    }
  }
}

interface Change extends Pick<AlertUpdate, 'id' | 'severity' | 'state' | 'taken' | 'cycles' | 'parent'> {
  readonly count: number
  readonly updatedAtMs: number
  readonly resolvedAtMs?: number | null
  readonly facts?: ReturnType<typeof factsIn>
}

/** Those of these that are on record, in one statement or none; one that cannot be read is told of. */
export async function alertsById({ sql, projects, tell }: ReadContext, ids: readonly number[]): Promise<ReadonlyMap<number, Alert>> {
  const alerts = new Map<number, Alert>()
  const rows = ids.length === 0 ? [] : (await sql.all(findById, ids)).map(alertFieldsOf)
  const nameOf = await projects.names(rows.map(({ project }) => project))
  for (const row of rows) {
    const alert = readOrTell(tell, `alert ${row.id}`, () => alertOf(row, row.id, nameOf(row.project), tell))
    if (alert !== undefined) alerts.set(row.id, alert)
  }
  return alerts
}

/** The key of a cause, as it stands in the index. */
function causeText(cause: string | undefined): string | null {
  return cause === undefined ? null : keyText(cause)
}
