import type { Alert } from '../../model/alert.ts'
import type { NewAlert } from '../../model/store.ts'
import { json, parsed } from './json.ts'
import type { Json } from './json.ts'
import type { ColumnsOf } from './source.ts'
import type { AlertFacts, AlertRow } from './tables.ts'
import type { TellUnreadable } from './unreadable.ts'

/** Columns of an alert without its own number and project, so that they stand beside a delivery's. */
export const alertColumns = [
  'rule', 'key', 'kind', 'severity', 'state', 'ends', 'quiet_ms', 'message', 'session', 'opened_at', 'updated_at', 'resolved_at', 'count', 'parent', 'pattern', 'taken_by', 'taken_at', 'cycles', 'facts',
] as const

export type AlertFields = Pick<AlertRow, (typeof alertColumns)[number]>

/** An alert as a list: see `dueRowOf`. */
export const alertListColumns = ['id', 'project', ...alertColumns] as const

export function alertFieldsOf(list: ColumnsOf<AlertRow, typeof alertListColumns>): AlertFields & Pick<AlertRow, 'id' | 'project'> {
  const [
    id, project, rule, key, kind, severity, state, ends, quiet_ms, message, session, opened_at, updated_at, resolved_at, count, parent, pattern, taken_by, taken_at, cycles, facts,
  ] = list
  return {
    id, project, rule, key, kind, severity, state, ends, quiet_ms, message, session, opened_at, updated_at, resolved_at, count, parent, pattern, taken_by, taken_at, cycles, facts,
  }
}

/** Fields of an alert that have no column. */
export function factsIn(row: Pick<AlertRow, 'facts' | 'opened_at'>, id: number, tell: TellUnreadable): AlertFacts {
  return parsed(row.facts, { params: {}, evidence: { atMs: row.opened_at } }, tell, `alert ${id}`)
}

/** The same as they are written. */
export function factsOf({ params, evidence, agent, environment, tags, announcement, report, aboutChannel, cause }: NewAlert): Json<AlertFacts> {
  return json({ params, evidence, agent, environment, tags, announcement, report, aboutChannel, of: cause })
}

/** What is damaged of an alert's facts is missing in what is told of it; that it fires is told all the same. */
export function alertOf(row: AlertFields, id: number, project: string, tell: TellUnreadable): Alert {
  const { session, resolved_at: resolvedAtMs, parent, pattern, taken_by: takenBy, taken_at: takenAtMs, cycles } = row
  const { of: cause, ...facts } = factsIn(row, id, tell)
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
    ...facts,
    ...(cause !== undefined && { cause }),
    ...(parent !== null && { parent }),
    ...(pattern !== null && { pattern }),
    ...(takenBy !== null && { taken: { by: takenBy, atMs: takenAtMs ?? row.updated_at } }),
    ...(cycles > 0 && { cycles }),
    ...(session !== null && { sessionId: session }),
    ...(resolvedAtMs !== null && { resolvedAtMs }),
  }
}
