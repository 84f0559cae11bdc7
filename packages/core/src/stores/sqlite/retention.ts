import type { ForgetQuery, Forgotten } from '../../model/retention.ts'
import type { Transaction } from '../../model/store.ts'
import { forgetAlerts, forgetDeliveries } from './retention-told.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { Prepare } from './statement.ts'
import { walk } from './walk.ts'
import { whole } from './whole.ts'

/** Longest period of a budget, and an hour for clocks that are put forward: what began earlier is closed. */
const periodMaxMs = 31 * 86_400_000 + 3_600_000

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
    crossings: (query, project) => crossings(project, query, [Math.min(query.decisionsBeforeMs, query.contentBeforeMs) - periodMaxMs]),
  }

  return {
    async forget(query) {
      memory.forgetAll()
      return steps[query.what](query, projects.number(query.project))
    },
    async eventsSince(project) {
      return since.get(projects.number(project))?.events_since ?? 0
    },
  }
}
