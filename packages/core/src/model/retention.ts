/** What is deleted when it is old, in this order: what names another goes before it. */
export const forgettable = ['events', 'prints', 'sessions', 'rules', 'inbox', 'deliveries', 'alerts', 'spend', 'crossings', 'silences', 'hushes', 'expected', 'paces'] as const
export type Forgettable = (typeof forgettable)[number]

/** A step of forgetting. What is open stays whatever its age; `docs/concepts.md` says what is. */
export interface ForgetQuery {
  /** `inbox` belongs to all projects. */
  readonly project: string
  readonly what: Forgettable
  /** Where the step before stopped; empty: from the beginning. */
  readonly after: string
  /** Events and the prints of calls; how sessions ended and failed; what an agent said in alerts that are over, and their evidence. */
  readonly contentBeforeMs: number
  /** Deliveries that are done, the inbox, and what alerts say that are over. */
  readonly bodiesBeforeMs: number
  /** Silences that are over, and what was hushed or expected; decisions with their alerts; sessions; what rules keep of what they heard nothing more of; sums and crossings of closed periods. */
  readonly decisionsBeforeMs: number
  /** When groups may be told again whose last message is long ago; those of all projects. */
  readonly pacesBeforeMs: number
  /** About so many rows are deleted at once. */
  readonly limit: number
}

export interface Forgotten {
  /** Deleted or cut. */
  readonly rows: number
  /** Where to go on; absent: there is nothing more. */
  readonly goOn?: string
}
