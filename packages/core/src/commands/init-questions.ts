import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

/** One question at a time; an empty answer, and the end of the input, is the default. */
export interface Questions {
  /** Asks until the answer is one of `choices`, given by its number or itself. */
  choose<Choice extends string>(question: string, choices: readonly { readonly value: Choice; readonly label: string }[]): Promise<Choice>
  /** @returns nothing where it was left empty */
  ask(question: string): Promise<string | undefined>
  close(): void
}

/** Asks on a terminal, or reads answers from a pipe, one a line. */
export function openQuestions(input: Readable, output: Writable): Questions {
  const lines = createInterface({ input })
  // The iterator keeps lines that come before they are asked for.
  const answers = lines[Symbol.asyncIterator]()
  const ask = async (question: string): Promise<string | undefined> => {
    output.write(`${question}: `)
    const { value, done } = await answers.next()
    const answer = done === true ? '' : value.trim()
    return answer === '' ? undefined : answer
  }
  return {
    ask,
    async choose(question, choices) {
      const [first] = choices
      if (first === undefined) throw new RangeError('expected at least one choice')
      output.write(`${question}\n${choices.map(({ label }, index) => `  ${index + 1} ${label}\n`).join('')}`)
      for (;;) {
        const answer = await ask(`1-${choices.length} [1]`)
        const chosen = answer === undefined ? first : choices.find(({ value }, index) => value === answer || String(index + 1) === answer)
        if (chosen !== undefined) return chosen.value
      }
    },
    close: () => lines.close(),
  }
}
