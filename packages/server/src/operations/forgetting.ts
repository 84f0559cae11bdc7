import { errorText, sleep, type Clock } from 'tocsin/engine'
import { claimForgetting, forgetServerRows } from '../stores/forget.ts'
import type { Database } from '../stores/database.ts'

/** How often the tables of the server forget what is old, milliseconds. */
const everyMs = 3_600_000
/** How often it looks whether it is time, milliseconds: after a node that did it is gone, another does. */
const lookMs = 600_000
/** Between two steps, so that others write, milliseconds. */
const pauseMs = 100

export interface ForgettingParts {
  readonly database: Database
  /** For how long the record of changes is kept, milliseconds: `retention.audit`. */
  readonly auditMs: () => number
  readonly clock: Clock
  readonly notice: (text: string) => void
}

/**
 * Sees to it that what is old goes from the server's own tables, as the engines do with theirs. Of many servers one does it each hour; a step
 * is a bounded transaction, and what one did not finish the next one finds.
 */
export function startForgetting({ database: { db }, auditMs, clock, notice }: ForgettingParts): { stop(): Promise<void> } {
  const stopping = new AbortController()
  let trouble = ''
  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (await claimForgetting(db, clock.nowMs(), everyMs)) await forgetAll()
        trouble = ''
      } catch (failure) {
        const cause = errorText(failure)
        if (!stopping.signal.aborted && cause !== trouble) notice(`what is old stays in the record of changes for now: ${cause}`)
        trouble = cause
      }
      await sleep(clock, lookMs, stopping.signal)
    }
  }

  async function forgetAll(): Promise<void> {
    while (!stopping.signal.aborted) {
      const nowMs = clock.nowMs()
      const { isMore } = await forgetServerRows(db, { nowMs, auditBeforeMs: nowMs - auditMs() })
      if (!isMore) return
      await sleep(clock, pauseMs, stopping.signal)
    }
  }
}
