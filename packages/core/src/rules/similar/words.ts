import { markSource } from '../../model/redact/mark.ts'

/** Stands for what differs from one message to the next. */
export const wildcard = '<*>'

/** So much of a message is looked at, in characters, and so many words of that: what comes later tells no kinds of trouble apart. */
const textCharsMax = 500
const wordsMax = 30
/** A first line that is shorter says nothing by itself, such as `Error:`. */
const lineCharsMin = 12

/** Each of these is a value as a whole, whatever it is made of; all are linear. A quotation of more than a few words is what was said, and stays. */
const values = new RegExp(
  [markSource, String.raw`\bhttps?://[^\s"'<>)\]}]+`, String.raw`(?<![\p{L}\d])'[^'\s]{0,60}(?: [^'\s]{1,40}){0,2}'(?![\p{L}\d])`, String.raw`["“「][^"”」\s]{0,60}(?: [^"”」\s]{1,40}){0,2}["”」]`, '`[^`]{0,100}`'].join('|'),
  'gu',
)
const run = /[\w.+\-/@%#$~]+/g
const separators = /[\s:=,;()[\]{}"'`|!?，。：；！？（）、“”「」]+/u
const hexadecimal = /^(?:0x)?[0-9a-f]{8,}$/i
const prefixedId = /^(?:org|req|proj|user|usr|cus|call|run|thread|asst|chatcmpl|msg|resp|file|sess|session|acct|key|sk|pk|tok)[-_][\w-]{6,}$/i
const looksLikeJson = /[{[]\s*"/

/**
 * The words of a message by which its kind is known. What is a value stands as `<*>` before anything is compared, as in Drain3: numbers, times,
 * amounts, durations and whatever has a digit in it, ids, hexadecimal, addresses of the web and of people, quotations, and what was redacted.
 * Several in a row are one, so that `3` and `3 h 20 min` look alike. Linear in a bounded part of the text.
 *
 * @example wordsOf('Rate limit reached for gpt-5 in org-Ab12: limit 30,000') // ['Rate', 'limit', 'reached', 'for', '<*>', 'in', '<*>', 'limit', '<*>']
 */
export function wordsOf(text: string): readonly string[] {
  const start = beginningOf(text)
  // In JSON everything is quoted, the words that never change too.
  const plain = looksLikeJson.test(start) ? start.replaceAll('"', ' ') : start
  const masked = plain.replace(values, ` ${wildcard} `).replace(run, (part) => (isValue(part) ? ` ${wildcard} ` : part))
  const words: string[] = []
  for (const piece of masked.split(separators)) {
    const word = piece === wildcard ? piece : piece.replace(/[.\-/]+$/, '')
    if (word === '' || (word === wildcard && words.at(-1) === wildcard)) continue
    words.push(word)
    if (words.length === wordsMax) break
  }
  return words
}

/** The first line that says something; of what is JSON all of it. */
function beginningOf(text: string): string {
  const start = text.slice(0, textCharsMax).trim()
  if (looksLikeJson.test(start)) return start
  const end = start.indexOf('\n', lineCharsMin)
  return end < 0 ? start : start.slice(0, end)
}

function isValue(part: string): boolean {
  return /\d/.test(part) || part.includes('@') || hexadecimal.test(part) || prefixedId.test(part) || /^~?\/[^/]+\/./.test(part)
}
