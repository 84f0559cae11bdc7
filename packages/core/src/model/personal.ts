import type { Decision } from './decision.ts'
import type { DeliveryRecord, InboxMessage, StoredEvent } from './reader.ts'
import type { Session } from './session.ts'

/** Whom what is kept is about. */
export type Subject =
  /** Somebody who is told: by their name in the configuration, and where they are reached. */
  | { readonly kind: 'person'; readonly person: string; readonly addresses: readonly string[] }
  /** Somebody for whom an agent works: `user` of events and sessions. */
  | { readonly kind: 'user'; readonly user: string }

/** One thing that is kept about somebody. */
export type PersonalRecord =
  | { readonly kind: 'delivery'; readonly value: DeliveryRecord }
  | { readonly kind: 'message'; readonly value: InboxMessage }
  | { readonly kind: 'decision'; readonly value: Pick<Decision, 'alert' | 'person' | 'channel' | 'reason' | 'atMs' | 'count'> }
  | { readonly kind: 'action'; readonly value: { readonly alert: number; readonly action: string; readonly by: string; readonly atMs: number } }
  | { readonly kind: 'opt-out'; readonly value: { readonly channelType: string; readonly address: string; readonly sinceMs: number } }
  | { readonly kind: 'bad-address'; readonly value: { readonly channel: string; readonly address: string; readonly code: string; readonly sinceMs: number } }
  | { readonly kind: 'session'; readonly value: Session }
  | { readonly kind: 'event'; readonly value: StoredEvent }

export interface PersonalAsk {
  readonly project: string
  readonly of: Subject
  /** `next` of the page before; absent: from the beginning. */
  readonly after?: string
  /** Rows that are looked at for a page, 1 to 1,000. */
  readonly limit: number
}

/** A page may be empty though others follow: each is quick, and what is looked for has no index. */
export interface PersonalPage {
  readonly items: readonly PersonalRecord[]
  readonly next?: string
}

/** What is kept about somebody. */
export interface PersonalReads {
  /** Names of all projects that anything was ever kept of, in order; at most 10,000. */
  projects(): Promise<readonly string[]>
  personal(ask: PersonalAsk): Promise<PersonalPage>
}

export interface EraseQuery {
  readonly project: string
  readonly of: Subject
  /** Stands in the place of their name from then on; it must tell nobody who it was. */
  readonly as: string
  /** `goOn` of the step before; absent: from the beginning. */
  readonly after?: string
  /** Rows of a step, at most about so many. */
  readonly limit: number
  readonly nowMs: number
}

export interface Erased {
  /** Rows that were deleted or changed. */
  readonly rows: number
  /** Where to go on; absent: nothing is left. */
  readonly goOn?: string
}

/**
 * Erasing, one bounded step a transaction; what was cut short is begun anew and finds what is left.
 *
 * Of a person: what waits to be sent to them ends as `erased`, addresses and letters go, and decisions, deliveries and what they did keep `as`.
 * Of an agent's user: their name, and whatever was said in their sessions, goes out of events, sessions and alerts; that something
 * happened stays, so that what is sent again is known and sums hold.
 */
export interface PersonalWrites {
  erase(query: EraseQuery): Promise<Erased>
}
