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
  readonly endedAtMs?: number
  readonly endReason?: string
  readonly calls: number
  readonly errors: number
  readonly costNanoUsd: number
  readonly unpriced: number
  readonly firstFailure?: SessionFailure
}
