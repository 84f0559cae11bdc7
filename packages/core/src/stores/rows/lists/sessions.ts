import type { CostPlace, Lists, SessionListAsk } from '../../../model/lists.ts'
import type { SessionState } from '../../../model/session.ts'
import type { SessionRow } from '../tables.ts'
import { whole } from '../whole.ts'
import { allOf, Conditions, type ListBackend } from './backend.ts'
import { page } from './walk.ts'

/** Entries of the index that are looked at for a page: it holds all that is asked for. */
const looksMax = 20_000
const countsMax = 30_000

type Place = NonNullable<SessionListAsk['after']>

export function sessionLists(backend: ListBackend): Pick<Lists, 'listSessions' | 'costliestSessions' | 'countSessions'> {
  return {
    async countSessions(name, sinceMs) {
      const project = await backend.project(name)
      if (project === undefined) return []
      const rows = await backend.all<{ readonly state: SessionState; readonly count: number; readonly nano: number }>(
        'select state, count(*) as count, sum(cost) as nano from (select state, cost from @sessions where project = ? and first_at >= ? order by first_at desc limit ?) as newest group by state order by state',
        [project, whole(sinceMs), countsMax],
      )
      return rows.map(({ state, count, nano }) => ({ state, count, costNanoUsd: nano }))
    },
    async listSessions(ask) {
      const project = await backend.project(ask.project)
      if (project === undefined) return { items: [] }
      const { items, next } = await page<SessionRow, Place>(
        backend,
        {
          table: 'sessions',
          within: new Conditions().and('project = ?', project),
          range: { from: ask.sinceMs, until: ask.untilMs },
          order: ['first_at', 'id'],
          placeOf: ({ first_at, id }) => ({ atMs: Number(first_at), id: String(id) }),
          valuesOf: ({ atMs, id }) => [whole(atMs), id],
        },
        { filter: filterOf(ask), after: ask.after, limit: ask.limit, looksMax },
      )
      return { items: await backend.sessionsOf(items, ask.project), ...(next !== undefined && { next }) }
    },

    async costliestSessions({ nowMs, after, limit, ...ask }) {
      const project = await backend.project(ask.project)
      if (project === undefined) return { items: [], fromMs: ask.sinceMs ?? 0 }
      const { fromMs, untilMs } = after ?? (await stretch(backend, project, ask, nowMs))
      const asked = allOf(begunIn(project, { sinceMs: fromMs, untilMs }), filterOf(ask))
      if (after !== undefined) asked.and('(cost, id) < (?, ?)', whole(after.costNanoUsd), after.id)
      // Sorted are short entries of the index, not rows with all that rules keep.
      const found = await backend.all<{ readonly id: string; readonly cost: number }>(`select id, cost from @sessions where ${asked.text} order by cost desc, id desc limit ?`, [...asked.values, limit + 1])
      const shown = found.slice(0, limit)
      const rows = shown.length === 0 ? [] : await rowsOf(backend, project, shown.map(({ id }) => id))
      const last = found.length > limit ? shown.at(-1) : undefined
      const byId = new Map((await backend.sessionsOf(rows, ask.project)).map((session) => [session.sessionId, session]))
      const next: CostPlace | undefined = last && { costNanoUsd: last.cost, id: last.id, fromMs, untilMs }
      return { items: shown.flatMap(({ id }) => byId.get(id) ?? []), fromMs, ...(next !== undefined && { next }) }
    },
  }
}

/** As much of the time asked for as the newest sessions fill. */
async function stretch(backend: ListBackend, project: number, ask: Pick<SessionListAsk, 'sinceMs' | 'untilMs'>, nowMs: number): Promise<Pick<CostPlace, 'fromMs' | 'untilMs'>> {
  const untilMs = ask.untilMs ?? nowMs + 1
  const within = begunIn(project, { ...ask, untilMs })
  const [first] = await backend.all<{ readonly first_at: number }>(`select first_at from @sessions where ${within.text} order by first_at desc, id desc limit 1 offset ?`, [...within.values, looksMax - 1])
  return { fromMs: first?.first_at ?? ask.sinceMs ?? 0, untilMs }
}

function begunIn(project: number, { sinceMs, untilMs }: Pick<SessionListAsk, 'sinceMs' | 'untilMs'>): Conditions {
  const within = new Conditions().and('project = ?', project)
  if (sinceMs !== undefined) within.and('first_at >= ?', whole(sinceMs))
  if (untilMs !== undefined) within.and('first_at < ?', whole(untilMs))
  return within
}

function filterOf({ states, agent, user, minCostNanoUsd }: Pick<SessionListAsk, 'states' | 'agent' | 'user' | 'minCostNanoUsd'>): Conditions {
  const filter = new Conditions().anyOf('state', states).equals('agent', agent).equals('user_id', user)
  return minCostNanoUsd === undefined ? filter : filter.and('cost >= ?', whole(minCostNanoUsd))
}

async function rowsOf(backend: ListBackend, project: number, ids: readonly string[]): Promise<readonly SessionRow[]> {
  const these = new Conditions().and('project = ?', project).anyOf('id', ids)
  return backend.all<SessionRow>(`select * from @sessions where ${these.text}`, these.values)
}
