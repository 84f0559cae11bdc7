import { markStart } from './mark.ts'

/**
 * One pass over the characters that says which finders are worth asking. Most text holds nothing, so this pass is what
 * redaction costs. It has no regular expression in it because one that looks for all this at once is slower, and it reads
 * bytes because characters of a string cost twice as much, the encoding included.
 */
export const hint = {
  /** A word of 12 characters or more that has a digit, dash or underscore, or one of 20: what keys look like. */
  longWord: 1,
  /** A word of 9 characters or more that has four digits or more: what numbers of people look like where they have letters. */
  code: 2,
  /** A part of a word that tells of a secret (`pas`, `key`, …) and a sign or word by which it could be given a value. */
  assignment: 4,
  /** A part of a word that stands before credentials (`bearer`, `cookie`, …). */
  header: 8,
  /** An `@`. */
  at: 16,
  /** Seven digits or more with nothing but separators between them. */
  digits: 32,
  /** Three dots after digits, or colons as in an internet address of version 6. */
  address: 64,
  /** A control character beside tabs and line ends, or anything beyond ASCII: something may be hidden between the letters. */
  odd: 128,
  /** The beginning of `curl`. */
  curl: 256,
} as const

const digit = 1
const letter = 2
const joiner = 4
const assigns = 8
const separator = 16
const atSign = 32
const point = 64
const oddByte = 128

/** Of bytes in UTF-8: beyond ASCII each of a character's bytes is odd. */
const classes = new Uint8Array(256)
for (let code = 0; code < 0x20; code++) classes[code] = oddByte
for (let code = 0x7f; code <= 0xff; code++) classes[code] = oddByte
for (const character of '\t\n\r') classes[character.charCodeAt(0)] = 0
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
const tellsOfCurl = 4

/**
 * Three letters in a row, five bits each, so that case does not matter. Chosen to be rare in other words: `ecr` for secret
 * and not `sec`, which is in seconds.
 */
const threes = new Uint8Array(1 << 15)
for (const three of ['pas', 'pwd', 'ecr', 'oke', 'ede', 'key', 'uth', 'ig=']) threes[indexOfThree(three)] = tellsOfSecret
for (const three of ['oke', 'key', 'uth', 'rer', 'asi', 'oki', 'ego']) threes[indexOfThree(three)] = (threes[indexOfThree(three)] ?? 0) | tellsOfHeader
threes[indexOfThree('cur')] = tellsOfCurl

function indexOfThree(three: string): number {
  let index = 0
  for (const character of three) index = (index << 5) | (character.charCodeAt(0) & 31)
  return index
}

const codeChars = 9
const codeDigits = 4
const longWordChars = 12
const longPlainWordChars = 20
const digitsMin = 7
const bracket = 0x5b
/** Every character from U+4000 on begins with this byte or a higher one; Han begins at U+4E00. */
const hanByte = 0xe4

const encoder = new TextEncoder()
/** What is read at once; of a longer text one piece after the other. */
const piece = new Uint8Array(16_384)

/** The bits of `hint` that are true of a text; 0 where nothing is worth a search. */
export function hintsOf(text: string): number {
  let seen = 0
  let told = 0
  let three = 0
  let wordChars = 0
  let wordBits = 0
  let wordDigits = 0
  let hints = 0
  let digits = 0
  let manyDigits = false
  let dots = 0
  let colons = 0
  let before = 0
  let hasHan = false
  let rest = text
  while (rest !== '') {
    const { read, written } = encoder.encodeInto(rest, piece)
    rest = read < rest.length ? rest.slice(read) : ''
    for (let index = 0; index < written; index++) {
      let byte = piece[index] ?? 0
      let bits = classes[byte] ?? 0
      three = ((three << 5) | (byte & 31)) & 0x7fff
      told |= threes[three] ?? 0
      // Most are letters: of those the rest is asked where their row ends.
      if (bits === letter) {
        const start = index
        for (index++; index < written; index++) {
          byte = piece[index] ?? 0
          bits = classes[byte] ?? 0
          three = ((three << 5) | (byte & 31)) & 0x7fff
          told |= threes[three] ?? 0
          if (bits !== letter) break
        }
        wordChars += index - start
        before = letter
        if (bits === letter) break
      }
      seen |= bits
      if ((bits & (digit | joiner)) !== 0) {
        wordChars++
        wordBits |= bits
      } else {
        if (wordChars >= codeChars) hints |= hintsOfWord(wordChars, wordBits, wordDigits)
        wordChars = 0
        wordBits = 0
        wordDigits = 0
      }
      if (before === letter) digits = 0
      if ((bits & digit) !== 0) {
        digits++
        wordDigits++
        if (digits >= digitsMin) manyDigits = true
      } else if ((bits & separator) === 0) {
        digits = 0
        if (byte >= hanByte) hasHan = true
        // What was taken out already tells of nothing: a second pass over it costs little.
        else if (byte === bracket) index = lastOfMark(index, written)
      }
      if ((bits & point) !== 0) {
        if ((bits & assigns) === 0) dots += before & digit
        else colons += (before & point) !== 0 ? colonsOfAddress : 1
      }
      before = bits
    }
  }
  if (wordChars >= codeChars) hints |= hintsOfWord(wordChars, wordBits, wordDigits)
  if (hasHan || ((told & tellsOfSecret) !== 0 && ((seen & assigns) !== 0 || text.includes('--') || text.includes(' is ')))) hints |= hint.assignment
  if ((told & tellsOfHeader) !== 0) hints |= hint.header
  if ((told & tellsOfCurl) !== 0) hints |= hint.curl
  if ((seen & atSign) !== 0) hints |= hint.at
  if (manyDigits) hints |= hint.digits
  if ((seen & digit) !== 0 && (dots >= 3 || colons >= colonsOfAddress)) hints |= hint.address
  return (seen & oddByte) === 0 ? hints : hints | hint.odd
}

/** An address of version 6 has seven colons, six before a dotted end, or two in a row somewhere; that of a network card has five. */
const colonsOfAddress = 5

/** Of a word of at least `codeChars`. */
function hintsOfWord(wordChars: number, wordBits: number, wordDigits: number): number {
  const isLong = wordChars >= longWordChars && (wordBits !== 0 || wordChars >= longPlainWordChars)
  return (isLong ? hint.longWord : 0) | (wordDigits < codeDigits ? 0 : hint.code)
}

const markStartBytes = encoder.encode(markStart)
const closingBracket = 0x5d
/** A kind, a colon and eight digits. */
const markKindBytesMax = 49

/** Where the mark that begins at `start` of the piece has its last byte; `start` where none does, or none that ends in this piece. */
function lastOfMark(start: number, end: number): number {
  for (const [offset, byte] of markStartBytes.entries()) if (piece[start + offset] !== byte && piece[start + offset] !== (byte | 0x20)) return start
  const kind = start + markStartBytes.length
  for (let index = kind; index < end && index <= kind + markKindBytesMax; index++) {
    const byte = piece[index] ?? 0
    if (byte === closingBracket) return index > kind ? index : start
    const isOfKind = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x3a
    if (!isOfKind) return start
  }
  return start
}
