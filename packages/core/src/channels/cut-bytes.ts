import { cutText } from './cut-text.ts'

/**
 * `text` in at most `bytesMax` bytes of UTF-8, cut where no visible character is torn apart, with a note at the end that
 * it was: for providers that count bytes, of which a Chinese character takes three.
 *
 * @param note of at most `bytesMax` bytes
 * @param size how many bytes a text costs there, never fewer than its characters. @default its UTF-8
 * @example cutBytes('会话失败', 7, '…') // '会…'
 */
export function cutBytes(text: string, bytesMax: number, note: string, size: (text: string) => number = bytesOf): string {
  if (size(text) <= bytesMax) return text
  // The most characters that fit; each costs a byte or more, so this many is enough to look at.
  let fits = 0
  let over = Math.min(text.length, bytesMax) + 1
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2)
    if (size(`${text.slice(0, middle)}${note}`) <= bytesMax) fits = middle
    else over = middle
  }
  const charsMax = fits + note.length
  // Longer than that, so that it is cut even where it has few characters, each of many bytes.
  return cutText(text.padEnd(charsMax + 1), charsMax, note)
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}
