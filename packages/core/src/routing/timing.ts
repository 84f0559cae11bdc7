import type { Config } from '../model/config.ts'
import type { Severity } from '../model/severity.ts'
import type { QuietHours, QuietSpell } from './quiet-hours.ts'

/** When something is told, and what made it wait. */
export interface Timing {
  readonly dueMs: number
  /** End of the quiet hours it waits for, or that it passes because it is critical. */
  readonly quiet?: QuietSpell & { readonly isPassed: boolean }
  /** Present where it is collected with others. */
  readonly collect?: { readonly batchMax: number }
}

export interface TimingAsk {
  /** Empty where nobody in particular is meant: then there are no quiet hours. */
  readonly person: string
  readonly severity: Severity
  /** The route's own digest. */
  readonly digestMs?: number
  /** Somebody asked for exactly this message: it is not collected. */
  readonly isAsked: boolean
  readonly nowMs: number
}

/** A digest takes all that a store holds of one batch. */
const digestMax = 1_000

/** Critical waits for nothing; quiet hours hold the rest; what only informs, and what a route collects, waits for more of its kind. */
export function timingOf(delivery: Config['delivery'], quietHours: QuietHours, ask: TimingAsk): Timing {
  const { nowMs, severity } = ask
  const quiet = quietHours.at(ask.person, nowMs)
  if (severity === 'critical') return { dueMs: nowMs, ...(quiet !== undefined && { quiet: { ...quiet, isPassed: true } }) }
  const { batchMs, batchMax } = delivery
  const isBatched = severity === 'info' && batchMs > 0
  const waitMs = ask.isAsked ? undefined : (ask.digestMs ?? (isBatched ? batchMs : undefined))
  const dueMs = Math.max(quiet?.untilMs ?? nowMs, nowMs + (waitMs ?? 0))
  return {
    dueMs,
    ...(quiet !== undefined && { quiet: { ...quiet, isPassed: false } }),
    ...(waitMs !== undefined && { collect: { batchMax: ask.digestMs === undefined ? batchMax : digestMax } }),
  }
}
