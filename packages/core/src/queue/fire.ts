import { askNextChannel, fallbackDue, fallbackTimerKind, type RecipientsOn } from './fallback.ts'
import { unlessHeld } from './hold.ts'
import type { Fire } from './timers.ts'
import { askForUnreadable, type PlanOf } from './unreadable.ts'

export interface FireParts {
  readonly recipientsOn: RecipientsOn
  readonly planOf: PlanOf
}

/** What the timers of the queue are for. */
export function queueTimers({ recipientsOn, planOf }: FireParts): Readonly<Record<string, Fire>> {
  return {
    [fallbackTimerKind]: unlessHeld(async (tx, due, nowMs) => {
      for (const timer of due) await askNextChannel(tx, await fallbackDue(tx, timer, recipientsOn, nowMs), recipientsOn, nowMs)
    }),
    async unreadable(tx, due, nowMs) {
      for (const timer of due) await askForUnreadable(tx, Number(timer.key), planOf, recipientsOn, nowMs)
    },
  }
}
