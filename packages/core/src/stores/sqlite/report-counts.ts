import type { ReportReads } from '../../model/report-reads.ts'
import type { SessionState } from '../../model/session.ts'
import type { Projects } from './projects.ts'
import { atOnce, lastId } from '../rows/pages.ts'
import { tables } from '../rows/tables.ts'
import type { Source } from '../rows/source.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

interface UsageRow {
  agent: string
  provider: string
  model: string
  calls: number
  nano: number
  unpriced: number
}

interface CauseRow {
  class: string
  name: string
  provider: string
  count: number
}

const usage: Source<UsageRow> = {
  from: 'events',
  qualified: { agent: "coalesce(agent, '')", provider: "coalesce(provider, '')", model: "coalesce(model, '')", calls: "sum(type = 'llm.call')", nano: 'coalesce(sum(cost), 0)', unpriced: 'sum(cost is null)' },
}

const failures: Source<CauseRow> = {
  from: 'events',
  qualified: {
    class: "coalesce(json_extract(more, '$.error.class'), '')",
    name: "coalesce(model, json_extract(more, '$.tool.name'), '')",
    provider: "coalesce(provider, '')",
    count: 'count(*)',
  },
}

const outcomes: Source<{ state: SessionState; count: number }> = { from: 'sessions', qualified: { count: 'count(*)' } }

const firstFailures: Source<CauseRow> = {
  from: 'sessions',
  qualified: {
    class: "coalesce(json_extract(failure, '$.class'), '')",
    name: "coalesce(json_extract(failure, '$.name'), '')",
    provider: "coalesce(json_extract(failure, '$.provider'), '')",
    count: 'count(*)',
  },
}

/**
 * What happened, counted in slices of so many rows. A slice ends at a row and not at an hour: a busy hour may hold a million. Text that is
 * no JSON is passed over, as everywhere.
 */
export function reportCounts(prepare: Prepare, projects: Projects): Pick<ReportReads, 'reportUsage' | 'reportSessions' | 'reportSpent' | 'eventsSinceMs'> {
  const lastEvent = prepare.select(tables.events, ['at', 'id'], 'where project = ? and (at, id) > (?, ?) and at < ? order by at, id limit 1 offset ?')
  const slice = 'project = ? and (at, id) > (?, ?) and (at, id) <= (?, ?) and at < ? and duplicate_of is null'
  const usageIn = prepare.select(usage, ['agent', 'provider', 'model', 'calls', 'nano', 'unpriced'], `where ${slice} and type in ('llm.call', 'llm.usage') group by 1, 2, 3`)
  const failuresIn = prepare.select(failures, ['class', 'name', 'provider', 'count'], `where ${slice} and status = 'error' and type in ('llm.call', 'tool.call') and (more is null or json_valid(more)) group by 1, 2, 3`)
  const lastSession = prepare.select(tables.sessions, ['id'], 'where project = ? and id > ? order by id limit 1 offset ?')
  // One that fell silent has no end: the last that was heard of it counts.
  const endedIn = "((state <> 'running' and coalesce(ended_at, last_at) >= ? and coalesce(ended_at, last_at) < ?) or (state = 'running' and first_at < ? and last_at >= ?))"
  const outcomesIn = prepare.select(outcomes, ['state', 'count'], `where project = ? and id > ? and id <= ? and ${endedIn} group by 1`)
  const firstIn = prepare.select(firstFailures, ['class', 'name', 'provider', 'count'], "where project = ? and id > ? and id <= ? and state = 'fail' and coalesce(ended_at, last_at) >= ? and coalesce(ended_at, last_at) < ? and failure is not null and json_valid(failure) group by 1, 2, 3")
  const groupsOf: Source<{ nano: number; groups: number }> = { from: 'spend', qualified: { nano: 'coalesce(max(nano), 0)', groups: 'count(*)' } }
  const spent = prepare.select(groupsOf, ['nano', 'groups'], 'where project = ? and budget = ? and epoch = ? and period = ?')
  const since = prepare.select(tables.projects, ['events_since'], 'where name = ?')

  return {
    async reportUsage({ project, fromMs, untilMs, after = { atMs: fromMs - 1, id: lastId }, limit }) {
      const number = projects.known(project)
      if (number === undefined) return { usage: [], failures: [] }
      const [from, until] = [whole(after.atMs), whole(untilMs)]
      const last = lastEvent.get(number, from, after.id, until, atOnce(limit) - 1)
      const range = [number, from, after.id, last?.at ?? until, last?.id ?? '', until] as const
      return {
        usage: usageIn.all(...range).map(({ nano, ...row }) => ({ ...row, nanoUsd: nano })),
        failures: failuresIn.all(...range),
        ...(last !== undefined && { next: { atMs: last.at, id: last.id } }),
      }
    },
    async reportSessions({ project, fromMs, untilMs, after = '', limit }) {
      const number = projects.known(project)
      if (number === undefined) return { outcomes: [], causes: [] }
      const [from, until] = [whole(fromMs), whole(untilMs)]
      const last = lastSession.get(number, after, atOnce(limit) - 1)?.id
      const ids = [number, after, last ?? lastId] as const
      return { outcomes: outcomesIn.all(...ids, from, until, until, from), causes: firstIn.all(...ids, from, until), ...(last !== undefined && { next: last }) }
    },
    async reportSpent(project, of) {
      const number = projects.known(project)
      return of.map(({ budget, epoch, periodStartMs }) => {
        const row = number === undefined ? undefined : spent.get(number, budget, epoch, whole(periodStartMs))
        return { nanoUsd: row?.nano ?? 0, groups: row?.groups ?? 0 }
      })
    },
    eventsSinceMs: async (project) => since.get(project)?.events_since ?? 0,
  }
}
