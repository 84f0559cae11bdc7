import type { Clock } from '../model/clock.ts'

/** Attempts that begin so close together share a timer, which is that of the first: the others end so much sooner, milliseconds. */
const togetherMs = 5

interface Together {
  readonly sinceMs: number
  /** Bounded by what channels send at one time. */
  readonly waiting: Set<() => void>
  readonly cancel: () => void
}

/** The ends of the time that attempts have. A timer for each would be a tenth of what a quick attempt costs, and many begin at once. */
export class Deadlines {
  /** Time for one attempt, milliseconds. */
  readonly afterMs: number
  readonly #clock: Clock
  #newest: Together | undefined

  constructor(clock: Clock, afterMs: number) {
    this.#clock = clock
    this.afterMs = afterMs
  }

  /**
   * Calls `onOver` when the time is over, unless what is returned is called before.
   *
   * @param sinceMs when the attempt began, by the clock's monotonic time
   */
  begin(sinceMs: number, onOver: () => void): () => void {
    const together = this.#newest !== undefined && sinceMs - this.#newest.sinceMs <= togetherMs ? this.#newest : this.#open(sinceMs)
    together.waiting.add(onOver)
    return () => this.#end(together, onOver)
  }

  #open(sinceMs: number): Together {
    const waiting = new Set<() => void>()
    const cancel = this.#clock.after(this.afterMs, () => {
      this.#close(together)
      for (const onOver of waiting) onOver()
    })
    const together: Together = { sinceMs, waiting, cancel }
    this.#newest = together
    return together
  }

  #end(together: Together, onOver: () => void): void {
    if (!together.waiting.delete(onOver) || together.waiting.size > 0) return
    together.cancel()
    this.#close(together)
  }

  /** Nobody joins it any more. */
  #close(together: Together): void {
    if (this.#newest === together) this.#newest = undefined
  }
}
