/** Sentences by their English: `{name}` stands for anything, and is put where it stands in the other. */
export type Sentences = Readonly<Record<string, string>>

export interface Rewording {
  /** Later ones do not take the place of earlier ones. */
  readonly sentences: readonly Sentences[]
  /** What may be found, where it is no value that somebody wrote, such as `nothing`. */
  readonly things: Sentences
  /** What stands at the end of a sentence, by what it begins with: `, found {thing}`. */
  readonly ends: Sentences
  /** Between names of a list, which in English is `, `. */
  readonly listComma: string
}

/**
 * Says a sentence that was made in English in another language: by the whole of it, else without the ends that many have in common. A part
 * called `{problem}` is such a sentence itself, one called `{detail}` may be one, one called `{thing}` may be among the things, and `{names}` are a list. What is not known stays as it is.
 *
 * An end is taken off before a part could swallow it, but where a sentence says its end itself. Linear in the length of the text: each piece
 * between two parts is looked for once, from the left.
 *
 * @example
 * const say = rewording({ sentences: [{ 'expected a number': '应为数字' }], things: { nothing: '空' }, ends: { ', found {thing}': '，实际为 {thing}' }, listComma: '、' })
 * say('expected a number, found nothing') // '应为数字，实际为空'
 */
export function rewording({ sentences, things, ends, listComma }: Rewording): (text: string) => string {
  const whole = new Map<string, string>()
  const patterns: Pattern[] = []
  for (const [english, other] of sentences.flatMap((one) => Object.entries(one))) {
    if (!hole.test(english)) whole.set(english, whole.get(english) ?? other)
    else patterns.push(patternOf(english, other))
  }
  // What says more of a sentence comes before what says less.
  patterns.sort((one, other) => lengthOf(other) - lengthOf(one))
  const endings = Object.entries(ends).map(([english, other]) => patternOf(english, other))
  const fixed = endings.filter(({ names }) => names.length === 0)
  const hasEnd = ({ pieces }: Pattern): boolean => endings.some(({ pieces: [first = ''] }) => pieces.some((piece) => piece.includes(first)))
  const closed = patterns.filter(hasEnd)
  const open = patterns.filter((pattern) => !hasEnd(pattern))

  const partIn = (name: string, text: string): string | undefined => {
    if (name === 'problem') return said(text)
    if (name === 'detail') return said(text) ?? text
    if (name === 'names') return text.replaceAll(', ', listComma)
    return name.startsWith('thing') ? (things[text] ?? text) : text
  }
  const filled = ({ names, other }: Pattern, values: readonly string[]): string | undefined => {
    const parts = new Map<string, string>()
    for (const [index, name] of names.entries()) {
      const part = partIn(name, values[index] ?? '')
      if (part === undefined) return undefined
      parts.set(name, part)
    }
    return spaced(other.replaceAll(/\{([a-z]\w*)\}/g, (_whole, name: string) => `${edge}${parts.get(name) ?? ''}${edge}`))
  }
  const among = (some: readonly Pattern[], text: string): string | undefined => {
    for (const pattern of some) {
      const values = valuesIn(text, pattern)
      const made = values === undefined ? undefined : filled(pattern, values)
      if (made !== undefined) return made
    }
    return undefined
  }
  const withoutEnd = (some: readonly Pattern[], text: string): string | undefined => {
    for (const ending of some) {
      const at = text.indexOf(ending.pieces[0] ?? '')
      const values = at <= 0 ? undefined : valuesIn(text.slice(at), ending)
      const head = values === undefined ? undefined : said(text.slice(0, at))
      if (values !== undefined && head !== undefined) return joined(head, filled(ending, values) ?? '')
    }
    return undefined
  }
  const said = (text: string): string | undefined => whole.get(text) ?? withoutEnd(fixed, text) ?? among(closed, text) ?? withoutEnd(endings, text) ?? among(open, text)
  return (text) => said(text) ?? text
}

interface Pattern {
  /** Around the parts: one more than there are names. */
  readonly pieces: readonly string[]
  readonly names: readonly string[]
  readonly other: string
}

const hole = /\{[a-z]\w*\}/

function patternOf(english: string, other: string): Pattern {
  return { pieces: english.split(/\{[a-z]\w*\}/), names: [...english.matchAll(/\{([a-z]\w*)\}/g)].map(([, name = '']) => name), other }
}

function lengthOf({ pieces }: Pattern): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

function valuesIn(text: string, { pieces }: Pattern): readonly string[] | undefined {
  const [first = '', ...rest] = pieces
  if (rest.length === 0) return text === first ? [] : undefined
  const last = rest.at(-1) ?? ''
  if (!text.startsWith(first) || !text.endsWith(last)) return undefined
  const values: string[] = []
  let at = first.length
  const endAt = text.length - last.length
  for (const piece of rest.slice(0, -1)) {
    const next = text.indexOf(piece, at)
    if (next < 0 || next + piece.length > endAt) return undefined
    values.push(text.slice(at, next))
    at = next + piece.length
  }
  return at > endAt ? undefined : [...values, text.slice(at, endAt)]
}

/** After a question nothing is set off any more. */
function joined(head: string, end: string): string {
  return head.endsWith('？') ? `${head}${end.replace(/^；/, '')}` : `${head}${end}`
}

/** Where a part begins and ends, while it is put in: of the signs that mean nothing. */
const edge = '\uE000'
const letter = /[\u3400-\u9FFF]/
const mark = /[\u3000-\u303F\uFF00-\uFFEF“”]/

/** A space stands between Chinese and Latin letters; none between two Chinese ones, nor beside a full-width mark. */
function spaced(text: string): string {
  return text.replaceAll(/ ?\uE000+ ?/g, (found, at: number) => {
    const [before, after] = [text.charAt(at - 1), text.charAt(at + found.length)]
    if (before === '' || after === '' || mark.test(before) || mark.test(after)) return ''
    if (letter.test(before) !== letter.test(after)) return ' '
    return letter.test(before) ? '' : found.replaceAll(edge, '')
  })
}
