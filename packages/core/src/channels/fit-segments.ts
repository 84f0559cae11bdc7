import { onTheAir, segmentsOf } from '../model/sms-segments.ts'
import { cutText } from './cut-text.ts'

/**
 * The text of a text message within so many segments. A longer one is cut between visible characters, and says so in a sign
 * that every language knows; an address at its end stays whole, because half an address leads nowhere.
 *
 * @param segmentsMax 1 or more
 * @example fitSegments(`${'a'.repeat(200)} https://t.example.com/a/1`, 1) // 'aaa[...] https://t.example.com/a/1' in 160 characters
 */
export function fitSegments(text: string, segmentsMax: number): string {
  const whole = onTheAir(text)
  if (segmentsOf(whole).count <= segmentsMax) return whole
  const [, said = text, address = ''] = /^(.*\S)\s+(https?:\/\/\S+)$/s.exec(text) ?? []
  return cutWith(said, address === '' ? '' : ` ${address}`, segmentsMax) ?? cutWith(text, '', segmentsMax) ?? ''
}

/** `undefined` where nothing of what is said would be left. */
function cutWith(said: string, tail: string, segmentsMax: number): string | undefined {
  // A longer beginning never takes fewer segments, so the longest that fits is found by halving.
  const cut = (chars: number): string => {
    const kept = cutText(said, chars, '').trimEnd()
    return onTheAir(`${kept}[...]${tail}`)
  }
  let low = 0
  let high = Math.min(said.length, segmentsMax * 160)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (segmentsOf(cut(middle)).count <= segmentsMax) low = middle
    else high = middle - 1
  }
  return low === 0 ? undefined : cut(low)
}
