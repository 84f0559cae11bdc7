import type { Cause } from './cause.ts'
import type { Announcement } from './event.ts'
import type { MessageId, MessageParams } from './message.ts'
import type { Report } from './report.ts'
import type { Severity } from './severity.ts'

export const alertKinds = ['session', 'model', 'tool', 'cost', 'system'] as const
export type AlertKind = (typeof alertKinds)[number]

/**
 * firing        opened; more of the same is counted in, and told no second time
 * acknowledged  a person has taken it; still counted in
 * resolved      over: by itself after a quiet time, or at once for news that asks nothing of anybody
 */
export type AlertState = 'firing' | 'acknowledged' | 'resolved'

/**
 * What a rule found in one event. One alert is open per (project, rule, key); a finding opens it or is counted in.
 */
export interface Finding {
  /** Name of the rule; at most 200 characters. */
  readonly rule: string
  /** What the alert is about, such as a session id or `agent|model`. */
  readonly key: string
  readonly kind: AlertKind
  readonly severity: Severity
  readonly message: MessageId
  readonly params: MessageParams
  /**
   * How the alert ends. `at-once`: news, resolved as it opens, so each finding needs a key of its own.
   * `quiet`: when nothing was counted in for `quietMs`. `told`: like quiet, but its end is not told.
   * `known`: when its rule says so (`RuleNews.over`), and its end is told; `quietMs` is 0.
   */
  readonly ends: 'at-once' | 'quiet' | 'told' | 'known'
  /** For `quiet` and `told`, milliseconds. */
  readonly quietMs: number
  /** Number, times and ids that show why, for `tocsin explain`. */
  readonly evidence: Readonly<Record<string, string | number>>
  readonly sessionId?: string
  readonly agent?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly environment?: string
  /** Set where somebody asked for this message by hand. */
  readonly announcement?: Announcement
  /** Of a report: its numbers, for the one person it is made for. */
  readonly report?: Report
  /** The channel this alert is about: it is never used to tell it. */
  readonly aboutChannel?: string
  /** The failed call behind it, where others may fail of the same: while their outage is open it is part of that. */
  readonly cause?: Cause
  /** Alerts of one rule with the same pattern say the same of different things: one line in a collection. Absent: the message and rule alone decide. At most 300 characters. */
  readonly pattern?: string
  /** An account that goes on: what is counted in brings the newer words and numbers, and not only what is told anew. Not kept. */
  readonly renews?: true
}

/** A finding on record. */
export interface Alert extends Finding {
  readonly id: number
  readonly project: string
  readonly state: AlertState
  /** How many findings are in it. */
  readonly count: number
  readonly openedAtMs: number
  readonly updatedAtMs: number
  readonly resolvedAtMs?: number
  /** Who acknowledged it. */
  readonly taken?: { readonly by: string; readonly atMs: number }
  /** How often it fired again after it had ended; absent: never. */
  readonly cycles?: number
  /** The alert that is its cause: it is told and ends with that one. */
  readonly parent?: number
}

/** What is kept of a finding. Most hold nothing that is not: to leave out a field that is not there costs ten times what looking for it does. */
export function keptOf<Found extends Finding>(finding: Found): Omit<Found, 'renews'> {
  if (finding.renews === undefined) return finding
  const { renews: _notKept, ...kept } = finding
  return kept
}

/** Whether the end of an alert is news to those who heard that it fires. */
export function tellsEnd({ ends }: Pick<Finding, 'ends'>): boolean {
  return ends === 'quiet' || ends === 'known'
}

/** Whether a person has it: nobody else needs to be told. News is over as it opens, and stays so when it is acknowledged. */
export function isTaken({ state, ends, taken }: Pick<Alert, 'state' | 'ends' | 'taken'>): boolean {
  return state === 'acknowledged' || (ends === 'at-once' && taken !== undefined)
}

/** How people and commands name an alert: `alt_51`. */
export function alertName(id: number): string {
  return `alt_${id}`
}

/**
 * What findings did to an alert: only `opened`, `reopened` and `raised` (its severity rose) are told anew;
 * `counted` is merged into what was told, `resolved` is told to those who were told. `joined`: one that was open became part of another.
 */
export interface AlertChange {
  readonly alert: Alert
  readonly change: 'opened' | 'reopened' | 'raised' | 'counted' | 'resolved' | 'joined'
  /** The alert of which it is part now: told in its place. */
  readonly under?: Alert
  /** Of one that was reopened or raised: it is more severe than it was. */
  readonly isWorse?: true
  /** Of one that a person ended: who, and knows. */
  readonly by?: string
}
