import type { ReportReads } from '../../model/report-reads.ts'
import type { SessionState } from '../../model/session.ts'
import { atOnce, lastId } from '../rows/pages.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { ReadContext } from './context.ts'
import { keyText } from './key.ts'
import { query, select } from './statement.ts'

interface UsageRow {
  readonly agent: string
  readonly provider: string
  readonly model: string
  readonly calls: number
  readonly nano: number
  readonly unpriced: number
}

interface CauseRow {
  readonly class: string
  readonly name: string
  readonly provider: string
  readonly count: number
}

// `at` by itself too: it says which partitions need not be looked at, which a comparison of rows does not.
const lastEvent = select(tables.events, ['at', 'id'], 'where project = $1 and at >= $2 and (at, id) > ($2, $3) and at < $4 order by at, id limit 1 offset $5')
const slice = 'project = $1 and at >= $2 and (at, id) > ($2, $3) and at <= $4 and (at, id) <= ($4, $5) and at < $6 and duplicate_of is null'
const usageIn = query<UsageRow>(
  `select coalesce(agent, '') as agent, coalesce(provider, '') as provider, coalesce(model, '') as model, count(*) filter (where type = 'llm.call') as calls, coalesce(sum(cost), 0) as nano, count(*) filter (where cost is null) as unpriced
   from @events where ${slice} and type in ('llm.call', 'llm.usage') group by 1, 2, 3`,
)
// Text that is no JSON is passed over, as everywhere; asked first, since it cannot be read as any.
const failuresIn = query<CauseRow>(
  `select coalesce(more #>> '{error,class}', '') as class, coalesce(model, more #>> '{tool,name}', '') as name, coalesce(provider, '') as provider, count(*) as count
   from (
     select model, provider, case when @is_json(more) then more::json end as more from @events
     where ${slice} and status = 'error' and type in ('llm.call', 'tool.call') and (more is null or @is_json(more))) as failed group by 1, 2, 3`,
)
const lastSession = select(tables.sessions, ['id'], 'where project = $1 and id > $2 order by id limit 1 offset $3')
const endAt = 'coalesce(ended_at, last_at)'
// One that fell silent has no end: the last that was heard of it counts.
const endedIn = `((state <> 'running' and ${endAt} >= $4 and ${endAt} < $5) or (state = 'running' and first_at < $5 and last_at >= $4))`
const outcomesIn = query<{ readonly state: SessionState; readonly count: number }>(
  `select state, count(*) as count from @sessions where project = $1 and id > $2 and id <= $3 and ${endedIn} group by 1`,
)
const firstIn = query<CauseRow>(
  `select coalesce(failure ->> 'class', '') as class, coalesce(failure ->> 'name', '') as name, coalesce(failure ->> 'provider', '') as provider, count(*) as count
   from (
     select case when @is_json(failure) then failure::json end as failure from @sessions
     where project = $1 and id > $2 and id <= $3 and state = 'fail' and ${endAt} >= $4 and ${endAt} < $5 and @is_json(failure)) as failed group by 1, 2, 3`,
)
const spent = query<{ readonly place: number; readonly nano: number; readonly groups: number }>(
  `select place, coalesce(max(nano), 0) as nano, count(budget) as groups from unnest($2::text[], $3::text[], $4::bigint[]) with ordinality as asked(name, of_epoch, start, place)
   left join @spend on project = $1 and budget = name and epoch = of_epoch and period = start group by place order by place`,
)
const since = select(tables.projects, ['events_since'], 'where name = $1')

/** What happened, counted in slices of so many rows. A slice ends at a row and not at an hour: a busy hour may hold a million. */
export function reportCounts({ sql, projects }: ReadContext): Pick<ReportReads, 'reportUsage' | 'reportSessions' | 'reportSpent' | 'eventsSinceMs'> {
  return {
    async reportUsage({ project, fromMs, untilMs, after = { atMs: fromMs - 1, id: lastId }, limit }) {
      const number = await projects.known(project)
      if (number === undefined) return { usage: [], failures: [] }
      const [from, until] = [whole(after.atMs), whole(untilMs)]
      const last = await sql.get(lastEvent, number, from, after.id, until, atOnce(limit) - 1)
      const range = [number, from, after.id, last?.at ?? until, last?.id ?? '', until] as const
      return {
        usage: (await sql.all(usageIn, ...range)).map(({ nano, ...row }) => ({ ...row, nanoUsd: nano })),
        failures: await sql.all(failuresIn, ...range),
        ...(last !== undefined && { next: { atMs: last.at, id: last.id } }),
      }
    },
    async reportSessions({ project, fromMs, untilMs, after = '', limit }) {
      const number = await projects.known(project)
      if (number === undefined) return { outcomes: [], causes: [] }
      const [from, until] = [whole(fromMs), whole(untilMs)]
      const last = (await sql.get(lastSession, number, after, atOnce(limit) - 1))?.id
      const range = [number, after, last ?? lastId, from, until] as const
      return { outcomes: await sql.all(outcomesIn, ...range), causes: await sql.all(firstIn, ...range), ...(last !== undefined && { next: last }) }
    },
    async reportSpent(project, of) {
      const number = await projects.known(project)
      if (number === undefined || of.length === 0) return of.map(() => ({ nanoUsd: 0, groups: 0 }))
      const rows = await sql.all(spent, number, of.map(({ budget }) => keyText(budget)), of.map(({ epoch }) => keyText(epoch)), of.map(({ periodStartMs }) => whole(periodStartMs)))
      return rows.map(({ nano, groups }) => ({ nanoUsd: nano, groups }))
    },
    eventsSinceMs: async (project) => (await sql.get(since, project))?.events_since ?? 0,
  }
}
