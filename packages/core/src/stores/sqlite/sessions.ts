import type { Session } from '../../model/session.ts'
import type { Transaction } from '../../model/store.ts'
import { json, present } from '../rows/json.ts'
import { merged, sessionOf } from '../rows/session.ts'
import type { Projects } from './projects.ts'
import type { RecentRows } from './recent-rows.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { wholeOrNull } from '../rows/whole.ts'

export function sessionQuery(
  prepare: Prepare,
  projects: Projects,
  tell: TellUnreadable,
): (project: string, sessionId: string) => Session | undefined {
  const find = prepare.select(tables.sessions, '*', 'where project = ? and id = ?')
  return (project, sessionId) => {
    const number = projects.known(project)
    const row = number === undefined ? undefined : find.get(number, sessionId)
    return row === undefined ? undefined : sessionOf(row, project, tell)
  }
}

/** A transaction runs alone, so a session is read, merged here and written: no sum is lost. */
export function sessionWriter(prepare: Prepare, projects: Projects, recent: RecentRows<Session>, tell: TellUnreadable): Pick<Transaction, 'applySessions' | 'sessions'> {
  const read = sessionQuery(prepare, projects, tell)
  const find = (project: string, sessionId: string): Session | undefined => recent.get(placeOfSession(project, sessionId)) ?? read(project, sessionId)
  const put = prepare.put(tables.sessions, [
    'project', 'id', 'state', 'name', 'agent', 'user_id', 'env', 'first_at', 'last_at', 'started_at', 'ended_at', 'end_reason',
    'calls', 'errors', 'cost', 'unpriced', 'failure', 'walk',
  ])

  return {
    sessions: async (of) => of.map(({ project, sessionId }) => find(project, sessionId)),
    async applySessions(deltas, walkOf) {
      return deltas.map((delta, index) => {
        const before = find(delta.project, delta.sessionId)
        const after = { ...merged(before, delta), ...present({ walk: walkOf?.(before, index) ?? before?.walk }) }
        put.run(
          projects.number(after.project), after.sessionId, after.state,
          after.name ?? null, after.agent ?? null, after.user ?? null, after.environment ?? null,
          after.firstAtMs, after.lastAtMs, wholeOrNull(after.startedAtMs), wholeOrNull(after.endedAtMs), after.endReason ?? null,
          after.calls, after.errors, after.costNanoUsd, after.unpriced, after.firstFailure === undefined ? null : json(after.firstFailure), after.walk ?? null,
        )
        recent.put(placeOfSession(after.project, after.sessionId), after)
        return before === undefined ? { after } : { before, after }
      })
    },
  }
}

/** Under which a session is held. */
export function placeOfSession(project: string, sessionId: string): string {
  return `${project}\u0000${sessionId}`
}

/** How long the texts of a session are, about. */
export function sessionChars({ walk, firstFailure: failure, endReason }: Session): number {
  return (walk?.length ?? 0) + (failure?.message.length ?? 0) + (endReason?.length ?? 0) + sessionFieldsChars
}

/** Names, agents and users, and what a row costs in memory besides. */
const sessionFieldsChars = 400
