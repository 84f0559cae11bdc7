import type { CostSource } from './event.ts'

/** A model call as another source would also describe it. */
export interface CallPrint {
  readonly project: string
  readonly eventId: string
  readonly source: string
  /** Hash of provider, response id, model and tokens: 12 hexadecimal digits. */
  readonly print: string
  readonly startMs: number
  readonly endMs: number
}

/** The event that reported a call first. */
export interface SameCall {
  readonly eventId: string
  /** Present where it is on record and names no session: what it was counted with. */
  readonly withoutSession?: { readonly atMs: number; readonly costNanoUsd?: number; readonly costSource?: CostSource }
}

/** The session of an event that came without one. */
export interface Attribution {
  readonly project: string
  readonly atMs: number
  readonly eventId: string
  readonly sessionId: string
}
