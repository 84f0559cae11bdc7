import { join } from 'node:path'
import { systemClock } from '../packages/core/src/model/clock.ts'
import type { SessionDelta } from '../packages/core/src/model/session.ts'
import type { NewAlert } from '../packages/core/src/model/store.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'

const atOnce = 5_000
const agents = 40
/** Over so long they came. */
const spreadMs = 7 * 86_400_000

/** So many sessions, and so many alerts that are over, in a database that a server has opened already. */
export async function fillRows(folder: string, project: string, rows: number, progress: (doing: string) => void): Promise<void> {
  const store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: systemClock, durability: 'normal', isListed: true })
  const beganMs = systemClock.nowMs() - spreadMs
  const atMs = (number: number): number => beganMs + Math.floor((number * spreadMs) / rows)
  try {
    for (let first = 0; first < rows; first += atOnce) {
      progress(`${first.toLocaleString('en-US')} of ${rows.toLocaleString('en-US')} rows`)
      const numbers = Array.from({ length: Math.min(atOnce, rows - first) }, (_, index) => first + index)
      await store.transaction(async (tx) => {
        await tx.applySessions(numbers.map((number) => sessionOf(number, project, atMs(number))))
        const ids = await tx.insertAlerts(numbers.map((number) => alertOf(number, project, atMs(number))))
        await tx.updateAlerts(ids.map((id) => ({ id, addCount: 0, updatedAtMs: atMs(first), state: 'resolved' as const, resolvedAtMs: atMs(first) })))
      }, { project })
    }
  } finally {
    await store.close()
  }
}

const agentOf = (number: number): string => `agent-${number % agents}`

function sessionOf(number: number, project: string, atMs: number): SessionDelta {
  return {
    project, sessionId: `session-${number}`, firstAtMs: atMs, lastAtMs: atMs + 9_000, calls: 12, errors: number % 7 === 0 ? 1 : 0, costNanoUsd: 7_900_000, unpriced: 0, agent: agentOf(number), startedAtMs: atMs,
    end: { atMs: atMs + 9_000, state: number % 7 === 0 ? 'fail' : 'success' },
  }
}

function alertOf(number: number, project: string, atMs: number): NewAlert {
  return {
    project, rule: 'session-failed', key: `key-${number}`, kind: 'session', severity: number % 9 === 0 ? 'critical' : 'warning', message: 'session.failed', ends: 'quiet', quietMs: 600_000, count: 1, openedAtMs: atMs,
    sessionId: `session-${number}`, agent: agentOf(number), params: { agent: agentOf(number), session: `session-${number}`, causeKind: 'llm.call', causeClass: 'rate-limit', causeName: 'gpt-5-mini', costUsd: 0.4 }, evidence: { event: `event-${number}`, atMs },
  }
}
