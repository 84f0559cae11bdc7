import { en } from './en.ts'
import { durationPieces, inDecimals, moneyText, percentText } from './amounts.ts'
import { pseudoCatalogue, pseudoLocale } from './pseudo.ts'
import { sayPhrase, type Phrase, type Values } from './phrase.ts'
import type { Catalogue } from './shape.ts'
import { zonedTimes, type ZonedTime } from './zoned-times.ts'
import { zhCN } from './zh-CN.ts'

/** Every language there is: one file and one line here. */
const catalogues: Readonly<Record<string, Catalogue>> = { en, 'zh-CN': zhCN }
/** In which it speaks where it has no better. */
const lastLocale = 'en'

export const locales: readonly string[] = Object.keys(catalogues)

/** Which language a tag gets, and how near it is: itself, that of a wider tag, another of the same language, or English. */
export interface LocaleChoice {
  readonly locale: string
  readonly how: 'itself' | 'wider' | 'same-language' | 'last'
}

/**
 * The language for a BCP 47 tag: `zh-CN` is itself, `en-GB` gets the wider `en`, `zh-TW` the Chinese that there is, and `fr`
 * English. `en-XA` is the pseudo-language: English that shows what was not translated.
 */
export function localeFor(tag: string, known: readonly string[] = locales): LocaleChoice {
  const subtags = tag.split(/[-_]/)
  const find = (wanted: string): string | undefined => [...known, pseudoLocale].find((locale) => locale.toLowerCase() === wanted.toLowerCase())
  for (let count = subtags.length; count > 0; count -= 1) {
    const locale = find(subtags.slice(0, count).join('-'))
    if (locale !== undefined) return { locale, how: count === subtags.length ? 'itself' : 'wider' }
  }
  const language = (subtags[0] ?? '').toLowerCase()
  const same = known.find((locale) => locale.split('-', 1)[0] === language)
  return same === undefined ? { locale: lastLocale, how: 'last' } : { locale: same, how: 'same-language' }
}

/** Says things to one reader: their language, their time zone. Immutable; made once for each pair and kept. */
export interface Translator {
  readonly locale: string
  readonly words: Catalogue
  /** The first complete alternative, or `undefined` where none is. */
  readonly say: (phrase: Phrase, values: Values) => string | undefined
  /** All complete phrases, joined by the language's comma; empty where none is. */
  readonly join: (phrases: readonly Phrase[], values: Values) => string
  /** All complete sentences, one after the other. */
  readonly sentences: (phrases: readonly Phrase[], values: Values) => string
  /** `a, b and c`. */
  readonly list: (items: readonly string[]) => string
  /** Dollars; below a cent two digits that count: `$500`, `$0.42`, `$0.0042`, `$1,234.50`. */
  readonly money: (usd: number) => string
  /** Milliseconds as the two largest units: `1.9 s`, `3 min 5 s`. */
  readonly duration: (ms: number) => string
  /** 80 is `80%`. */
  readonly percent: (percent: number) => string
  /** Milliseconds since 1970 as a date with time and zone, in the reader's zone. `undefined` where no calendar holds it. */
  readonly time: (atMs: number) => string | undefined
  /** The day alone, without year. */
  readonly day: (atMs: number) => string | undefined
  /** The same without year and zone, for lists. */
  readonly timeBrief: (atMs: number) => string | undefined
}

/** Pairs of language and zone kept; IANA names some 600 zones, so a larger set is a fault of the caller and starts over. */
const translatorsMax = 2_000

export type TranslatorFor = (locale: string, timezone: string) => Translator

/** Translators over these languages, of which one is English. */
export function translatorsOf(languages: Readonly<Record<string, Catalogue>>): TranslatorFor {
  const made = new Map<string, Translator>()
  const names = Object.keys(languages)
  return (tag, timezone) => {
    const key = `${tag} ${timezone}`
    const known = made.get(key)
    if (known !== undefined) return known
    if (made.size >= translatorsMax) made.clear()
    const { locale } = localeFor(tag, names)
    const one = makeTranslator(locale, locale === pseudoLocale ? pseudoCatalogue() : (languages[locale] ?? en), timezone)
    made.set(key, one)
    return one
  }
}

/**
 * The translator for a BCP 47 language tag and an IANA time zone; see `localeFor`. An unknown zone is UTC.
 *
 * @example translator('zh-CN', 'Asia/Shanghai').money(0.0042) // '$0.0042'
 */
export const translator: TranslatorFor = translatorsOf(catalogues)

function makeTranslator(locale: string, words: Catalogue, timezone: string): Translator {
  const { comma, listComma, listAnd, sentenceGap } = words.punctuation
  const zonedTime = zonedTimes(timezone)
  const say = (phrase: Phrase, values: Values): string | undefined => sayPhrase(phrase, locale, values)
  const joinBy = (separator: string, phrases: readonly Phrase[], values: Values): string => {
    let text = ''
    for (const phrase of phrases) {
      const said = say(phrase, values)
      if (said !== undefined) text = text === '' ? said : text + separator + said
    }
    return text
  }
  const sayTime = (form: keyof Catalogue['times'], atMs: number): string | undefined => {
    const parts = zonedTime(atMs)
    if (parts === undefined) return undefined
    return say(words.times[form], (name) => (name === 'monthName' ? words.monthNames[Number(parts.month) - 1] : parts[name as keyof ZonedTime])) // the parameters of `times` are this and the fields of ZonedTime; a test says them all
  }
  return {
    locale,
    words,
    say,
    join: (phrases, values) => joinBy(comma, phrases, values),
    sentences: (phrases, values) => joinBy(sentenceGap, phrases, values),
    list: (items) => (items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(listComma)}${listAnd}${items.at(-1)}`),
    money: (usd) => moneyText(usd, words.numbers),
    percent: (percent) => percentText(percent, words.numbers),
    duration: (ms) =>
      durationPieces(ms)
        .map(({ count, unit }) => words.units[unit].replace('{n}', inDecimals(String(count), words.numbers)))
        .join(' '),
    time: (atMs) => sayTime('full', atMs),
    day: (atMs) => sayTime('day', atMs),
    timeBrief: (atMs) => sayTime('brief', atMs),
  }
}
