import { escalationPaceStart, repeatPaceStart } from '../../model/attention.ts'
import { groupPaceStart } from '../../model/batch-key.ts'
import type { ForgetQuery, Forgotten } from '../../model/retention.ts'
import type { Transaction } from '../../model/store.ts'
import { periodMaxMs } from '../rows/period-max.ts'
import { forgetAlerts, forgetDeliveries } from './retention-told.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { walk } from './walk.ts'
import { whole } from '../rows/whole.ts'

/** What is held in memory of the tables that rows are deleted from. */
export interface Forgettable {
  forgetAll(): void
}

/** Deletes what is old, in steps: no table is read whole in one transaction. */
export function forgetter(prepare: Prepare, projects: Projects, memory: Forgettable): Pick<Transaction, 'forget' | 'eventsSince'> {
  const events = prepare.change('delete from events where seq in (select seq from events where project = ? and at < ? order by at limit ?)')
  const raise = prepare.change('update projects set events_since = max(events_since, ?) where id = ?')
  const since = prepare.select(tables.projects, ['events_since'], 'where id = ?')
  // In the order of arrival, so that what is behind the first newer one is not looked at.
  const inbox = prepare.change('delete from inbox where seq in (select seq from inbox where at < ? and seq < coalesce((select seq from inbox where at >= ? order by seq limit 1), 1e18) order by seq limit ?)')
  const prints = walk(prepare, {
    table: 'calls',
    key: ['period', 'print', 'event_id'],
    change: ['delete from calls where end_at < ?'],
  })
  const sessions = walk(prepare, {
    table: 'sessions',
    key: ['id'],
    change: [
      "delete from sessions where state <> 'running' and last_at < ?",
      "update sessions set end_reason = null, failure = null, walk = null where state <> 'running' and last_at < ? and (end_reason is not null or failure is not null or walk is not null)",
    ],
  })
  const rules = walk(prepare, { table: 'rule_states', key: ['rule', 'key'], change: ['delete from rule_states where at < ?'] })
  const spend = walk(prepare, { table: 'spend', key: ['budget', 'scope', 'period', 'epoch'], change: ['delete from spend where period < ?'] })
  const crossings = walk(prepare, { table: 'crossings', key: ['budget', 'scope', 'period', 'epoch', 'threshold'], change: ['delete from crossings where period < ?'] })
  const paces = prepare.change(`delete from paces where key in (select key from paces where key >= '${groupPaceStart}' and key < '${groupPaceStart}~' and at < ? limit ?)`)
  const isOfAlert = `(key between '${escalationPaceStart}' and '${escalationPaceStart}~' or key between '${repeatPaceStart}' and '${repeatPaceStart}~')`
  // A number up to the space is all that is cast.
  const isAlertGone = "not exists (select 1 from alerts where id = cast(substr(paces.key, instr(paces.key, ' ') + 1) as integer))"
  const pursuits = prepare.change(`delete from paces where key in (select key from paces where at < ? and ${isOfAlert} and ${isAlertGone} limit ?)`)
  const silences = walk(prepare, { table: 'silences', key: ['id'], change: ['delete from silences where until_at < ?'] })
  const presence = prepare.change("delete from paces where key in (select key from paces where key >= 'silence|' and key < 'silence|~' and at < ? limit ?)")
  const hushes = walk(prepare, { table: 'hushes', key: ['alert'], change: ['delete from hushes where until_at < ?'] })
  const expected = walk(prepare, { table: 'expected', key: ['rule', 'key'], change: ['delete from expected where until_at < ?'] })
  const deliveries = forgetDeliveries(prepare)
  const alerts = forgetAlerts(prepare)

  const steps: Readonly<Record<ForgetQuery['what'], (query: ForgetQuery, project: number) => Forgotten>> = {
    events: ({ contentBeforeMs, limit }, project) => {
      const { changes } = events.run(project, whole(contentBeforeMs), limit)
      if (changes > 0) raise.run(whole(contentBeforeMs), project)
      return { rows: changes, ...(changes >= limit && { goOn: '' }) }
    },
    prints: (query, project) => prints(project, query, [query.contentBeforeMs]),
    sessions: (query, project) => sessions(project, query, [Math.min(query.decisionsBeforeMs, query.contentBeforeMs), query.contentBeforeMs]),
    rules: (query, project) => rules(project, query, [query.decisionsBeforeMs]),
    inbox: ({ bodiesBeforeMs, limit }) => {
      const { changes } = inbox.run(whole(bodiesBeforeMs), whole(bodiesBeforeMs), limit)
      return { rows: changes, ...(changes >= limit && { goOn: '' }) }
    },
    deliveries,
    alerts,
    // What is accepted late may still belong to a period as old as the oldest event that is accepted.
    spend: (query, project) => spend(project, query, [Math.min(query.decisionsBeforeMs, query.contentBeforeMs) - periodMaxMs]),
    silences: (query, project) => {
      // Which processes held those of their configurations: they say so anew.
      const { changes } = presence.run(whole(query.decisionsBeforeMs), query.limit)
      return changes > 0 ? { rows: changes, goOn: query.after } : silences(project, query, [query.decisionsBeforeMs])
    },
    hushes: (query, project) => hushes(project, query, [query.decisionsBeforeMs]),
    expected: (query, project) => expected(project, query, [query.decisionsBeforeMs]),
    // Of groups, and of alerts that are gone: what else has a pace removes it when it is over, whenever that is.
    paces: ({ pacesBeforeMs, decisionsBeforeMs, limit }) => {
      const groups = paces.run(whole(pacesBeforeMs), limit).changes
      const changes = groups > 0 ? groups : pursuits.run(whole(decisionsBeforeMs), limit).changes
      return { rows: changes, ...(changes > 0 && { goOn: '' }) }
    },
    crossings: (query, project) => crossings(project, query, [Math.min(query.decisionsBeforeMs, query.contentBeforeMs) - periodMaxMs]),
  }

  return {
    async forget(query) {
      const forgotten = steps[query.what](query, projects.number(query.project))
      // Most steps of a large database find nothing old: what is remembered stays.
      if (forgotten.rows > 0) memory.forgetAll()
      return forgotten
    },
    async eventsSince(project) {
      return since.get(projects.number(project))?.events_since ?? 0
    },
  }
}
