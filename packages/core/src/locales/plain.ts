import type { Phrase, Values } from './phrase.ts'

const name = /\{(\w+)\}/g

/**
 * Says phrases of plain parameters without the library for the others, which takes longer to load than an agent wants to
 * wait for one sentence. A phrase that counts or chooses is not said here: nothing comes back.
 */
export function sayPlain(phrase: Phrase, values: Values): string | undefined {
  for (const text of typeof phrase === 'string' ? [phrase] : phrase) {
    if (/\{\w+,/.test(text)) continue
    const names = [...text.matchAll(name)].map(([, found = '']) => found)
    if (names.every((one) => values(one) !== undefined)) return text.replaceAll(name, (_whole, one: string) => String(values(one)))
  }
  return undefined
}
