/** A piece of text that must not be kept: where it starts, where it ends (excluded), and what it is. */
export interface Span {
  readonly start: number
  readonly end: number
  /** Lower-case words with dashes, such as `openai-key`; readers see it. */
  readonly kind: string
}

/** Finds one family of secrets. Pure and linear in the length of the text; spans are in order and do not overlap. */
export type Finder = (text: string) => readonly Span[]

/** What stands where something was taken out. */
export function mark(kind: string): string {
  return `[REDACTED:${kind}]`
}

/** Every mark begins so; finders leave text alone that does. */
export const markStart = '[REDACTED:'

export function replaceSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text
  let replaced = ''
  let copied = 0
  for (const span of spans) {
    replaced += text.slice(copied, span.start) + mark(span.kind)
    copied = span.end
  }
  return replaced + text.slice(copied)
}

/**
 * All matches of a global expression that never matches nothing. Not `matchAll`, which copies the expression for each
 * text: on short texts that costs more than the search.
 */
export function matchesOf(text: string, pattern: RegExp): readonly RegExpExecArray[] {
  const matches: RegExpExecArray[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) matches.push(match)
  return matches
}

/**
 * Source of what stands before a number: nothing that would make it a part of something longer, or an escape that was written
 * out (`\\n` in JSON, `%3D` in an address) and ends in a letter without being a word.
 */
export const numberStart = String.raw`(?:(?<![\w.+-])|(?<=\\[nrt]|%[0-9A-F]{2}))`
