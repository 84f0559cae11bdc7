/**
 * An expression that the engine compiles once. On its own V8 compiles each twice, into a slow form when it is first asked and into a fast one when it is asked
 * again, and the slow form costs the more of the two; about a text of 1,000 characters it asks the fast form at once. So that is what each is asked about first.
 */
export class Expression {
  readonly #pattern: RegExp
  #isNew = true

  constructor(pattern: RegExp | string, flags?: string) {
    this.#pattern = typeof pattern === 'string' ? new RegExp(pattern, flags) : pattern
  }

  /**
   * The first match of a global expression; `next` is each that follows. Not `matchAll`, which copies the expression for each text: on short texts that
   * costs more than the search, and so does an array with its iterator.
   */
  first(text: string): RegExpExecArray | null {
    return this.from(text, 0)
  }

  next(text: string): RegExpExecArray | null {
    return this.#pattern.exec(text)
  }

  /** The first match that begins at an index or, where the expression is not sticky, behind it. */
  from(text: string, index: number): RegExpExecArray | null {
    if (this.#isNew) this.#compile()
    this.#pattern.lastIndex = index
    return this.#pattern.exec(text)
  }

  /** Where the match of a sticky expression ends that begins at an index. */
  endAt(text: string, index: number): number | undefined {
    if (this.#isNew) this.#compile()
    this.#pattern.lastIndex = index
    return this.#pattern.test(text) ? this.#pattern.lastIndex : undefined
  }

  /** Of an expression that is neither global nor sticky. */
  test(text: string): boolean {
    if (this.#isNew) this.#compile()
    return this.#pattern.test(text)
  }

  #compile(): void {
    this.#isNew = false
    this.#pattern.test(longText)
  }
}

/** Of signs that nothing begins with which is searched for. */
const longText = ';'.repeat(1_000)
