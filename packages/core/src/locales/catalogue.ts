import { en } from './en.ts'
import { durationPieces, moneyText, percentText } from './amounts.ts'
import { sayPhrase, type Phrase, type Values } from './phrase.ts'
import type { Catalogue } from './shape.ts'
import { zonedTimes, type ZonedTime } from './zoned-times.ts'
import { zhCN } from './zh-CN.ts'

/** Every language there is: one file and one line here. */
const catalogues = { en, 'zh-CN': zhCN } as const satisfies Record<string, Catalogue>
export type Locale = keyof typeof catalogues
export const locales: readonly Locale[] = ['en', 'zh-CN']

/** Says things to one reader: their language, their time zone. Immutable; made once for each pair and kept. */
export interface Translator {
  readonly locale: Locale
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
  /** The same without year and zone, for lists. */
  readonly timeBrief: (atMs: number) => string | undefined
}

/** Pairs of language and zone kept; IANA names some 600 zones, so a larger set is a fault of the caller and starts over. */
const translatorsMax = 2_000
const translators = new Map<string, Translator>()

/**
 * The translator for a BCP 47 language tag and an IANA time zone. Another tag of a known language gets that language
 * (`zh` gets `zh-CN`), an unknown one English; an unknown zone is UTC.
 *
 * @example translator('zh-CN', 'Asia/Shanghai').money(0.0042) // '$0.0042'
 */
export function translator(locale: string, timezone: string): Translator {
  const key = `${locale} ${timezone}`
  const known = translators.get(key)
  if (known !== undefined) return known
  if (translators.size >= translatorsMax) translators.clear()
  const made = makeTranslator(closestLocale(locale), timezone)
  translators.set(key, made)
  return made
}

function closestLocale(tag: string): Locale {
  const language = tag.toLowerCase().split(/[-_]/, 1)[0]
  return locales.find((locale) => locale === tag) ?? locales.find((locale) => locale.split('-', 1)[0] === language) ?? 'en'
}

function makeTranslator(locale: Locale, timezone: string): Translator {
  const words: Catalogue = catalogues[locale]
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
    return parts === undefined ? undefined : say(words.times[form], (name) => parts[name as keyof ZonedTime]) // the parameters of `times` are the fields of ZonedTime; a test says them all
  }
  return {
    locale,
    words,
    say,
    join: (phrases, values) => joinBy(comma, phrases, values),
    sentences: (phrases, values) => joinBy(sentenceGap, phrases, values),
    list: (items) => (items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(listComma)}${listAnd}${items.at(-1)}`),
    money: moneyText,
    percent: percentText,
    duration: (ms) =>
      durationPieces(ms)
        .map(({ count, unit }) => words.units[unit].replace('{n}', String(count)))
        .join(' '),
    time: (atMs) => sayTime('full', atMs),
    timeBrief: (atMs) => sayTime('brief', atMs),
  }
}
