import type { Finding } from '../model/alert.ts'
import type { Event } from '../model/event.ts'
import type { SessionChange } from '../model/session.ts'
import type { EventView } from './view.ts'

/** What a rule is handed besides the event: computed once for all rules. */
export interface RuleContext {
  readonly nowMs: number
  readonly view: EventView
}

/**
 * A rule looks at one kind of thing. `events`: at each event of its types. `sessions`: at what a batch did to a
 * session, so that two sources that report the same end are told once.
 */
export type Rule = EventRule | SessionRule

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

export interface SessionContext {
  readonly nowMs: number
  /** The event of this batch that started the session, for what it says about configuration and environment. */
  readonly startEvent?: Event
  /** Tags of the last event of the session in this batch. */
  readonly tags?: Readonly<Record<string, string>>
}

/** Alerts that end by themselves do so after ten minutes without another finding, unless the rule says otherwise. */
export const quietMs = 600_000
