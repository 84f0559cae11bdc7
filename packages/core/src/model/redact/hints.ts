import { endOfMark } from './span.ts'

/**
 * One pass over the characters that says which finders are worth asking. Most text holds nothing, so this pass is what
 * redaction costs; it has no regular expression in it because one that looks for all this at once is slower.
 */
export interface Hints {
  /** A word of 12 characters or more that has a digit, dash or underscore, or one of 20: what keys look like. */
  readonly longWord: boolean
  /** A part of a word that tells of a secret (`pas`, `key`, …) and a sign or word by which it could be given a value. */
  readonly assignment: boolean
  /** A part of a word that stands before credentials (`bearer`, `cookie`, …). */
  readonly header: boolean
  /** An `@`. */
  readonly at: boolean
  /** Seven digits or more with nothing but separators between them. */
  readonly digits: boolean
  /** Three dots after digits, or colons as in an internet address of version 6. */
  readonly address: boolean
}

const digit = 1
const letter = 2
const joiner = 4
const assigns = 8
const separator = 16
const atSign = 32
const point = 64

const classes = new Uint8Array(128)
for (let code = 0x30; code <= 0x39; code++) classes[code] = digit
for (let code = 0x41; code <= 0x5a; code++) classes[code] = letter
for (let code = 0x61; code <= 0x7a; code++) classes[code] = letter
for (const [characters, bits] of [
  ['_', joiner],
  ['-', joiner | separator],
  ['=>,', assigns],
  [':', assigns | point],
  [' ()', separator],
  ['.', separator | point],
  ['@', atSign],
] as const) {
  for (const character of characters) classes[character.charCodeAt(0)] = bits
}

const tellsOfSecret = 1
const tellsOfHeader = 2

/**
 * Three letters in a row, five bits each, so that case does not matter. Chosen to be rare in other words: `ecr` for secret
 * and not `sec`, which is in seconds.
 */
const threes = new Uint8Array(1 << 15)
for (const three of ['pas', 'pwd', 'ecr', 'oke', 'ede', 'key', 'uth', 'ig=']) threes[indexOfThree(three)] = tellsOfSecret
for (const three of ['oke', 'key', 'uth', 'rer', 'asi', 'oki', 'ego']) threes[indexOfThree(three)] = (threes[indexOfThree(three)] ?? 0) | tellsOfHeader

function indexOfThree(three: string): number {
  let index = 0
  for (const character of three) index = (index << 5) | (character.charCodeAt(0) & 31)
  return index
}

const longWordChars = 12
const longPlainWordChars = 20
const digitsMin = 7
const hanStart = 0x4e00
const bracket = 0x5b

export function hintsOf(text: string): Hints {
  let seen = 0
  let told = 0
  let three = 0
  let wordChars = 0
  let wordBits = 0
  let longWord = false
  let digits = 0
  let manyDigits = false
  let dots = 0
  let colons = 0
  let before = 0
  let hasHan = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const bits = code < 128 ? (classes[code] ?? 0) : 0
    if (code === bracket) {
      // What was taken out already tells of nothing: a second pass over it costs little.
      const end = endOfMark(text, index)
      if (end > 0) index = end - 1
    }
    if (code >= hanStart) hasHan = true
    seen |= bits
    three = ((three << 5) | (code & 31)) & 0x7fff
    told |= threes[three] ?? 0
    if ((bits & (digit | letter | joiner)) !== 0) {
      wordChars++
      wordBits |= bits
      if (wordChars >= longWordChars && ((wordBits & (digit | joiner)) !== 0 || wordChars >= longPlainWordChars)) longWord = true
    } else {
      wordChars = 0
      wordBits = 0
    }
    if ((bits & digit) !== 0) {
      digits++
      if (digits >= digitsMin) manyDigits = true
    } else if ((bits & separator) === 0) digits = 0
    if ((bits & point) !== 0) {
      if ((bits & assigns) === 0) dots += before & digit
      else colons += (before & point) !== 0 ? colonsOfAddress : 1
    }
    before = bits
  }
  const mayTell = (told & tellsOfSecret) !== 0
  return {
    longWord,
    assignment: hasHan || (mayTell && ((seen & assigns) !== 0 || text.includes('--') || text.includes(' is '))),
    header: (told & tellsOfHeader) !== 0,
    at: (seen & atSign) !== 0,
    digits: manyDigits,
    address: (seen & digit) !== 0 && (dots >= 3 || colons >= colonsOfAddress),
  }
}

/** An address of version 6 has seven colons, six before a dotted end, or two in a row somewhere. */
const colonsOfAddress = 6
