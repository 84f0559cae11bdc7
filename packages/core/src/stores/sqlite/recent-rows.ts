/** Characters of all rows that one memory holds, and of each row besides what its texts have: its numbers and its place. */
const charsMax = 4_000_000
const charsOfRow = 200

/**
 * Rows that this process read or wrote last, because most are asked for again a moment later. What is held is what is on record, as of
 * the transaction that runs: whoever writes to a row puts it here or forgets it, a rollback and the commit of another process forget
 * all. The rest is on disk: at most four million characters are held, those of the least recently used rows go first.
 */
export class RecentRows<Row> {
  readonly #charsOf: (row: Row) => number
  /** Rows of which one was asked for since the last turn, and those that were not; where the first half is full, the second goes. */
  #young = new Map<string, Row>()
  #old = new Map<string, Row>()
  #youngChars = 0

  /** @param charsOf how long the texts of a row are, about */
  constructor(charsOf: (row: Row) => number) {
    this.#charsOf = charsOf
  }

  get(key: string): Row | undefined {
    const row = this.#young.get(key)
    if (row !== undefined) return row
    const kept = this.#old.get(key)
    if (kept !== undefined) this.put(key, kept)
    return kept
  }

  put(key: string, row: Row): void {
    const before = this.#young.get(key)
    if (before !== undefined) this.#youngChars -= this.#weightOf(key, before)
    const weight = this.#weightOf(key, row)
    if (this.#youngChars + weight > charsMax / 2) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngChars = 0
    }
    this.#youngChars += weight
    this.#young.set(key, row)
  }

  forget(key: string): void {
    const before = this.#young.get(key)
    if (before !== undefined) this.#youngChars -= this.#weightOf(key, before)
    this.#young.delete(key)
    this.#old.delete(key)
  }

  forgetAll(): void {
    this.#young.clear()
    this.#old.clear()
    this.#youngChars = 0
  }

  #weightOf(key: string, row: Row): number {
    return key.length + this.#charsOf(row) + charsOfRow
  }
}
