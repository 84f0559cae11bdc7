import type { SessionState } from './session.ts'

/** A name, and what stands beside it. */
interface SpendOf {
  readonly name: string
  readonly nanoUsd: number
  readonly calls: number
  /** Calls whose price is not known: not in the sum. */
  readonly unpriced: number
}

/** The most, and everything else in one. */
export interface Ranked {
  readonly top: readonly SpendOf[]
  readonly rest?: SpendOf & { readonly names: number }
}

/** How far a budget was used when the report was closed. */
export interface BudgetUse {
  readonly name: string
  readonly period: 'hour' | 'day' | 'week' | 'month'
  readonly spentNanoUsd: number
  readonly amountNanoUsd: number
  /** Of a budget with groups, how many there are: `spentNanoUsd` is then that of the highest. */
  readonly groups?: number
}

export interface FailureCause {
  readonly class: string
  /** Model, tool or step. */
  readonly name: string
  readonly provider: string
  readonly count: number
}

/**
 * What can be done about a rule that is told often: each names a setting.
 *
 * count, after, aboveUsd, share, above  raise that setting of the rule
 * quiet     its alerts end and fire again: a longer `quiet`
 * groupBy   one group makes most of it: told together by the route
 * digest    nobody has to act at once: collected by the route
 * off       everything of it only informs: switched off
 */
export interface Suggestion {
  readonly kind: 'count' | 'after' | 'aboveUsd' | 'share' | 'above' | 'quiet' | 'groupBy' | 'digest' | 'off'
  /** As it is written in the configuration, such as `rules.tool-failing.count`. */
  readonly setting: string
  /** What it is now, where it is one number; durations in milliseconds. */
  readonly now?: number
}

export interface NoisyRule {
  readonly rule: string
  /** Alerts that it opened. */
  readonly alerts: number
  /** Messages that told of it. */
  readonly messages: number
  /** What most of the alerts were about, where it is one thing. */
  readonly mostly?: { readonly key: string; readonly alerts: number }
  readonly suggestion?: Suggestion
}

/** Of one reader, or of everybody: messages that were sent, and why others were not, by the first word of the reason. */
export interface ToldCounts {
  readonly sent: number
  readonly held: number
  readonly merged: number
  readonly limited: number
  readonly silenced: number
  readonly refused: number
  readonly failed: number
}

export interface ChannelTrouble {
  readonly channel: string
  readonly state: 'paused' | 'failing' | 'failed'
  readonly sinceMs?: number
  /** Messages that it did not deliver. */
  readonly messages?: number
}

/**
 * What one person is told of a day or a week: the numbers as they were when it was made, and only those that this person's role may see.
 * Text and HTML are made of it in the reader's language.
 */
export interface Report {
  readonly every: 'day' | 'week'
  readonly fromMs: number
  readonly untilMs: number
  /** What happened before was forgotten already and is not counted; absent: everything is. */
  readonly countedSinceMs?: number
  /** Absent: not for this role. */
  readonly spend?: {
    readonly nanoUsd: number
    readonly calls: number
    readonly unpriced: number
    /** Of the period before; absent: what happened then is not kept any more. */
    readonly beforeNanoUsd?: number
    readonly agents: Ranked
    readonly models: Ranked
    readonly budgets: readonly BudgetUse[]
  }
  readonly sessions?: Readonly<Record<SessionState, number>>
  readonly failures?: {
    readonly count: number
    readonly top: readonly FailureCause[]
    /** Failures of other causes than those listed. */
    readonly rest: number
    /** The call that failed first in most of the sessions that failed. */
    readonly first?: FailureCause
  }
  readonly told: ToldCounts
  /** It is for nobody in particular: `told` is of everybody. */
  readonly isForAll?: true
  /** Of everybody, for those who look after the product. */
  readonly toldAll?: ToldCounts
  readonly rules: readonly NoisyRule[]
  readonly channels?: readonly ChannelTrouble[]
  /** Nothing happened: said in one line with what watches. */
  readonly isQuiet: boolean
  readonly watching: { readonly rules: number; readonly budgets: number; readonly channels: number }
}
