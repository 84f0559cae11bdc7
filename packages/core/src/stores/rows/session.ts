import type { Session, SessionDelta, SessionFailure } from '../../model/session.ts'
import { parsed, present } from './json.ts'
import type { SessionRow } from './tables.ts'
import type { TellUnreadable } from './unreadable.ts'
import { whole } from './whole.ts'

/**
 * running        from its first sign of life
 * success, fail  an explicit end; of several the latest counts. Only a later start makes it run again
 * indeterminate  ended without saying how; any later sign of life makes it run again. Without a time of its end it fell
 *                silent: nobody said that it ended, so any explicit end counts, also one that is dated earlier
 */
export function merged(before: Session | undefined, delta: SessionDelta): Session {
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

/** A session as it was written. */
export function sessionOf(row: SessionRow, project: string, tell: TellUnreadable): Session {
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
