import type { CardLink } from '../model/card.ts'
import type { Message } from '../model/channel.ts'
import { oneLine } from './one-line.ts'

/** A message as chats show it: a bold title, what happened, what somebody said, facts, small print, buttons. Plain text. */
export interface ChatText {
  /** One line, never empty. */
  readonly title: string
  /** In the order in which they are worth reading: what does not fit is cut from the end. */
  readonly pieces: readonly Piece[]
  readonly facts: readonly Fact[]
  /** What was left out of a list, what the reader has to know of the message itself, and why they get it. */
  readonly small: readonly string[]
  readonly links: readonly CardLink[]
  /** Behind what is cut, `{}` in it for how much. */
  readonly cutNote: string
}

/** `quote`: what a model, a tool or a provider said; `item`: one line of a list of news. */
export interface Piece {
  readonly kind: 'line' | 'quote' | 'item'
  readonly text: string
}

export interface Fact {
  readonly label: string
  readonly value: string
}

/** A text as it stands in the message, in the form of its kind: escaped for the channel's markup. Never shorter than the text. */
export type Write = (text: string, kind: Piece['kind']) => string

/** The pieces of a message. One without a card is shown by its plain text. */
export function chatText({ subject, text, card }: Message): ChatText {
  const title = onOneLine(subject) || 'Tocsin'
  if (card === undefined) return { title, pieces: [{ kind: 'line', text: visible(text) }], facts: [], small: [], links: [], cutNote: wordlessNote }
  const heading = onOneLine(card.heading)
  const pieces: Piece[] = [
    // A subject has 78 characters: where it does not hold the heading whole, the message does.
    ...(title.includes(heading) ? [] : [{ kind: 'line', text: heading } as const]),
    ...card.lines.map((line) => ({ kind: 'line', text: visible(line) }) as const),
    ...card.quotes.map((quote) => ({ kind: 'quote', text: visible(quote) }) as const),
    ...card.items.map(({ time, title: item }) => ({ kind: 'item', text: onOneLine(`${time} ${item}`) }) as const),
  ]
  // Chats refuse the whole message for one text in it that is empty, or nothing but blanks.
  return {
    title,
    pieces: pieces.filter((piece) => piece.text.trim() !== ''),
    facts: card.facts.map(({ label, value }) => ({ label: onOneLine(label) || '…', value: onOneLine(value) })).filter(({ value }) => value !== ''),
    small: [card.moreItems, ...card.notes, card.why].map((one) => onOneLine(one ?? '')).filter((one) => one !== ''),
    links: card.links,
    cutNote: noteOf(card.cutNote),
  }
}

/** Where there are no words: of a message without a card, and in what is short. */
const wordlessNote = '… (+{})'
const noteCharsMax = 60

function noteOf(given: string | undefined): string {
  return given !== undefined && given.includes('{}') && given.length <= noteCharsMax ? onOneLine(given) : wordlessNote
}

/** Digits of a count, and the sign by which a channel may break it. */
const countCharsMax = 9

/**
 * The pieces as they are written, in at most `charsMax` characters with a line break between them. What does not fit is cut
 * from the end, between visible characters, and a note says how much: characters of a text, lines of a list.
 *
 * @example
 * fitPieces([{ kind: 'line', text: 'a'.repeat(100) }], 40, (text) => text) // ['aaa… (+73)'], whose length is 40
 */
export function fitPieces(pieces: readonly Piece[], charsMax: number, write: Write, cutNote = wordlessNote): readonly string[] {
  const written = pieces.map(({ kind, text }) => write(text, kind))
  if (written.reduce((sum, one) => sum + one.length + 1, -1) <= charsMax) return written
  const fitting: string[] = []
  const noteRoom = write(cutNote, 'line').length + countCharsMax - '{}'.length
  let room = charsMax
  for (const [index, { kind, text }] of pieces.entries()) {
    const whole = written[index] ?? ''
    if (whole.length + 1 + noteRoom <= room) {
      fitting.push(whole)
      room -= whole.length + 1
      continue
    }
    const rest = pieces.slice(index + 1)
    fitting.push(kind === 'item' ? write(leftOut(cutNote, rest.length + 1), 'line') : cut(text, room, (part) => write(part, kind), rest.reduce((sum, one) => sum + one.text.length, 0), cutNote))
    break
  }
  return fitting
}

/** The same for one text, such as a title or a name. */
export function fitText(text: string, charsMax: number, write: (text: string) => string = asItIs): string {
  const whole = write(text)
  return whole.length <= charsMax ? whole : cut(text, charsMax, write, 0, wordlessNote)
}

export interface FactLimits {
  readonly countMax: number
  readonly labelCharsMax: number
  readonly valueCharsMax: number
  /** Of all labels and values together. */
  readonly charsMax: number
}

/** The facts as they are written, the first ones where not all fit, with a last one that says how many are left out. */
export function fitFacts(facts: readonly Fact[], limits: FactLimits, write: (text: string) => string = asItIs): readonly Fact[] {
  const written = facts.map(({ label, value }) => ({ label: fitText(label, limits.labelCharsMax, write), value: fitText(value, limits.valueCharsMax, write) }))
  const size = (some: readonly Fact[]): number => some.reduce((sum, { label, value }) => sum + label.length + value.length, 0)
  let count = written.length
  const shown = (): readonly Fact[] => (count === written.length ? written : [...written.slice(0, count), { label: '…', value: write(`+${written.length - count}`) }])
  while (count > 0 && (shown().length > limits.countMax || size(shown()) > limits.charsMax)) count -= 1
  return count === 0 ? [] : shown()
}

const linksMax = 5

/**
 * The links as buttons, and as lines of text those that chats refuse as buttons and the whole message with them: a host
 * that only this network knows, or an address too long.
 */
export function chatLinks(links: readonly CardLink[], limits: { readonly wordCharsMax: number; readonly urlCharsMax: number }): { readonly buttons: readonly CardLink[]; readonly lines: readonly string[] } {
  const used = links.slice(0, linksMax).map((link) => ({ ...link, word: onOneLine(link.word), url: canonical(link.url) }))
  const isButton = ({ url }: CardLink): boolean => url.length <= limits.urlCharsMax && isPublicName(url)
  return {
    buttons: used.filter(isButton).map((link) => ({ ...link, word: fitText(link.word || link.url, limits.wordCharsMax) })),
    lines: used.filter((link) => !isButton(link)).map(({ word, url }) => (word === '' ? url : `${word}: ${url}`)),
  }
}

/** An address as it goes over the line: chats refuse one with a blank in it, or take what stands behind it for text. */
function canonical(url: string): string {
  return URL.canParse(url) ? new URL(url).href : onOneLine(url)
}

/**
 * The small print in at most `charsMax` characters: links in front, each whole or not at all, because one that is cut leads
 * elsewhere; and never instead of what the reader has to know.
 */
export function fitSmall(links: readonly string[], small: readonly string[], charsMax: number, write: (text: string) => string = asItIs): string {
  const notes = fitText(small.join('\n'), charsMax, write)
  let room = charsMax - notes.length
  const fitting = links.filter((link) => {
    const fits = link.length + 1 <= room
    if (fits) room -= link.length + 1
    return fits
  })
  return [...fitting, ...(notes === '' ? [] : [notes])].join('\n')
}

function isPublicName(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return (protocol === 'https:' || protocol === 'http:') && /\.[a-z][a-z0-9-]*$/i.test(hostname) && !/\.(?:localhost|local|internal)$/i.test(hostname)
}

/** As much of the text as fits with a note behind it, which counts what is left out of it and `after`. */
function cut(text: string, charsMax: number, write: (text: string) => string, after: number, note: string): string {
  const ends = endsOf(text, charsMax)
  const upTo = (end: number): string => write(`${text.slice(0, end)}${leftOut(note, text.length - end + after)}`)
  let [low, high] = [0, ends.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (upTo(ends[middle] ?? 0).length <= charsMax) low = middle
    else high = middle - 1
  }
  return upTo(ends[low] ?? 0)
}

/** Where the text may end: before it, and behind each of its visible characters that may fit. */
function endsOf(text: string, charsMax: number): readonly number[] {
  // A visible character longer than this is dropped, and what is torn at the end of the window with it.
  const window = text.slice(0, charsMax + graphemeCharsMax)
  // Made for the rare text that is too long: the tables behind it take 5 MB.
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  const ends = [...graphemes.segment(window)].map(({ index, segment }) => index + segment.length)
  return [0, ...(window.length < text.length ? ends.slice(0, -1) : ends)]
}

const graphemeCharsMax = 64
let graphemes: Intl.Segmenter | undefined

function leftOut(note: string, count: number): string {
  return note.replace('{}', String(count))
}

function asItIs(text: string): string {
  return text
}

/** Without control characters, half characters and marks that turn the direction of what is read, whoever let them in. */
function visible(text: string): string {
  return text.toWellFormed().replaceAll(/\r\n?/g, '\n').replaceAll('\t', ' ').replaceAll(/[\u2028\u2029]/g, '\n').replaceAll(/[^\P{Cc}\n]|\p{Bidi_Control}/gu, '')
}

function onOneLine(text: string): string {
  return oneLine(visible(text))
}
