import type { Clock } from '../model/clock.ts'
import { errorText } from '../model/error.ts'

/** What one round did. */
export interface Delivered {
  readonly settled: number
  readonly fired: number
  readonly claimed: number
  /** Deliveries that were ended or put off without being claimed. */
  readonly moved: number
}

/** What the driver drives: the second half of the pipeline. */
export interface Driven {
  deliver(which?: 'all' | 'critical' | 'none'): Promise<Delivered>
  nextDueMs(): Promise<number | undefined>
  readonly inFlight: number
  readonly unsettled: number
}

/** How often it looks for what another process left, milliseconds. */
const pollMs = 500
/** The same where others say at once what they leave, as PostgreSQL does: it looks for what could not be said, and each look of an idle project is a query. */
const hearingPollMs = 2_000
/** Least wait after a round that could do nothing although something was due, milliseconds: no process spins. */
const fruitlessWaitMs = 10
/** Wait after a failure of the store, milliseconds; doubled up to the most. */
const failureWaitMs = 50
const failureWaitMaxMs = 5_000

/**
 * Calls `deliver` whenever there is something to do: after a commit, after a send came back, when something is due, and
 * every half second (two where it hears of them) for what others left. One call at a time.
 */
export class Driver {
  readonly #driven: Driven
  readonly #clock: Clock
  readonly #notice: (text: string) => void
  readonly #pollMs: number
  #running: Promise<void> | undefined
  #again = false
  #stopped = true
  #failures = 0
  #cancelNext: (() => void) | undefined

  /** @param hears whether `wake` is called too when another process leaves something */
  constructor(driven: Driven, clock: Clock, notice: (text: string) => void, { hears }: { readonly hears: boolean }) {
    this.#driven = driven
    this.#clock = clock
    this.#notice = notice
    this.#pollMs = hears ? hearingPollMs : pollMs
  }

  start(): void {
    this.#stopped = false
    this.wake()
  }

  /** Something may have to be done now. Cheap, and may be called any number of times. */
  wake(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** No more claims. Resolves when the current round is over; sends under way go on. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelNext?.()
    await this.#running
  }

  /** Delivers what is due until nothing is or `untilMs` (monotonic) has come; `none`: one round of timers. The driver must be stopped. */
  async drain(which: 'all' | 'critical' | 'none', untilMs: number): Promise<void> {
    const clock = this.#clock
    while (clock.monotonicMs() < untilMs) {
      const { settled, claimed, fired, moved } = await this.#driven.deliver(which)
      // Where something was settled or moved there is room again for what the lane had no room for.
      if (settled + claimed + fired + moved === 0 && this.#driven.inFlight === 0) return
      if (which === 'none') return
      if (claimed === 0) await new Promise<void>((resolve) => clock.after(this.#driven.unsettled > 0 ? 0 : 5, resolve))
    }
    await this.settle(clock.monotonicMs())
  }

  /** Waits for what is under way until `untilMs` (monotonic), and puts on record what came back. The driver must be stopped. */
  async settle(untilMs: number): Promise<void> {
    const clock = this.#clock
    while (this.#driven.inFlight > this.#driven.unsettled && clock.monotonicMs() < untilMs) await new Promise<void>((resolve) => clock.after(5, resolve))
    if (this.#driven.unsettled > 0) await this.#driven.deliver('none')
  }

  async #run(): Promise<void> {
    this.#cancelNext?.()
    let waitMs = this.#pollMs
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        waitMs = await this.#round()
        this.#failures = 0
        // Channels that answer at once must not keep everything else in this process waiting.
        if (this.#again) await new Promise<void>((resolve) => this.#clock.after(0, resolve))
      } catch (failure) {
        waitMs = Math.min(failureWaitMaxMs, failureWaitMs * 2 ** this.#failures)
        this.#failures += 1
        if (this.#failures === 3) this.#notice(`deliveries wait: ${errorText(failure)}`)
        break
      }
    }
    if (!this.#stopped) this.#cancelNext = this.#clock.after(waitMs, () => this.wake())
  }

  /** One transaction if there is something to do; returns how long to sleep. */
  async #round(): Promise<number> {
    const driven = this.#driven
    // What came back is put on record whatever is due.
    const dueMs = driven.unsettled > 0 ? undefined : await driven.nextDueMs()
    if (driven.unsettled === 0 && (dueMs === undefined || dueMs > this.#clock.nowMs())) return this.#untilMs(dueMs)
    const { settled, claimed, fired, moved } = await driven.deliver()
    if (claimed + fired + moved > 0) this.#again = true
    if (claimed + fired + moved > 0) return 0
    const waitMs = this.#untilMs(await driven.nextDueMs())
    return settled > 0 ? waitMs : Math.max(fruitlessWaitMs, waitMs)
  }

  #untilMs(dueMs: number | undefined): number {
    return dueMs === undefined ? this.#pollMs : Math.min(this.#pollMs, Math.max(1, dueMs - this.#clock.nowMs()))
  }
}
