/** Cuts by what a reader sees as one character: never inside an emoji, an accent or a surrogate pair. Made at first use: most processes cut nothing. */
const graphemesIn = (text: string): Intl.Segments => (segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })).segment(text)
let segmenter: Intl.Segmenter | undefined

/** How far back from the limit the end of a grapheme is sought; a longer one is cut through, at a code point. */
const graphemeCharsMax = 64

/**
 * The longest beginning of `text` of at most `charsMax` UTF-16 units that ends on a grapheme boundary.
 *
 * @param charsMax 0 or more
 */
export function cutText(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text
  if (charsMax <= 0) return ''
  // Segmenting only the last stretch keeps this independent of the length of the text.
  const from = safeStart(text, Math.max(0, charsMax - graphemeCharsMax))
  const stretch = text.slice(from, charsMax + graphemeCharsMax)
  let end = from
  for (const { index, segment } of graphemesIn(stretch)) {
    if (from + index + segment.length > charsMax) break
    end = from + index + segment.length
  }
  if (end === from) end = isHighSurrogate(text, charsMax - 1) ? charsMax - 1 : charsMax
  return text.slice(0, end)
}

/** `text`, cut with `mark` at its end where it is longer than `charsMax`, mark included. */
export function shorten(text: string, charsMax: number, mark: string): string {
  if (text.length <= charsMax) return text
  return cutText(text, Math.max(0, charsMax - mark.length)).trimEnd() + (mark.length <= charsMax ? mark : '')
}

function safeStart(text: string, index: number): number {
  return index > 0 && isHighSurrogate(text, index - 1) ? index - 1 : index
}

function isHighSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  return unit >= 0xd800 && unit <= 0xdbff
}
