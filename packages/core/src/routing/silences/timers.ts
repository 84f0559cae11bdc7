import type { Config } from '../../model/config.ts'
import type { Timer, Transaction } from '../../model/store.ts'
import { hushTimer } from './hush.ts'
import { hushOver, type EnqueuePlan } from './hush-over.ts'
import type { FailedCondition } from '../plan.ts'
import { hushReleaseTimer, releaseHushed, silenceBegins, silenceBeginsTimer } from './begin.ts'
import type { SilenceParts } from './gate.ts'

/** Tells the admins, in the caller's transaction. */
type TellFailed = (tx: Transaction, failed: readonly FailedCondition[], nowMs: number) => Promise<void>

type Fire = (tx: Transaction, due: readonly Timer[], nowMs: number) => Promise<void>

/** What the timers of silences are for: their beginnings, and the ends of what they hushed. */
export function silenceTimers(config: Pick<Config, 'maintenance' | 'defaults'>, parts: SilenceParts, enqueue: EnqueuePlan, tellFailed: TellFailed): Readonly<Record<string, Fire>> {
  return {
    async [silenceBeginsTimer](tx, due, nowMs) {
      for (const timer of due) await tellFailed(tx, await silenceBegins(tx, timer, config, parts.silences, nowMs), nowMs)
    },
    async [hushReleaseTimer](tx, due, nowMs) {
      for (const timer of due) await releaseHushed(tx, timer, nowMs)
    },
    async [hushTimer](tx, due, nowMs) {
      for (const timer of due) await hushOver(tx, timer, parts, enqueue, nowMs)
    },
  }
}
