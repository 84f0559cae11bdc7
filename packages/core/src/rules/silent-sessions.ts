import type { SessionChange } from '../model/session.ts'
import type { Timer, Transaction } from '../model/store.ts'

/** Kind of the timers that look whether a session has fallen silent; their key is the session's id. */
export const silenceTimer = 'session-silent'

/**
 * Each session that runs has one timer: put when it begins or begins anew, taken away when it ends. Events in between
 * do not move it, so that listening to a session costs two rows and not one for each event.
 */
export async function listenToSessions(tx: Transaction, changes: readonly SessionChange[], idleMs: number, nowMs: number): Promise<void> {
  const timers = new Map<string, { readonly timer: Timer; readonly runs: boolean }>()
  for (const { before, after } of changes) {
    const runs = after.state === 'running'
    if (runs === (before?.state === 'running')) continue
    // From when it was heard, not from when it happened: what is told after the fact may be followed by more of it.
    const timer = { project: after.project, kind: silenceTimer, key: after.sessionId, dueMs: nowMs + idleMs }
    timers.set(`${after.project}\u0000${after.sessionId}`, { timer, runs })
  }
  if (timers.size === 0) return
  const changed = [...timers.values()]
  const over = changed.filter(({ runs }) => !runs)
  const begun = changed.filter(({ runs }) => runs)
  if (over.length > 0) await tx.removeTimers(over.map(({ timer }) => timer))
  if (begun.length > 0) await tx.putTimers(begun.map(({ timer }) => timer))
}

/** Ends, as `indeterminate`, sessions from which nothing was heard for so long; listens on to the others. Nobody is told: silence is no news. */
export async function endSilentSessions(tx: Transaction, due: readonly Timer[], idleMs: number, nowMs: number): Promise<void> {
  const lastSignsMs = await tx.endSilentSessions(due.map(({ project, key }) => ({ project, sessionId: key })), nowMs - idleMs)
  const again = due.flatMap((timer, index) => {
    const lastMs = lastSignsMs[index]
    return lastMs === undefined ? [] : [{ ...timer, dueMs: lastMs + idleMs }]
  })
  if (again.length > 0) await tx.putTimers(again)
}
