import { escalationPaceStart, repeatPaceStart } from '../../model/attention.ts'
import { groupPaceStart } from '../../model/batch-key.ts'
import type { ForgetQuery, Forgotten } from '../../model/retention.ts'
import type { Transaction } from '../../model/store.ts'
import { periodMaxMs } from '../rows/period-max.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { forgetEvents } from './retention-events.ts'
import { forgetAlerts, forgetDeliveries } from './retention-told.ts'
import { change, select } from './statement.ts'
import { walk } from './walk.ts'

const since = select(tables.projects, ['events_since'], 'where id = $1')
// In the order of arrival, so that what is behind the first newer one is not looked at; what another project deletes at this moment is passed over.
const inbox = change(
  `delete from @inbox where seq in (
     select seq from @inbox where at < $1 and seq < coalesce((select seq from @inbox where at >= $1 order by seq limit 1), ${Number.MAX_SAFE_INTEGER}) order by seq limit $2 for update skip locked)`,
)
const prints = walk({ table: 'calls', key: ['period', 'print', 'event_id'], change: ['delete from @calls where end_at < $1'] })
const sessions = walk({
  table: 'sessions',
  key: ['id'],
  change: [
    "delete from @sessions where state <> 'running' and last_at < $1",
    "update @sessions set end_reason = null, failure = null, walk = null where state <> 'running' and last_at < $1 and (end_reason is not null or failure is not null or walk is not null)",
  ],
})
const rules = walk({ table: 'rule_states', key: ['rule', 'key'], change: ['delete from @rule_states where at < $1'] })
const spend = walk({ table: 'spend', key: ['budget', 'scope', 'period', 'epoch'], change: ['delete from @spend where period < $1'] })
const crossings = walk({ table: 'crossings', key: ['budget', 'scope', 'period', 'epoch', 'threshold'], change: ['delete from @crossings where period < $1'] })
const silences = walk({ table: 'silences', key: ['id'], change: ['delete from @silences where until_at < $1'] })
const hushes = walk({ table: 'hushes', key: ['alert'], change: ['delete from @hushes where until_at < $1'] })
const expected = walk({ table: 'expected', key: ['rule', 'key'], change: ['delete from @expected where until_at < $1'] })

// Paces of all projects: what another transaction writes at this moment is not old, and is passed over.
const removePaces = (which: string) => change(`delete from @paces where key in (select key from @paces as pace where ${which} and at < $1 order by key limit $2 for update skip locked)`)
const groups = removePaces(`key >= '${groupPaceStart}' and key < '${groupPaceStart}~'`)
const presence = removePaces("key >= 'silence|' and key < 'silence|~'")
const isOfAlert = `(key between '${escalationPaceStart}' and '${escalationPaceStart}~' or key between '${repeatPaceStart}' and '${repeatPaceStart}~')`
// A number up to the space is all that is cast.
const alertOfPace = "case when pace.key ~ '^[a-z]+ [0-9]{1,15}( |$)' then split_part(pace.key, ' ', 2)::bigint end"
const pursuits = removePaces(`${isOfAlert} and not exists (select 1 from @alerts as alert where alert.id = ${alertOfPace})`)

/** Deletes what is old, in steps: no table is read whole in one transaction. */
export function forgetter(context: Context): Pick<Transaction, 'forget' | 'eventsSince'> {
  const { sql, projects } = context
  const limited = (rows: number, limit: number): Forgotten => ({ rows, ...(rows >= limit && { goOn: '' }) })
  // What is accepted late may still belong to a period as old as the oldest event that is accepted.
  const closedMs = ({ decisionsBeforeMs, contentBeforeMs }: ForgetQuery): number => Math.min(decisionsBeforeMs, contentBeforeMs) - periodMaxMs

  const steps: Readonly<Record<ForgetQuery['what'], (query: ForgetQuery, project: number) => Promise<Forgotten>>> = {
    events: (query, project) => forgetEvents(context, query, project),
    prints: (query, project) => prints(sql, project, query, [query.contentBeforeMs]),
    sessions: (query, project) => sessions(sql, project, query, [Math.min(query.decisionsBeforeMs, query.contentBeforeMs), query.contentBeforeMs]),
    rules: (query, project) => rules(sql, project, query, [query.decisionsBeforeMs]),
    inbox: async ({ bodiesBeforeMs, limit }) => limited(await sql.run(inbox, whole(bodiesBeforeMs), limit), limit),
    deliveries: (query, project) => forgetDeliveries(sql, query, project),
    alerts: (query, project) => forgetAlerts(sql, query, project),
    spend: (query, project) => spend(sql, project, query, [closedMs(query)]),
    async silences(query, project) {
      // Which processes held those of their configurations: they say so anew.
      const rows = await sql.run(presence, whole(query.decisionsBeforeMs), query.limit)
      return rows > 0 ? { rows, goOn: query.after } : silences(sql, project, query, [query.decisionsBeforeMs])
    },
    hushes: (query, project) => hushes(sql, project, query, [query.decisionsBeforeMs]),
    expected: (query, project) => expected(sql, project, query, [query.decisionsBeforeMs]),
    // Of groups, and of alerts that are gone: what else has a pace removes it when it is over, whenever that is.
    async paces({ pacesBeforeMs, decisionsBeforeMs, limit }) {
      const ofGroups = await sql.run(groups, whole(pacesBeforeMs), limit)
      const rows = ofGroups > 0 ? ofGroups : await sql.run(pursuits, whole(decisionsBeforeMs), limit)
      return { rows, ...(rows > 0 && { goOn: '' }) }
    },
    crossings: (query, project) => crossings(sql, project, query, [closedMs(query)]),
  }

  return {
    forget: async (query) => steps[query.what](query, await projects.number(query.project)),
    async eventsSince(project) {
      const number = await projects.known(project)
      return number === undefined ? 0 : ((await sql.get(since, number))?.events_since ?? 0)
    },
  }
}
