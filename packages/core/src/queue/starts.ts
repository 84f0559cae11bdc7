import type { OpenChannel } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import type { ClaimedDelivery } from '../model/delivery.ts'

/** So many messages are rendered before anything else of this process has its turn: about a millisecond's work. */
const atOnce = 32
/**
 * While so many are still to be started, or fewer, what came back may be settled and more be claimed: the database works on that meanwhile. Few: what is claimed
 * and waits here is passed over by the claims of every other process, and the more comes back together, the more is settled and claimed in one transaction.
 */
const laterMax = 100

/** What was claimed and is not started yet; bounded by what channels send at one time. */
export class Starts {
  readonly #clock: Clock
  readonly #start: (claimed: ClaimedDelivery, open: OpenChannel) => void
  readonly #waiting: (readonly [ClaimedDelivery, OpenChannel])[] = []
  #isStarting = false
  #onFew: (() => void) | undefined

  /** @param start never throws */
  constructor(clock: Clock, start: (claimed: ClaimedDelivery, open: OpenChannel) => void) {
    this.#clock = clock
    this.#start = start
  }

  /** Starts them one after the other, the first at once; resolves when few are left to be started. One call at a time. */
  async take(claimed: readonly (readonly [ClaimedDelivery, OpenChannel])[]): Promise<void> {
    this.#waiting.push(...claimed)
    if (!this.#isStarting) this.#some()
    if (this.#waiting.length > laterMax) await new Promise<void>((resolve) => (this.#onFew = resolve))
  }

  #some(): void {
    for (const one of this.#waiting.splice(0, atOnce)) this.#start(...one)
    this.#isStarting = this.#waiting.length > 0
    if (this.#isStarting) this.#clock.after(0, () => this.#some())
    if (this.#waiting.length > laterMax) return
    this.#onFew?.()
    this.#onFew = undefined
  }
}
