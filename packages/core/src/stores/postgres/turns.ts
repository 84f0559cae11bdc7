import { TocsinError } from '../../model/error.ts'

/** Transactions of this process that may wait for their turn; the next is refused as busy. */
const waitingMax = 10_000

/**
 * Who may go next in this process: of one project one after the other, in the order in which they asked; of different projects at the same
 * time, as many as there are places; one that belongs to no project when everything before it is done, and everything after it waits.
 */
export class Turns {
  readonly #lastOf = new Map<string, Promise<void>>()
  #lastOfAll: Promise<void> = Promise.resolve()
  #waiting = 0
  #free: number
  readonly #forPlace: (() => void)[] = []
  #closed = false

  constructor(places: number) {
    this.#free = places
  }

  take<T>(project: string | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new TocsinError('store-failed', 'The store was closed; open it again to use it.'))
    if (this.#waiting >= waitingMax) {
      return Promise.reject(new TocsinError('store-busy', `More than ${waitingMax} transactions wait for the database. Try again when it has caught up.`))
    }
    this.#waiting += 1
    const before = project === undefined ? this.#everyone() : (this.#lastOf.get(project) ?? this.#lastOfAll)
    const result = before.then(() => this.#inPlace(work)).finally(() => {
      this.#waiting -= 1
    })
    // Only the order: whoever asked for it hears of its failure.
    const settled = result.then(nothing, nothing)
    if (project === undefined) {
      this.#lastOf.clear()
      this.#lastOfAll = settled
    } else {
      this.#lastOf.set(project, settled)
      void settled.then(() => {
        if (this.#lastOf.get(project) === settled) this.#lastOf.delete(project)
      })
    }
    return result
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#everyone()
  }

  async #everyone(): Promise<void> {
    await Promise.all([this.#lastOfAll, ...this.#lastOf.values()])
  }

  async #inPlace<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#forPlace.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#forPlace.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}

function nothing(): void {}
