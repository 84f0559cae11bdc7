import { IntlMessageFormat } from 'intl-messageformat'

/**
 * Something to say, in ICU MessageFormat. Given as a list it is a choice: the first alternative whose parameters are all
 * known is said. Where none is complete nothing is said, so that a sentence never shows a hole.
 */
export type Phrase = string | readonly string[]

/** The value of a parameter; `undefined` where it is not known or not for this reader. */
export type Values = (name: string) => string | number | undefined

/**
 * `phrase` with its parameters filled in, or `undefined` where no alternative is complete or the text is empty.
 *
 * @example sayPhrase(['{a} of {b}', '{a}'], 'en', (name) => (name === 'a' ? '3' : undefined)) // '3'
 */
export function sayPhrase(phrase: Phrase, locale: string, values: Values): string | undefined {
  if (typeof phrase === 'string') return sayOne(phrase, locale, values)
  for (const alternative of phrase) {
    const said = sayOne(alternative, locale, values)
    if (said !== undefined) return said
  }
  return undefined
}

/** Names of the parameters of one ICU text, each once. */
export function paramsOf(icu: string, locale: string): readonly string[] {
  return compile(icu, locale).params
}

/** What is read of the parser's elements; see https://formatjs.github.io/docs/icu-messageformat-parser */
interface Element {
  readonly type: number
  readonly value?: string
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>
}

const literalElement = 0
const argumentElement = 1

interface Compiled {
  readonly params: readonly string[]
  /** Literals and names in turn, for texts of plain parameters: joining them is 5 times faster than the library. */
  readonly plain?: readonly { readonly text: string; readonly isName: boolean }[]
  readonly format: IntlMessageFormat
  /** What a text with one parameter says of a number, such as `3 times`: the library takes 4 µs to say it. */
  readonly saidOf?: Map<number, string>
}

/** Counts are mostly small; more than these are worked out each time. */
const saidMax = 256

function sayOne(icu: string, locale: string, values: Values): string | undefined {
  const compiled = compile(icu, locale)
  if (compiled.plain !== undefined) {
    let text = ''
    for (const piece of compiled.plain) {
      const value = piece.isName ? values(piece.text) : piece.text
      if (value === undefined) return undefined
      text += value
    }
    return text === '' ? undefined : text
  }
  const [only] = compiled.params
  if (compiled.saidOf !== undefined && only !== undefined) return sayOf(compiled.saidOf, values(only), compiled.format, only)
  const known: Record<string, string | number> = {}
  for (const name of compiled.params) {
    const value = values(name)
    if (value === undefined) return undefined
    known[name] = value
  }
  const said = String(compiled.format.format(known))
  return said === '' ? undefined : said
}

function sayOf(saidOf: Map<number, string>, value: ReturnType<Values>, format: IntlMessageFormat, name: string): string | undefined {
  if (value === undefined) return undefined
  const kept = typeof value === 'number' ? saidOf.get(value) : undefined
  const said = kept ?? String(format.format({ [name]: value }))
  if (kept === undefined && typeof value === 'number' && saidOf.size < saidMax) saidOf.set(value, said)
  return said === '' ? undefined : said
}

/** The catalogues hold fewer than 1,000 texts in two languages; whatever else comes cannot grow memory. */
const compiledMax = 4_000
const compiledTexts = new Map<string, Map<string, Compiled>>()

function compile(icu: string, locale: string): Compiled {
  let texts = compiledTexts.get(locale)
  if (texts === undefined) compiledTexts.set(locale, (texts = new Map<string, Compiled>()))
  const known = texts.get(icu)
  if (known !== undefined) return known
  if (texts.size >= compiledMax) texts.clear()
  const format = new IntlMessageFormat(icu, locale, undefined, { ignoreTag: true })
  const elements: readonly Element[] = format.getAst()
  const params = new Set<string>()
  collectParams(elements, params)
  const plain = plainPieces(elements)
  const compiled: Compiled = { params: [...params], format, ...(plain === undefined ? {} : { plain }), ...(plain === undefined && params.size === 1 ? { saidOf: new Map<number, string>() } : {}) }
  texts.set(icu, compiled)
  return compiled
}

function collectParams(elements: readonly Element[], into: Set<string>): void {
  for (const { type, value, options } of elements) {
    if (type !== literalElement && value !== undefined) into.add(value)
    for (const option of Object.values(options ?? {})) collectParams(option.value, into)
  }
}

function plainPieces(elements: readonly Element[]): Compiled['plain'] {
  const pieces: { text: string; isName: boolean }[] = []
  for (const { type, value } of elements) {
    if ((type !== literalElement && type !== argumentElement) || value === undefined) return undefined
    pieces.push({ text: value, isName: type === argumentElement })
  }
  return pieces
}
