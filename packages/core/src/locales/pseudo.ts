import { en } from './en.ts'
import type { Catalogue } from './shape.ts'

/** The language of nobody: English with accents and a third longer, so that what was not translated, or has no room, shows at once. */
export const pseudoLocale = 'en-XA'

let made: Catalogue | undefined

/** Made of the English catalogue when it is first asked for. */
export function pseudoCatalogue(): Catalogue {
  return (made ??= pseudo(en))
}

/** The same with every text changed; its keys and lists stay. */
function pseudo<Words>(words: Words): Words {
  // A text becomes a text, a list a list of the same length, and an object one with the same keys.
  if (typeof words === 'string') return pseudoText(words) as Words
  if (Array.isArray(words)) return words.map((word: unknown) => pseudo(word)) as Words
  if (typeof words !== 'object' || words === null) return words
  return Object.fromEntries(Object.entries(words).map(([key, inner]: [string, unknown]) => [key, pseudo(inner)])) as Words
}

const accented: Readonly<Record<string, string>> = {
  a: 'áá', b: 'ƀ', c: 'ç', d: 'ð', e: 'éé', f: 'ƒ', g: 'ğ', h: 'ĥ', i: 'íí', j: 'ĵ', k: 'ķ', l: 'ļ', m: 'ɱ', n: 'ñ', o: 'óó', p: 'þ', q: 'ǫ', r: 'ŕ', s: 'š', t: 'ţ', u: 'úú', v: 'ṽ', w: 'ŵ', x: 'ẋ', y: 'ý', z: 'ž',
  A: 'ÁÁ', B: 'Ɓ', C: 'Ç', D: 'Ð', E: 'ÉÉ', F: 'Ƒ', G: 'Ğ', H: 'Ĥ', I: 'ÍÍ', J: 'Ĵ', K: 'Ķ', L: 'Ļ', M: 'Ṁ', N: 'Ñ', O: 'ÓÓ', P: 'Þ', Q: 'Ǫ', R: 'Ŕ', S: 'Š', T: 'Ţ', U: 'ÚÚ', V: 'Ṽ', W: 'Ŵ', X: 'Ẋ', Y: 'Ý', Z: 'Ž',
}

/** An ICU text with its words changed and its parameters left: `{count, plural, one {# call}}` becomes `{count, plural, one {# çááļļ}}`. */
function pseudoText(icu: string): string {
  let text = ''
  for (let index = 0; index < icu.length; index += 1) {
    const sign = icu.charAt(index)
    if (sign !== '{') {
      text += accented[sign] ?? sign
      continue
    }
    const end = closing(icu, index)
    text += `{${pseudoArgument(icu.slice(index + 1, end))}}`
    index = end
  }
  return text
}

/** What stands between the braces: of a choice only the texts to choose from are words. */
function pseudoArgument(argument: string): string {
  const choice = /^\s*\w+\s*,\s*(?:plural|select|selectordinal)\s*,/.exec(argument)?.[0]
  if (choice === undefined) return argument
  let text = choice
  for (let index = choice.length; index < argument.length; index += 1) {
    const sign = argument.charAt(index)
    if (sign !== '{') {
      text += sign
      continue
    }
    const end = closing(argument, index)
    text += `{${pseudoText(argument.slice(index + 1, end))}}`
    index = end
  }
  return text
}

/** Where the brace that opens at `from` is closed. */
function closing(text: string, from: number): number {
  let depth = 0
  for (let index = from; index < text.length; index += 1) {
    if (text.charAt(index) === '{') depth += 1
    if (text.charAt(index) === '}') depth -= 1
    if (depth === 0) return index
  }
  return text.length
}
