/**
 * `text` in at most `charsMax` characters (UTF-16 code units, as providers count), cut where no visible character is torn
 * apart, with a note at the end that it was. A last guard: what is sent was laid out for the channel before.
 *
 * @example cutText('Hello 👩‍👩‍👧', 8, '…') // 'Hello …'
 */
export function cutText(text: string, charsMax: number, note: string): string {
  if (text.length <= charsMax) return text
  const room = Math.max(0, charsMax - note.length)
  // Looking a little past the end is enough to see whether the last visible character is whole; a longer one is dropped.
  const window = text.slice(0, room + graphemeCharsMax)
  let end = 0
  // Made for the rare text that is too long: the tables behind it take 5 MB.
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  for (const { index, segment } of graphemes.segment(window)) {
    if (index + segment.length > room) break
    end = index + segment.length
  }
  return `${text.slice(0, end)}${note}`.slice(0, charsMax)
}

const graphemeCharsMax = 64
let graphemes: Intl.Segmenter | undefined
