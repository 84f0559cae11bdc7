import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { Alert } from '../../model/alert.ts'
import type { Transaction } from '../../model/store.ts'
import { json, parsed } from './json.ts'
import type { Json } from './json.ts'
import type { Projects } from './projects.ts'
import type { AlertFacts, Schema } from './schema.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** Columns of an alert without its own number and project, so that they stand beside a delivery's. */
export const alertColumns = [
  'alerts.rule', 'alerts.key', 'alerts.kind', 'alerts.severity', 'alerts.state', 'alerts.ends', 'alerts.quiet_ms', 'alerts.message',
  'alerts.session', 'alerts.opened_at', 'alerts.updated_at', 'alerts.resolved_at', 'alerts.count', 'alerts.facts',
] as const

export type AlertRow = Omit<Selectable<Schema['alerts']>, 'id' | 'project'>

export function alertWriter(prepare: Prepare, projects: Projects): Pick<Transaction, 'findAlerts' | 'insertAlerts' | 'updateAlerts' | 'alert'> {
  const byKey = query
    .selectFrom('alerts')
    .selectAll()
    .where('project', '=', given<number>())
    .where('rule', '=', given<string>())
    .where('key', '=', given<string>())
  const findOpen = prepare(byKey.where('state', '<>', sql.lit('resolved')))
  const findResolved = prepare(
    byKey
      .where('state', '=', sql.lit('resolved'))
      .where('ends', '<>', sql.lit('at-once'))
      .where('resolved_at', '>=', given<number>())
      .orderBy('resolved_at', 'desc')
      .limit(sql.lit(1)),
  )
  const insert = prepare(
    query.insertInto('alerts').values({
      project: given(), rule: given(), key: given(), kind: given(), severity: given(), state: given(), ends: given(), quiet_ms: given(),
      message: given(), session: given(), opened_at: given(), updated_at: given(), resolved_at: given(), count: given(),
      facts: given(),
    }),
  )
  const update = prepare(
    query
      .updateTable('alerts')
      .set({
        count: sql<number>`count + ${given<number>()}`,
        updated_at: sql<number>`max(updated_at, ${given<number>()})`,
        severity: sql`coalesce(${given()}, severity)`,
      })
      .where('id', '=', given<number>()),
  )
  const findFacts = prepare(query.selectFrom('alerts').select('facts').where('id', '=', given<number>()))
  const putFacts = prepare(query.updateTable('alerts').set({ facts: given() }).where('id', '=', given<number>()))
  // The state stands in two partial indices: a statement that sets it rewrites them even where it stays the same.
  const setState = prepare(query.updateTable('alerts').set({ state: given(), resolved_at: given() }).where('id', '=', given<number>()))
  const find = alertQuery(prepare, projects)

  return {
    async findAlerts(keys, resolvedSinceMs) {
      return keys.map(({ project, rule, key }) => {
        const number = projects.known(project)
        if (number === undefined) return undefined
        const row = findOpen.get(number, rule, key) ?? findResolved.get(number, rule, key, whole(resolvedSinceMs))
        return row === undefined ? undefined : alertOf(row, row.id, project)
      })
    },
    async insertAlerts(alerts) {
      return alerts.map((alert) => {
        const resolved = alert.ends === 'at-once'
        return insert.run(
          projects.number(alert.project), alert.rule, alert.key, alert.kind, alert.severity, resolved ? 'resolved' : 'firing', alert.ends, whole(alert.quietMs),
          alert.message, alert.sessionId ?? null, whole(alert.openedAtMs), whole(alert.openedAtMs), resolved ? whole(alert.openedAtMs) : null, whole(alert.count),
          factsOf(alert),
        ).id
      })
    },
    async updateAlerts(updates) {
      for (const { id, addCount, updatedAtMs, severity, params, evidence, state, resolvedAtMs } of updates) {
        update.run(whole(addCount), whole(updatedAtMs), severity ?? null, id)
        const row = params === undefined && evidence === undefined ? undefined : findFacts.get(id)
        if (row !== undefined) {
          const facts = parsed(row.facts)
          putFacts.run(json({ ...facts, params: params ?? facts.params, evidence: evidence ?? facts.evidence }), id)
        }
        if (state !== undefined) setState.run(state, state === 'resolved' ? whole(resolvedAtMs ?? updatedAtMs) : null, id)
      }
    },
    alert: async (id) => find(id),
  }
}

export function alertQuery(prepare: Prepare, projects: Projects): (id: number) => Alert | undefined {
  const find = prepare(query.selectFrom('alerts').selectAll().where('id', '=', given<number>()))
  return (id) => {
    const row = find.get(id)
    return row === undefined ? undefined : alertOf(row, row.id, projects.name(row.project))
  }
}

function factsOf({ params, evidence, agent, environment, tags, announcement, aboutChannel }: AlertFacts): Json<AlertFacts> {
  return json({ params, evidence, agent, environment, tags, announcement, aboutChannel })
}

export function alertOf(row: AlertRow, id: number, project: string): Alert {
  const { session, resolved_at: resolvedAtMs } = row
  return {
    id,
    project,
    rule: row.rule,
    key: row.key,
    kind: row.kind,
    severity: row.severity,
    state: row.state,
    ends: row.ends,
    quietMs: row.quiet_ms,
    message: row.message,
    count: row.count,
    openedAtMs: row.opened_at,
    updatedAtMs: row.updated_at,
    ...parsed(row.facts),
    ...(session !== null && { sessionId: session }),
    ...(resolvedAtMs !== null && { resolvedAtMs }),
  }
}
