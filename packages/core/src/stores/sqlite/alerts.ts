import { keptOf, type Alert } from '../../model/alert.ts'
import { outageKeyOf } from '../../model/cause.ts'
import type { Transaction } from '../../model/store.ts'
import type { AlertMemory } from './alert-memory.ts'
import { alertOf, factsIn, factsOf } from '../rows/alert.ts'
import { json } from '../rows/json.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { readOrTell } from '../rows/unreadable.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'

export function alertWriter(
  prepare: Prepare,
  projects: Projects,
  memory: AlertMemory,
  tell: TellUnreadable,
): Pick<Transaction, 'findAlerts' | 'insertAlerts' | 'updateAlerts' | 'alert' | 'alerts'> {
  const findOpen = prepare.select(tables.alerts, '*', "where project = ? and rule = ? and key = ? and state <> 'resolved'")
  const findResolved = prepare.select(
    tables.alerts,
    '*',
    `where project = ? and rule = ? and key = ? and state = 'resolved' and ends <> 'at-once' and resolved_at >= ?
     order by resolved_at desc limit 1`,
  )
  const insert = prepare.insert(tables.alerts, [
    'project', 'rule', 'key', 'kind', 'severity', 'state', 'ends', 'quiet_ms', 'message', 'session', 'opened_at', 'updated_at', 'resolved_at', 'count', 'cause', 'pattern', 'facts',
  ])
  const update = prepare.change('update alerts set count = count + ?, updated_at = max(updated_at, ?), severity = coalesce(?, severity) where id = ?')
  const findFacts = prepare.select(tables.alerts, ['facts', 'opened_at'], 'where id = ?')
  const putFacts = prepare.change('update alerts set facts = ? where id = ?')
  // The state stands in two partial indices: a statement that sets it rewrites them even where it stays the same.
  const setState = prepare.change('update alerts set state = ?, resolved_at = ? where id = ?')
  const setTaken = prepare.change('update alerts set taken_by = ?, taken_at = ? where id = ?')
  const setCycles = prepare.change('update alerts set cycles = ? where id = ?')
  const setParent = prepare.change('update alerts set parent = ? where id = ?')
  const find = alertQuery(prepare, projects, tell)

  return {
    async findAlerts(keys, resolvedSinceMs) {
      return keys.map(({ project, rule, key }) => {
        const number = projects.known(project)
        if (number === undefined) return undefined
        const row = findOpen.get(number, rule, key) ?? findResolved.get(number, rule, key, whole(resolvedSinceMs))
        return row === undefined ? undefined : alertOf(row, row.id, project, tell)
      })
    },
    async insertAlerts(alerts) {
      return alerts.map((alert) => {
        const resolved = alert.ends === 'at-once'
        const state = resolved ? 'resolved' : 'firing'
        const openedAtMs = whole(alert.openedAtMs)
        const quietMs = whole(alert.quietMs)
        const count = whole(alert.count)
        const { id } = insert.run(
          projects.number(alert.project), alert.rule, alert.key, alert.kind, alert.severity, state, alert.ends, quietMs,
          alert.message, alert.sessionId ?? null, openedAtMs, openedAtMs, resolved ? openedAtMs : null, count,
          alert.cause === undefined ? null : (outageKeyOf(alert.cause) ?? null), alert.pattern ?? null, factsOf(alert),
        )
        memory.remember({ ...keptOf(alert), id, state, quietMs, count, openedAtMs, updatedAtMs: openedAtMs, ...(resolved && { resolvedAtMs: openedAtMs }) })
        return id
      })
    },
    async updateAlerts(updates) {
      for (const { id, addCount, updatedAtMs, severity, params, evidence, state, resolvedAtMs, taken, cycles, parent } of updates) {
        memory.forget(id)
        update.run(whole(addCount), whole(updatedAtMs), severity ?? null, id)
        const row = params === undefined && evidence === undefined ? undefined : findFacts.get(id)
        if (row !== undefined) {
          const facts = factsIn(row, id, tell)
          putFacts.run(json({ ...facts, params: params ?? facts.params, evidence: evidence ?? facts.evidence }), id)
        }
        if (state !== undefined) setState.run(state, state === 'resolved' ? whole(resolvedAtMs ?? updatedAtMs) : null, id)
        if (taken !== undefined) setTaken.run(taken?.by ?? null, taken === null ? null : whole(taken.atMs), id)
        if (cycles !== undefined) setCycles.run(cycles, id)
        if (parent !== undefined) setParent.run(parent === 0 ? null : parent, id)
      }
    },
    alert: async (id) => find(id),
    async alerts(ids) {
      const found = new Map<number, Alert>()
      for (const id of ids) {
        const alert = find(id)
        if (alert !== undefined) found.set(id, alert)
      }
      return found
    },
  }
}

export function alertQuery(prepare: Prepare, projects: Projects, tell: TellUnreadable): (id: number) => Alert | undefined {
  const find = prepare.select(tables.alerts, '*', 'where id = ?')
  return (id) => {
    const row = find.get(id)
    if (row === undefined) return undefined
    return readOrTell(tell, `alert ${id}`, () => alertOf(row, row.id, projects.name(row.project), tell))
  }
}
