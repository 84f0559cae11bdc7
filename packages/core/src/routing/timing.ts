import type { Alert } from '../model/alert.ts'
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
  /** It waits to see whether it is one of many of the same cause. */
  readonly isWatched?: true
}

export interface TimingAsk {
  /** Empty where nobody in particular is meant: then there are no quiet hours. */
  readonly person: string
  readonly severity: Severity
  /** The route's own digest. */
  readonly digestMs?: number
  /** Somebody asked for exactly this message: it is not collected. */
  readonly isAsked: boolean
  /** Not before this time: others of the same cause may follow. */
  readonly notBeforeMs?: number
  readonly nowMs: number
}

/** A digest takes all that a store holds of one batch. */
const digestMax = 1_000

/**
 * What may be one of many waits for the others, from when it was opened: a failed call that others may share. What is critical does not wait to be
 * part of something; but an outage itself does, so that its first message names those it met.
 */
export function notBefore({ detection, rules }: Pick<Config, 'detection' | 'rules'>, { cause, message, severity, openedAtMs }: Alert): number | undefined {
  if (rules['model-outage'] === false || detection.wait === 0) return undefined
  const waits = message === 'model.outage' || (cause !== undefined && severity !== 'critical')
  return waits ? openedAtMs + detection.wait : undefined
}

/** Critical waits for nothing; quiet hours hold the rest; what only informs, and what a route collects, waits for more of its kind. */
export function timingOf(delivery: Config['delivery'], quietHours: QuietHours, ask: TimingAsk): Timing {
  const { nowMs, severity, notBeforeMs = nowMs } = ask
  const quiet = quietHours.at(ask.person, nowMs)
  const watched = notBeforeMs > nowMs ? { isWatched: true as const } : {}
  if (severity === 'critical') return { dueMs: Math.max(nowMs, notBeforeMs), ...watched, ...(quiet !== undefined && { quiet: { ...quiet, isPassed: true } }) }
  const { batchMs, batchMax } = delivery
  const isBatched = severity === 'info' && batchMs > 0
  const waitMs = ask.isAsked ? undefined : (ask.digestMs ?? (isBatched ? batchMs : undefined))
  const dueMs = Math.max(quiet?.untilMs ?? nowMs, nowMs + (waitMs ?? 0), notBeforeMs)
  return {
    dueMs,
    ...(dueMs === notBeforeMs && watched),
    ...(quiet !== undefined && { quiet: { ...quiet, isPassed: false } }),
    ...(waitMs !== undefined && { collect: { batchMax: ask.digestMs === undefined ? batchMax : digestMax } }),
  }
}
