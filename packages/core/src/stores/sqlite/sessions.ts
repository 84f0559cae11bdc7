import type { Session, SessionDelta, SessionFailure } from '../../model/session.ts'
import type { Transaction } from '../../model/store.ts'
import { json, parsed, present } from './json.ts'
import type { Projects } from './projects.ts'
import type { RecentRows } from './recent-rows.ts'
import { tables } from './schema.ts'
import type { SessionRow } from './schema.ts'
import type { Prepare } from './statement.ts'
import type { TellUnreadable } from './unreadable.ts'
import { whole, wholeOrNull } from './whole.ts'

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

/**
 * running        from its first sign of life
 * success, fail  an explicit end; of several the latest counts. Only a later start makes it run again
 * indeterminate  ended without saying how; any later sign of life makes it run again. Without a time of its end it fell
 *                silent: nobody said that it ended, so any explicit end counts, also one that is dated earlier
 */
function merged(before: Session | undefined, delta: SessionDelta): Session {
  return {
    project: delta.project,
    sessionId: delta.sessionId,
    ...described(before, delta),
    firstAtMs: whole(Math.min(before?.firstAtMs ?? Infinity, delta.firstAtMs)),
    lastAtMs: whole(Math.max(before?.lastAtMs ?? -Infinity, delta.lastAtMs)),
    ...present({ startedAtMs: earlier(before?.startedAtMs, delta.startedAtMs) }),
    ...ending(before, delta),
    calls: whole((before?.calls ?? 0) + delta.calls),
    errors: whole((before?.errors ?? 0) + delta.errors),
    costNanoUsd: whole((before?.costNanoUsd ?? 0) + delta.costNanoUsd),
    unpriced: whole((before?.unpriced ?? 0) + delta.unpriced),
    ...present({ firstFailure: firstFailure(before, delta) }),
  }
}

/** What is known stays, but the session's own start knows best. */
function described(before: Session | undefined, delta: SessionDelta): Pick<Session, 'name' | 'agent' | 'user' | 'environment'> {
  const [best, other] = delta.startedAtMs === undefined ? [before, delta] : [delta, before]
  return present({
    name: best?.name ?? other?.name,
    agent: best?.agent ?? other?.agent,
    user: best?.user ?? other?.user,
    environment: best?.environment ?? other?.environment,
  })
}

function ending(before: Session | undefined, delta: SessionDelta): Pick<Session, 'state' | 'endedAtMs' | 'endReason'> {
  const endedAtMs = before?.endedAtMs
  if (delta.end !== undefined && delta.end.atMs >= (endedAtMs ?? -Infinity)) {
    return { state: delta.end.state, endedAtMs: whole(delta.end.atMs), ...present({ endReason: delta.end.reason }) }
  }
  if (before === undefined) return { state: 'running' }
  if (endedAtMs === undefined) return { state: before.state === 'indeterminate' && delta.lastAtMs <= before.lastAtMs ? 'indeterminate' : 'running' }
  const signOfLifeMs = before.state === 'indeterminate' ? delta.lastAtMs : (delta.startedAtMs ?? -Infinity)
  if (signOfLifeMs > endedAtMs) return { state: 'running' }
  return { state: before.state, endedAtMs, ...present({ endReason: before.endReason }) }
}

function firstFailure(before: Session | undefined, delta: SessionDelta): SessionFailure | undefined {
  const kept = before?.firstFailure
  const found = delta.firstFailure
  if (found === undefined || (kept !== undefined && kept.atMs <= found.atMs)) return kept
  return { ...found, step: (before?.calls ?? 0) + found.step }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b)
}

function sessionOf(row: SessionRow, project: string, tell: TellUnreadable): Session {
  return {
    project,
    sessionId: row.id,
    state: row.state,
    firstAtMs: row.first_at,
    lastAtMs: row.last_at,
    calls: row.calls,
    errors: row.errors,
    costNanoUsd: row.cost,
    unpriced: row.unpriced,
    ...present({
      name: row.name,
      agent: row.agent,
      user: row.user_id,
      environment: row.env,
      startedAtMs: row.started_at,
      endedAtMs: row.ended_at,
      endReason: row.end_reason,
      walk: row.walk,
      firstFailure: row.failure === null ? undefined : parsed(row.failure, undefined, tell, `session ${row.id}`),
    }),
  }
}
