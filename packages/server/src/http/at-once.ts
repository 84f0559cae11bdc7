import { Problem } from './problem.ts'

/** So many of something run at a time; the next is refused, and may come again. Nothing queues. */
export class AtOnce {
  readonly #most: number
  readonly #what: string
  #running = 0

  /** @param what in the plural, for the sentence of the refusal */
  constructor(most: number, what: string) {
    this.#most = most
    this.#what = what
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) throw new Problem(429, 'too-many', `At most ${this.#most} ${this.#what} run at a time. Try again when one of them is done.`, { retryAfterSeconds: retrySeconds })
    this.#running += 1
    try {
      return await work()
    } finally {
      this.#running -= 1
    }
  }
}

const retrySeconds = 5
