import { Expression } from './expression.ts'
import { hasMark, markSource, type Mark } from './mark.ts'

/** A piece of text that must not be kept: where it starts, where it ends (excluded), and what it is. */
export interface Span {
  readonly start: number
  readonly end: number
  /** Lower-case words with dashes, such as `openai-key`; readers see it. */
  readonly kind: string
}

/** Finds one family of secrets. Pure and linear in the length of the text; spans are in order and do not overlap. */
export type Finder = (text: string) => readonly Span[]

/** Of a finder that found nothing, as nearly always: one for all, so that it costs no memory. */
export const noSpans: readonly Span[] = []

/** Replaces each span by its mark. What is inside a mark already stays; what ends inside one is taken to its end. */
export function replaceSpans(text: string, spans: readonly Span[], mark: Mark): string {
  if (hasMark(text)) return replaceBetween(text, spans, matchesOf(text, markPattern), mark)
  let replaced = ''
  let copied = 0
  for (let index = 0; index < spans.length; index++) {
    const span = spans[index]
    if (span === undefined || span.start < copied) continue
    replaced += text.slice(copied, span.start) + mark(span.kind, text.slice(span.start, span.end))
    copied = span.end
  }
  return replaced + text.slice(copied)
}

function replaceBetween(text: string, spans: readonly Span[], marks: readonly RegExpExecArray[], mark: Mark): string {
  let replaced = ''
  let copied = 0
  let next = 0
  for (const span of spans) {
    while (next < marks.length && endOf(marks[next]) <= span.start) next++
    const startOfMark = marks[next]?.index ?? Infinity
    if (startOfMark <= span.start || span.start < copied) continue
    let end = span.end
    for (let inside = next; (marks[inside]?.index ?? Infinity) < end; inside++) end = Math.max(end, endOf(marks[inside]))
    replaced += text.slice(copied, span.start) + mark(span.kind, text.slice(span.start, end))
    copied = end
  }
  return replaced + text.slice(copied)
}

/** The pieces of a text that are no marks, in order. */
export function betweenMarks(text: string): readonly { readonly start: number; readonly end: number }[] {
  if (!hasMark(text)) return [{ start: 0, end: text.length }]
  const pieces: { start: number; end: number }[] = []
  let start = 0
  for (const match of matchesOf(text, markPattern)) {
    if (match.index > start) pieces.push({ start, end: match.index })
    start = endOf(match)
  }
  if (start < text.length) pieces.push({ start, end: text.length })
  return pieces
}

const markPattern = new Expression(markSource, 'g')

function endOf(match: RegExpExecArray | undefined): number {
  return match === undefined ? 0 : match.index + match[0].length
}

/** All matches of a global expression that never matches nothing. */
function matchesOf(text: string, pattern: Expression): readonly RegExpExecArray[] {
  const matches: RegExpExecArray[] = []
  for (let match = pattern.first(text); match !== null; match = pattern.next(text)) matches.push(match)
  return matches
}

/**
 * Source of what stands before a number: nothing that would make it a part of something longer, but for an escape that was written
 * out (`\\n` in JSON, `%3D` in an address) and ends in a letter without being a word. One condition and not two, behind each of which the engine would
 * compile the number once more.
 */
export const numberStart = String.raw`(?<!(?<!\\(?=[nrt])|%[0-9A-F](?=[0-9A-F]))[\w.+-])`

/** Whether a number that is written with spaces goes on in both or either direction: then it is a part of a table, whose check sum is right by chance. */
export function isInRow(text: string, start: number, number: string): boolean {
  if (!number.includes(' ')) return false
  return /\d ?[ |,]$/.test(text.slice(Math.max(0, start - 3), start)) || /^ {1,2}\d{3,}/.test(text.slice(start + number.length, start + number.length + 5))
}
