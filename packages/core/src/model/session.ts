import type { EndState, EventType } from './event.ts'

/** The first call of a session that failed. */
export interface SessionFailure {
  readonly eventId: string
  readonly atMs: number
  /** How many calls the session had made up to and with this one, as far as known; in a delta: those of the batch, the store adds the earlier ones. */
  readonly step: number
  readonly type: EventType
  /** Model or tool. */
  readonly name: string
  readonly provider?: string
  readonly class: string
  readonly statusCode?: number
  readonly message: string
}

export type SessionState = 'running' | EndState

export interface Session {
  readonly project: string
  readonly sessionId: string
  readonly state: SessionState
  readonly name?: string
  readonly agent?: string
  readonly user?: string
  readonly environment?: string
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly startedAtMs?: number
  /** Absent while it runs, and where it fell silent: `indeterminate`, and nobody knows when it ended. */
  readonly endedAtMs?: number
  readonly endReason?: string
  readonly calls: number
  readonly errors: number
  readonly costNanoUsd: number
  readonly unpriced: number
  readonly firstFailure?: SessionFailure
  /** What rules keep of its steps (`rules/walk.ts`), in their own form; at most 4,000 characters. */
  readonly walk?: string
}

/** What one batch of events adds to a session. */
export interface SessionDelta {
  readonly project: string
  readonly sessionId: string
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly calls: number
  readonly errors: number
  readonly costNanoUsd: number
  /** Model calls whose price is not known. */
  readonly unpriced: number
  readonly agent?: string
  readonly user?: string
  readonly environment?: string
  readonly name?: string
  /** Present when the batch holds the session's start. */
  readonly startedAtMs?: number
  /** Present when the batch holds the session's end. */
  readonly end?: { readonly atMs: number; readonly state: EndState; readonly reason?: string }
  /** The earliest failing call of the batch, kept if it is the earliest of the session. */
  readonly firstFailure?: SessionFailure
}

/** A session before (absent: new) and after a batch. */
export interface SessionChange {
  readonly before?: Session
  readonly after: Session
}
