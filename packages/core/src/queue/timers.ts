import type { Timer, Transaction } from '../model/store.ts'

/** What is done with timers of one kind that are due; they are taken away already, and may be put anew. */
export type Fire = (tx: Transaction, due: readonly Timer[], nowMs: number) => Promise<void>

export interface Timers {
  /** Fires what is due, at most 200, and says how many that were, those in the background apart. */
  fire(tx: Transaction, nowMs: number): Promise<number>
}

const timersAtOnce = 200

/**
 * The other door: whatever waits for a time is a row, taken away and acted on in one transaction, so that of many
 * processes one fires it.
 *
 * @param kinds what each kind of timer does, in the order in which kinds that are due together are fired
 * @param background the same for kinds that nobody waits for: they are not counted, so that a process pauses between them
 */
export function createTimers(project: string, kinds: Readonly<Record<string, Fire>>, background: Readonly<Record<string, Fire>>): Timers {
  return {
    async fire(tx, nowMs) {
      const due = await tx.dueTimers(project, nowMs, timersAtOnce)
      if (due.length === 0) return 0
      await tx.removeTimers(due)
      for (const [kind, fire] of Object.entries({ ...kinds, ...background })) {
        const own = due.filter((timer) => timer.kind === kind)
        if (own.length > 0) await fire(tx, own, nowMs)
      }
      return due.filter(({ kind }) => !Object.hasOwn(background, kind)).length
    },
  }
}
