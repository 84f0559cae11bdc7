import type { Session, SessionChange, SessionDelta } from '../../model/session.ts'
import type { Transaction } from '../../model/store.ts'
import { json, present } from '../rows/json.ts'
import { merged, sessionOf } from '../rows/session.ts'
import { tables } from '../rows/tables.ts'
import { whole, wholeOrNull } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { byPlace, change, lookup, putLists } from './statement.ts'

type Place = Pick<SessionDelta, 'project' | 'sessionId'>

const find = lookup(tables.sessions, '*', { project: 'integer', id: 'text' })
const put = putLists(tables.sessions, ['project', 'id'], {
  project: 'integer', id: 'text', state: 'text', name: 'text', agent: 'text', user_id: 'text', env: 'text', first_at: 'bigint', last_at: 'bigint', started_at: 'bigint', ended_at: 'bigint',
  end_reason: 'text', calls: 'bigint', errors: 'bigint', cost: 'bigint', unpriced: 'bigint', failure: 'text', walk: 'text',
})
const findRunning = lookup(tables.sessions, ['last_at'], { project: 'integer', id: 'text' }, "where held.state = 'running'")
const endSilent = change(
  `update @sessions as session set state = 'indeterminate' from unnest($1::integer[], $2::text[]) as silent(project, id)
   where session.project = silent.project and session.id = silent.id`,
)

/** A transaction of a project runs alone, so sessions are read, merged here and written: no sum is lost. */
export function sessionWriter({ sql, projects, tell }: Context): Pick<Transaction, 'applySessions' | 'sessions' | 'endSilentSessions'> {
  const keysOf = async (of: readonly Place[]): Promise<readonly [number[], string[]]> => {
    const numberOf = await projects.numbers(of.map(({ project }) => project))
    return [of.map(({ project }) => numberOf(project)), of.map(({ sessionId }) => keyText(sessionId))]
  }

  const sessions = async (of: readonly Place[]): Promise<readonly (Session | undefined)[]> => {
    if (of.length === 0) return []
    const rows = byPlace(await sql.all(find, ...(await keysOf(of))), of.length)
    return of.map(({ project }, index) => {
      const row = rows[index]
      return row && sessionOf(row, project, tell)
    })
  }

  return {
    sessions,
    async applySessions(deltas, walkOf) {
      if (deltas.length === 0) return []
      const found = await sessions(deltas)
      const latest = new Map<string, Session>()
      const changes = deltas.map((delta, index): SessionChange => {
        const place = JSON.stringify([delta.project, keyText(delta.sessionId)])
        const before = latest.get(place) ?? found[index]
        const after = { ...merged(before, delta), ...present({ walk: walkOf?.(before, index) ?? before?.walk }) }
        latest.set(place, after)
        return before === undefined ? { after } : { before, after }
      })
      const left = [...latest.values()]
      await sql.run(put, ...(await keysOf(left)), ...columnsOf(left))
      return changes
    },
    // One that fell silent has no time of its end: nobody knows it.
    async endSilentSessions(of, sinceMs) {
      if (of.length === 0) return []
      const [numbers, ids] = await keysOf(of)
      const running = byPlace(await sql.all(findRunning, numbers, ids), of.length)
      const places = of.map((_, index) => index)
      const silent = places.filter((place) => (running[place]?.last_at ?? Infinity) <= whole(sinceMs))
      if (silent.length > 0) await sql.run(endSilent, silent.map((place) => numbers[place] ?? 0), silent.map((place) => ids[place] ?? ''))
      const isSilent = new Set(silent)
      return places.map((place) => (isSilent.has(place) ? undefined : running[place]?.last_at))
    },
  }
}

function columnsOf(sessions: readonly Session[]): readonly (readonly (string | number | null)[])[] {
  const list = (value: (session: Session) => string | number | null | undefined): readonly (string | number | null)[] => sessions.map((session) => value(session) ?? null)
  return [
    list(({ state }) => state), list(({ name }) => name), list(({ agent }) => agent), list(({ user }) => user), list(({ environment }) => environment),
    list(({ firstAtMs }) => firstAtMs), list(({ lastAtMs }) => lastAtMs), list(({ startedAtMs }) => wholeOrNull(startedAtMs)), list(({ endedAtMs }) => wholeOrNull(endedAtMs)),
    list(({ endReason }) => endReason), list(({ calls }) => calls), list(({ errors }) => errors), list(({ costNanoUsd }) => costNanoUsd), list(({ unpriced }) => unpriced),
    list(({ firstFailure }) => firstFailure && json(firstFailure)), list(({ walk }) => walk),
  ]
}
