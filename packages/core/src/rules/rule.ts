import type { Finding } from '../model/alert.ts'
import type { MessageParams } from '../model/message.ts'
import type { RuleKey } from '../model/rule-state.ts'
import type { Timer, Transaction } from '../model/store.ts'
import type { Event } from '../model/event.ts'
import type { SessionChange } from '../model/session.ts'
import type { SpendingSeen } from './budgets/seen.ts'
import type { BookedChange } from './session-book.ts'
import type { EventView } from './view.ts'
import type { WalkChange } from './walk/extend.ts'

/** What a rule is handed besides the event: computed once for all rules. */
export interface RuleContext {
  readonly nowMs: number
  readonly view: EventView
}

/**
 * A rule looks at one kind of thing. `events`: at each event of its types. `sessions`: at what a batch did to a
 * session, so that two sources that report the same end are told once. `batches`: at all events of its types in a batch
 * together, with the store and with timers: whatever counts over time. `budgets`: at how the money of a budget goes, when some was spent.
 */
export type Rule = EventRule | SessionRule | BatchRule | BudgetRule

export interface EventRule {
  readonly name: string
  readonly looksAt: 'events'
  /** Event types; a type ending in `.*` stands for all that begin so. */
  readonly on: readonly string[]
  /** Throws where its condition cannot be evaluated; the detector reports that once and goes on. */
  find(event: Event, context: RuleContext): Finding | undefined
}

export interface SessionRule {
  readonly name: string
  readonly looksAt: 'sessions'
  find(change: SessionChange, context: SessionContext): Finding | undefined
}

/** Looks at each budget, and each of its groups, that a batch spent from, once the sums are up to date. */
export interface BudgetRule {
  readonly name: string
  readonly looksAt: 'budgets'
  /** Looks at the spending of the whole project too, whether or not there are budgets: with an empty name and no amount. */
  readonly watchesProject?: true
  look(seen: SpendingSeen, nowMs: number): BudgetNews | undefined
}

export interface BudgetNews {
  readonly finding: Finding
  /** Only the first is told: of this rule, in this period and epoch of the budget. */
  readonly isOncePerPeriod?: true
}

/** A finding and the project it belongs to. */
export interface ProjectFinding extends Finding {
  readonly project: string
  /** Of one that is open: told once more, unless somebody has acknowledged it. */
  readonly isAgain?: true
}

/** What a rule says: alerts that fire, and alerts of its own that are over. What is over is told before what fires. */
export interface RuleNews {
  readonly findings: readonly ProjectFinding[]
  /** Keys of alerts that end `known` and are over; one that is not open is passed over. */
  readonly over: readonly Over[]
}

/** An alert of a rule that is over. */
export interface Over extends RuleKey {
  /** What is said of its end. Absent: what was said while it lasted. */
  readonly params?: MessageParams
}

export interface BatchRule {
  readonly name: string
  readonly looksAt: 'batches'
  /** Event types, as of an event rule. */
  readonly on: readonly string[]
  /** For one batch. */
  book(nowMs: number): RuleBook
  /** Called when a process begins, once: what is to be watched although nothing has come yet. */
  begin?(tx: Transaction, project: string, nowMs: number): Promise<void>
  /** Timers that this rule put (`ruleTimer`) are due; they are taken away already. Keys as they were put. */
  due?(tx: Transaction, timers: readonly DueRuleTimer[], nowMs: number): Promise<RuleNews>
  /** Of what it keeps of a key, what is still true after a time in which it was switched off. Absent, or nothing: it begins anew. */
  atRest?(value: string): string | undefined
}

export interface RuleBook {
  /** Throws where its condition cannot be evaluated; the detector reports that once and goes on with the next event. */
  add(event: Event, view: EventView): void
  /**
   * In the batch's transaction, after all of its events were added and sessions were brought up to date. Keys are asked for in sorted order.
   *
   * @param sessions what the batch did to them
   */
  apply(tx: Transaction, sessions: readonly BookedChange[]): Promise<RuleNews>
}

export interface DueRuleTimer {
  readonly project: string
  readonly key: string
}

/** Kind of the timers of batch rules. */
export const ruleTimerKind = 'rule'

/** A timer by which a batch rule is woken. One waits for each key: putting it again moves it. */
export function ruleTimer({ project, rule, key }: RuleKey, dueMs: number): Timer {
  return { project, kind: ruleTimerKind, key: `${rule}|${key}`, dueMs }
}

/** To which rule a timer belongs; names of rules have no `|`. */
export function ofRuleTimer({ project, key }: Pick<Timer, 'project' | 'key'>): RuleKey {
  const bar = key.indexOf('|')
  return { project, rule: key.slice(0, bar), key: key.slice(bar + 1) }
}

export interface SessionContext {
  readonly nowMs: number
  /** The event of this batch that started the session, for what it says about configuration and environment. */
  readonly startEvent?: Event
  /** Tags of the last event of the session in this batch. */
  readonly tags?: Readonly<Record<string, string>>
  /** Where the batch changed what is kept of the session's steps. */
  readonly walk?: WalkChange
}

/** Alerts that end by themselves do so after ten minutes without another finding, unless the rule says otherwise. */
export const quietMs = 600_000
