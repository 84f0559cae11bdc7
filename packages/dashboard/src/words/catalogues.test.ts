import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, test } from 'vitest'
import { loadCatalogue, locales, type Catalogue } from './catalogues'

interface Part {
  readonly type: number
  readonly value?: unknown
  readonly options?: Readonly<Record<string, { readonly value: readonly Part[] }>>
  readonly children?: readonly Part[]
}

/** What a sentence is filled with, by name, in all of its choices. */
function parametersOf(parts: readonly Part[]): readonly string[] {
  return parts.flatMap(({ type, value, options = {}, children = [] }) => [
    // In intl-messageformat: 0 is text, 7 the "#" of a plural.
    ...(type === 0 || type === 7 ? [] : [String(value)]),
    ...Object.values(options).flatMap((option) => parametersOf(option.value)),
    ...parametersOf(children),
  ])
}

const namesOf = (catalogue: Catalogue, word: keyof Catalogue, locale: string): readonly string[] => {
  // Reason for the cast: the shape that its parser documents.
  const parts = new IntlMessageFormat(catalogue[word], locale, undefined, { ignoreTag: true }).getAst() as unknown as readonly Part[]
  return [...new Set(parametersOf(parts))].sort()
}

describe.each(locales.filter((locale) => locale !== 'en'))('the words in %s', (locale) => {
  test('are those that English has, and each can be read', async () => {
    const [english, other] = await Promise.all([loadCatalogue('en'), loadCatalogue(locale)])
    expect(Object.keys(other).sort()).toEqual(Object.keys(english).sort())
    const empty = Object.entries(other).filter(([, text]) => text.trim() === '')
    expect(empty).toEqual([])
  })

  test('are filled with the same', async () => {
    const [english, other] = await Promise.all([loadCatalogue('en'), loadCatalogue(locale)])
    // Reason for the cast: they are its keys.
    const words = Object.keys(english) as (keyof Catalogue)[]
    const odd = words.flatMap((word) => {
      const [own, theirs] = [namesOf(english, word, 'en'), namesOf(other, word, locale)]
      return JSON.stringify(own) === JSON.stringify(theirs) ? [] : [`${word}: ${own.join(' ')} / ${theirs.join(' ')}`]
    })
    expect(odd).toEqual([])
  })
})

test('Chinese is set as Chinese: full-width marks between its letters, a space around Latin words', async () => {
  const words = await loadCatalogue('zh-CN')
  const odd = Object.entries(words).flatMap(([word, text]) => {
    const plain = text.replaceAll(/\{[^{}]*\}/g, '').replaceAll(/`[^`]*`/g, '')
    // What is quoted may be what is typed.
    if (/[\u4E00-\u9FFF][,;:?!](?:\s|[\u4E00-\u9FFF]|$)/.test(plain.replaceAll(/“[^”]*”/g, ''))) return [`${word}: ${text} (half-width mark)`]
    if (/[\u4E00-\u9FFF][A-Za-z]{2}|[A-Za-z]{2}[\u4E00-\u9FFF]/.test(plain)) return [`${word}: ${text} (no space)`]
    return []
  })
  expect(odd).toEqual([])
})
