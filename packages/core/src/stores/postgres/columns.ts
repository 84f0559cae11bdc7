import { tables } from '../rows/tables.ts'

type Row<Table extends keyof typeof tables> = NonNullable<(typeof tables)[Table]['row']>

/** Each of its columns once: the compiler misses one that is left out. */
function columns<Table extends keyof typeof tables>(table: Table, names: { readonly [Column in keyof Row<Table>]: 0 }): readonly [string, readonly string[]] {
  return [tables[table].from, Object.keys(names)]
}

/**
 * All columns of a table, by name. A star would be answered by those that it has at the moment, and a query that was prepared before a newer
 * node added one could not be run again.
 */
export const allColumns: ReadonlyMap<string, readonly string[]> = new Map([
  columns('events', {
    seq: 0, project: 0, at: 0, id: 0, type: 0, source: 0, status: 0, dur: 0, session: 0, agent: 0, user_id: 0, env: 0, provider: 0, model: 0,
    tokens_in: 0, tokens_out: 0, cost: 0, cost_source: 0, duplicate_of: 0, more: 0,
  }),
  columns('sessions', {
    project: 0, id: 0, state: 0, name: 0, agent: 0, user_id: 0, env: 0, first_at: 0, last_at: 0, started_at: 0, ended_at: 0, end_reason: 0,
    calls: 0, errors: 0, cost: 0, unpriced: 0, failure: 0, walk: 0,
  }),
  columns('alerts', {
    id: 0, project: 0, rule: 0, key: 0, kind: 0, severity: 0, state: 0, ends: 0, quiet_ms: 0, message: 0, session: 0, opened_at: 0, updated_at: 0, resolved_at: 0,
    count: 0, cause: 0, parent: 0, pattern: 0, taken_by: 0, taken_at: 0, cycles: 0, facts: 0,
  }),
  columns('destinations', { id: 0, channel: 0, person: 0, role: 0, address: 0, locale: 0, timezone: 0, route: 0, without: 0, fallback: 0, fallback_after_ms: 0 }),
  columns('deliveries', {
    id: 0, channel: 0, priority: 0, due_at: 0, fence: 0, attempts: 0, claimed_at: 0, doubt_at: 0, doubts: 0, cost: 0, result: 0, done_at: 0, alert: 0, fallback_asked: 0, items: 0,
    batch_key: 0, project: 0, destination: 0, news: 0, created_at: 0, expires_at: 0, turn: 0,
    last_n: 0, last_at: 0, last_ms: 0, last_outcome: 0, last_code: 0, last_detail: 0, last_provider_id: 0,
  }),
  columns('decisions', { alert: 0, person: 0, channel: 0, reason: 0, at: 0, count: 0, params: 0 }),
  columns('pauses', { project: 0, channel: 0, why: 0, cause: 0, since_at: 0, until_at: 0, length_ms: 0, failed_probes: 0, probe: 0 }),
  columns('channelHealth', { project: 0, channel: 0, since_at: 0, last_at: 0, failures: 0, first_delivery: 0, several: 0 }),
  columns('inbox', { seq: 0, id: 0, channel: 0, address: 0, subject: 0, body: 0, severity: 0, at: 0 }),
  columns('silences', { id: 0, project: 0, match: 0, from_at: 0, until_at: 0, author: 0, comment: 0 }),
  columns('hushes', { alert: 0, project: 0, by: 0, since_at: 0, until_at: 0 }),
  columns('actions', { id: 0, alert: 0, action: 0, by: 0, via: 0, at: 0, until_at: 0 }),
  columns('expected', { project: 0, rule: 0, key: 0, by: 0, since_at: 0, until_at: 0 }),
  columns('holds', { project: 0, by: 0, since_at: 0 }),
  columns('paces', { key: 0, since_at: 0, at: 0, count: 0 }),
])
