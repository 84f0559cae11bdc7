import { Expression } from './expression.ts'
import { noSpans, type Span } from './span.ts'

/**
 * PEM blocks, with real line breaks or with `\n` written out, whole or cut at either end. Searched by hand: an
 * expression that spans `BEGIN … END` is quadratic on text with many beginnings.
 */
export function findPrivateKeys(text: string): readonly Span[] {
  if (!text.includes('PRIVATE KEY')) return noSpans
  let spans: Span[] | undefined
  let searched = 0
  for (let border = borderPattern.first(text); border !== null; border = borderPattern.next(text)) {
    if (border.index < searched) continue
    const borderEnd = border.index + border[0].length
    const begins = border[1] === 'BEGIN'
    const start = begins ? border.index : startOfBody(text, border.index, searched)
    searched = begins ? endOfBody(text, borderEnd) : borderEnd
    // A frame around nothing, as in a rule that looks for keys, is none.
    if (materialPattern.test(text.slice(start, searched))) (spans ??= []).push({ start, end: searched, kind: 'private-key' })
  }
  return spans ?? noSpans
}

const materialPattern = /[A-Za-z0-9+/=]{16}/
const borderPattern = new Expression(/-{5}(BEGIN|END) (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?(?:-{5})?/g)

const headers = String.raw`(?:(?:\\[nr]|\s){0,4}[A-Za-z-]{3,30}: [^\n\\]{0,120}(?:\\[nr]|\s)){0,4}`
const lines = String.raw`(?:(?:\\{1,2}[nr]|[\s,"'+])*[A-Za-z0-9+/=]{16,})*`
const lastLine = String.raw`(?:(?:\\{1,2}[nr]|\s)*[A-Za-z0-9+/]{1,80}={0,2})?`
const closing = String.raw`(?:(?:\\{1,2}[nr]|[\s,"'+])*-{5}END [A-Z0-9 ]{0,60}(?:-{5})?)?`
const bodyPattern = new Expression(headers + lines + lastLine + closing, 'y')

/** What follows a beginning, up to its end line or as far as it still looks like key material. */
function endOfBody(text: string, from: number): number {
  return bodyPattern.endAt(text, from) ?? from
}

/** Where the key material before an end line starts whose beginning was cut off. */
function startOfBody(text: string, from: number, notBefore: number): number {
  let start = from
  while (start > notBefore && isBodyCharacter(text, start - 1)) start--
  return start
}

function isBodyCharacter(text: string, index: number): boolean {
  const character = text.charAt(index)
  return /[A-Za-z0-9+/=\n\r\\]/.test(character)
}
