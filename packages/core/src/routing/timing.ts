import type { Alert } from '../model/alert.ts'
import type { Schedule } from '../model/attention-config.ts'
import type { Config } from '../model/config.ts'
import type { Severity } from '../model/severity.ts'
import type { QuietHours, QuietSpell } from './quiet-hours.ts'
import { nextDigestMs } from './schedule.ts'

/** When something is told, and what made it wait. */
export interface Timing {
  readonly dueMs: number
  /** End of the quiet hours it waits for, or that it passes because it is critical. */
  readonly quiet?: QuietSpell & { readonly isPassed: boolean }
  /** Present where it is collected with others. */
  readonly collect?: Collect
  /** It waits to see whether it is one of many of the same cause. */
  readonly isWatched?: true
}

interface Collect {
  /** What only informs; a digest; a group that a route makes. */
  readonly as: 'news' | 'digest' | 'group'
  readonly batchMax: number
}

export interface TimingAsk {
  /** Empty where nobody in particular is meant: then there are no quiet hours. */
  readonly person: string
  readonly severity: Severity
  /** The route's own digest. */
  readonly digest?: Schedule
  /** How long the first of a group waits for others, where the route groups. */
  readonly groupWaitMs?: number
  /** Where its reader is, IANA name. */
  readonly timezone: string
  /** Somebody asked for exactly this message: it is not collected. */
  readonly isAsked: boolean
  /** Not before this time: others of the same cause may follow. */
  readonly notBeforeMs?: number
  readonly nowMs: number
}

/** A digest and a group take all that a store holds of one batch. */
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

/** Critical waits for nothing; quiet hours hold the rest; what only informs, and what a route collects or groups, waits for more of its kind. */
export function timingOf(delivery: Config['delivery'], quietHours: QuietHours, ask: TimingAsk): Timing {
  const { nowMs, severity, notBeforeMs = nowMs } = ask
  const quiet = quietHours.at(ask.person, nowMs)
  const watched = notBeforeMs > nowMs ? { isWatched: true as const } : {}
  if (severity === 'critical') return { dueMs: Math.max(nowMs, notBeforeMs), ...watched, ...(quiet !== undefined && { quiet: { ...quiet, isPassed: true } }) }
  const { batchMs, batchMax } = delivery
  const isBatched = severity === 'info' && batchMs > 0
  const collected = ask.isAsked ? undefined : collectedUntil(ask, isBatched ? nowMs + batchMs : undefined)
  const dueMs = Math.max(quiet?.untilMs ?? nowMs, collected?.untilMs ?? nowMs, notBeforeMs)
  return {
    dueMs,
    ...(dueMs === notBeforeMs && watched),
    ...(quiet !== undefined && { quiet: { ...quiet, isPassed: false } }),
    ...(collected !== undefined && { collect: { as: collected.as, batchMax: collected.as === 'news' ? batchMax : digestMax } }),
  }
}

/** A digest has its own time; a group waits for its own, and not for other news that only informs. */
function collectedUntil({ digest, groupWaitMs, timezone, nowMs }: TimingAsk, newsMs: number | undefined): { readonly as: Collect['as']; readonly untilMs: number } | undefined {
  if (digest !== undefined) return { as: 'digest', untilMs: nextDigestMs(digest, timezone, nowMs) }
  if (groupWaitMs !== undefined) return { as: 'group', untilMs: nowMs + groupWaitMs }
  return newsMs === undefined ? undefined : { as: 'news', untilMs: newsMs }
}
