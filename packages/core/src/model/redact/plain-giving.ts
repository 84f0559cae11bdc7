/** What `plainGiving` says beside where a value begins. */
export const nothingGiven = -1
export const flagGiven = -2
const perhapsGiven = -3

/** Of the value that was found last: `:` or `=`, and the quote that opens it or nothing. One for all, as it is asked of every word that tells of a secret. */
export const plainlyGiven = { sign: '', open: '' }

/**
 * Reads by hand what `givingPattern` of `assigned.ts` would find in nearly all places, and costs a tenth: `"name": "value"`, `name=value`, and the many words behind
 * which nothing is given. Returns where the value begins; `flagGiven` where only a space follows, as after `--name`; `perhapsGiven` where the expression has to say.
 */
export function plainGiving(text: string, from: number): number {
  let index = from
  let code = codeAt(text, index)
  if (isQuote(code)) code = codeAt(text, ++index)
  else if (code < 128 && (following[code] ?? 0) === 0) return nothingGiven
  else if (code !== space && code !== colon && code !== equals) return perhapsGiven
  const spacesStart = index
  while (code === space && index - spacesStart < spacesMax) code = codeAt(text, ++index)
  if (code !== colon && code !== equals) {
    // Behind a quote nothing but a sign counts; behind a space alone it is a flag.
    if (index === spacesStart || (following[code] ?? mayFollow) !== 0 || code >= 128) return perhapsGiven
    return spacesStart === from ? flagGiven : perhapsGiven
  }
  const sign = code
  code = codeAt(text, ++index)
  if (code === colon || code === equals || code === greater) return perhapsGiven
  const openingStart = index
  while (code === space && index - openingStart < openingSpacesMax) code = codeAt(text, ++index)
  if (code === bracket) return startsMark(text, index) ? nothingGiven : perhapsGiven
  if (code >= 128) return perhapsGiven
  const kind = opening[code] ?? 0
  if (kind === goesOn || (kind === typeAfterColon && sign === colon) || (kind === typeBeforeQuote && (isQuote(codeAt(text, index + 1)) || isQuote(codeAt(text, index + 2))))) return perhapsGiven
  plainlyGiven.sign = sign === colon ? ':' : '='
  plainlyGiven.open = isQuote(code) ? text.charAt(index) : ''
  return isQuote(code) ? index + 1 : index
}

/** As many as `givingPattern` passes over before the sign and behind it. */
const spacesMax = 16
const openingSpacesMax = 40

const space = 0x20
const colon = 0x3a
const equals = 0x3d
const greater = 0x3e
const bracket = 0x5b

/** 0 behind the end, as nothing else is. */
function codeAt(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : 0
}

function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27 || code === 0x60
}

function startsMark(text: string, index: number): boolean {
  return text.startsWith('[REDACTED:', index) || text.startsWith('[redacted:', index)
}

/** By character whether one that may follow the telling word, with spaces between or not, and by which a value could be given somehow. */
const mayFollow = 1
const following = new Uint8Array(128)
for (const sign of '"\'`\\]:=?.+>,-_ \t\n\v\f\r0123456789aktsvpbhdlenoci') for (const either of [sign, sign.toUpperCase()]) following[either.charCodeAt(0)] = mayFollow
/** And what may follow the sign beside a plain value or a quote: more spaces than are passed over, other ones, `|`, `>` or an escaped quote; `str =` behind a colon; `b"…"`. */
const goesOn = 1
const typeAfterColon = 2
const typeBeforeQuote = 3
const opening = new Uint8Array(128)
for (const [signs, kind] of [[' \t\n\v\f\r|>\\', goesOn], ['sS', typeAfterColon], ['bBrRuUfF', typeBeforeQuote]] as const) for (const sign of signs) opening[sign.charCodeAt(0)] = kind
