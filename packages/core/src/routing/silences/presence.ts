import type { Transaction } from '../../model/store.ts'
import type { Silences } from './silences.ts'

/** How often a process says which silences of its configuration hold, and how long others believe it, milliseconds. */
const sayEveryMs = 20_000
const believedMs = 60_000

/**
 * Which silences the configurations of the processes hold that share a store: what one does not know, another may. So what is hushed by a silence that
 * was removed from a configuration is told by whoever starts without it, and yet not what another process still silences.
 */
export interface SilencePresence {
  /** Once in a while, in the caller's transaction. */
  say(tx: Transaction, nowMs: number): Promise<void>
  /** When it is to be said next; absent: there is nothing to say. */
  nextMs(nowMs: number): number | undefined
  /** Whether others believe that this process holds some. */
  readonly isSaid: boolean
  /** This process ends and holds none any more. */
  leave(tx: Transaction): Promise<void>
}

export function createPresence(project: string, silences: Silences): SilencePresence {
  let saidMs = -Infinity
  let said: readonly string[] = []
  return {
    async say(tx, nowMs) {
      if (nowMs < saidMs + sayEveryMs) return
      saidMs = nowMs
      said = silences.configured(nowMs)
      await tx.putPaces(said.map((by) => ({ key: keyOf(project, by), sinceMs: nowMs, atMs: nowMs, count: 1 })))
    },
    nextMs: (nowMs) => (silences.configured(nowMs).length === 0 ? undefined : Math.max(nowMs, saidMs + sayEveryMs)),
    get isSaid() {
      return said.length > 0
    },
    async leave(tx) {
      await tx.putPaces(said.map((by) => ({ key: keyOf(project, by), sinceMs: 0, atMs: 0, count: 1 })))
    },
  }
}

/** Until when it is believed that some process holds this; absent: none says so. */
export async function heldElsewhereMs(tx: Transaction, project: string, by: string, nowMs: number): Promise<number | undefined> {
  const key = keyOf(project, by)
  const untilMs = ((await tx.paces([key])).get(key)?.atMs ?? -Infinity) + believedMs
  return untilMs > nowMs ? untilMs : undefined
}

function keyOf(project: string, by: string): string {
  return `silence|${project}|${by}`
}
