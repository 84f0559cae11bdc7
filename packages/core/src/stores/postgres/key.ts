import { createHash } from 'node:crypto'
import { storable } from './values.ts'

/** Longest text in a key, in bytes: an entry of an index may have 2,704, and up to three texts share one. */
const keyBytesMax = 800
/** What is kept of a longer one, so that what is found by how it begins is found still. */
const startChars = 240

/**
 * A text as it stands in a key, so that keys which are the same there are the same here. One that is too long for an index ends with a hash of the whole: the same text has the same key, and to
 * put a key through it again changes nothing.
 */
export function keyText(given: string): string {
  // Half a surrogate pair arrives there as U+FFFD.
  const text = storable(given).toWellFormed()
  if (text.length * 3 <= keyBytesMax || Buffer.byteLength(text) <= keyBytesMax) return text
  return `${text.slice(0, startChars)}…${createHash('sha256').update(text).digest('hex')}`
}
