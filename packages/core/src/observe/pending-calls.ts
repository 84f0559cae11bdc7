import type { Clock } from '../model/clock.ts'

/** A call that is under way. */
export interface PendingCall {
  /** When it began, by the monotonic clock. */
  readonly startedMs: number
  /** Something has come back already: it is slow, but it does not hang. */
  readonly isAnswering: boolean
  /** Tells that it has not come back for so long. Throws nothing. */
  tellPending(sinceMs: number): void
}

/** First told after so long, then each time after twice as long, milliseconds. */
const firstTellMs = 30_000
const lookEveryMs = 10_000
/** Calls beyond these are not watched for hanging; they are recorded all the same when they come back. */
const callsMax = 10_000

/**
 * The calls under way, looked at every ten seconds while there are any: one timer for all of them, because this runs on the
 * agent's thread. A call that comes back in time costs an entry in a map and its removal.
 */
export class PendingCalls {
  readonly #clock: Clock
  /** When each is told next, by the monotonic clock. */
  readonly #calls = new Map<PendingCall, number>()
  #isLooking = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(call: PendingCall): void {
    if (this.#calls.size >= callsMax) return
    this.#calls.set(call, call.startedMs + firstTellMs)
    if (!this.#isLooking) this.#lookLater()
  }

  remove(call: PendingCall): void {
    this.#calls.delete(call)
  }

  #lookLater(): void {
    this.#isLooking = true
    this.#clock.after(lookEveryMs, () => this.#look())
  }

  #look(): void {
    this.#isLooking = false
    const nowMs = this.#clock.monotonicMs()
    for (const [call, tellMs] of this.#calls) {
      if (call.isAnswering) this.#calls.delete(call)
      else if (nowMs >= tellMs) {
        const sinceMs = nowMs - call.startedMs
        this.#calls.set(call, call.startedMs + 2 * Math.max(sinceMs, firstTellMs))
        call.tellPending(sinceMs)
      }
    }
    if (this.#calls.size > 0) this.#lookLater()
  }
}
