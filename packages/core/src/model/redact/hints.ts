import { markStart } from './mark.ts'

/**
 * One pass over the characters that says which finders are worth asking. Most text holds nothing, so this pass is what
 * redaction costs. It has no regular expression in it because one that looks for all this at once is slower, and it reads
 * bytes because characters of a string cost twice as much, the encoding included.
 */
export const hint = {
  /** A word of 12 characters or more that has a digit, dash or underscore, or one of 20: what keys look like. */
  longWord: 1,
  /**
   * What numbers of people look like: five digits with nothing but separators between them, or a word of capitals that has four, where there are seven
   * such digits too or a word of 9 characters or more that has four.
   */
  code: 2,
  /** A part of a word that tells of a secret (`pas`, `key`, …) and a sign or word by which it could be given a value. */
  assignment: 4,
  /** A part of a word that stands before credentials (`bearer`, `cookie`, …), with a space behind it where the word is a common one (`key`, `token`). */
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
  /** Thirteen digits or more with nothing but separators between them. */
  card: 512,
  /** 26 letters and digits behind a `1` or `3`, or the beginning `bc1`. */
  wallet: 1_024,
  /** A part of `private`. */
  privateKey: 2_048,
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

/** What three letters tell of: the bit of the hint that comes of it, so that what they told is a hint without another question. */
const tellsOfSecret = hint.assignment
/** Parts of `token` and `apikey`, and their ends with a space behind, a bit higher: without both they begin no header. */
const tellsOfToken = 1
const tellsOfTokenEnd = 2
const tellsOfKey = 16
const tellsOfKeyEnd = 32

/**
 * Three letters in a row, five bits each, so that case does not matter. Chosen to be rare in other words: `ecr` for secret
 * and not `sec`, which is in seconds.
 */
const threes = new Uint16Array(1 << 15)
for (const three of ['pas', 'pwd', 'ecr', 'oke', 'ede', 'key', 'uth', 'ig=']) threes[indexOfThree(three)] = tellsOfSecret
const alsoTells = (three: string, bit: number): void => {
  threes[indexOfThree(three)] = (threes[indexOfThree(three)] ?? 0) | bit
}
for (const three of ['riz', 'rer', 'asi', 'oki', 'ego']) alsoTells(three, hint.header)
alsoTells('oke', tellsOfToken)
for (const three of ['ike', 'i-k']) alsoTells(three, tellsOfKey)
// Whatever a space of Unicode begins with, by its lower five bits: 9 to 13, space, and the first bytes of those beyond ASCII.
for (const space of '\t\n\v\f\r \u0041\u0042\u0043\u004f') {
  alsoTells(`en${space}`, tellsOfTokenEnd)
  alsoTells(`ey${space}`, tellsOfKeyEnd)
}
alsoTells('cur', hint.curl)
alsoTells('iva', hint.privateKey)
alsoTells('bc1', hint.wallet)

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
const codeRowDigits = 5
const cardDigits = 13
const walletChars = 26
const bracket = 0x5b
/** Every character from U+4000 on begins with this byte or a higher one; Han begins at U+4E00. */
const hanByte = 0xe4

const encoder = new TextEncoder()
/** What is read at once; of a longer text one piece after the other. Behind the last of it comes a sign that ends its last word and tells of nothing. */
const pieceBytes = 16_384
const piece = new Uint8Array(pieceBytes + 1)
const pieceRoom = piece.subarray(0, pieceBytes)
const semicolon = 0x3b

/** Bits of `hint` as numbers, and one more: a part of a word tells of a secret, but no sign by which it could be given a value was seen. */
const {
  longWord: longWordBit, code: codeBit, assignment: assignmentBit, header: headerBit, digits: digitsBit, address: addressBit, curl: curlBit, card: cardBit, wallet: walletBit,
  privateKey: privateKeyBit,
} = hint
const isUnsure = 1 << 12

/**
 * To be called before the first text. The engine compiles a branch that it never saw as a way out of the compiled code, and each such way that a
 * text takes costs more than all hints of a hundred texts: so it sees every branch once.
 */
export function prepareHints(): void {
  for (const text of [
    `curl -u ab:cd Authorization a--b_c-d 1234567 [12.3.4.5] [REDACTED:a-b:12] [redacted:${'x'.repeat(60)} [REDACTED:?] pas -- 密\u0001`,
    'is key @ fe80::1:2:3', '[', 'pas', '4242 4242 4242 4242', '12345 abcd1234e', `private 1${'a'.repeat(30)} ${'b'.repeat(25)} AB12345678`,
  ]) hintsOf(text)
}

/** The bits of `hint` that are true of a text; 0 where nothing is worth a search. */
export function hintsOf(text: string): number {
  const bits = bitsOf(text)
  if ((bits & isUnsure) === 0) return bits
  return text.includes('--') || text.includes(' is ') ? (bits ^ isUnsure) | assignmentBit : bits ^ isUnsure
}

/**
 * What follows the loop is arithmetic alone, without a call or a property: the engine compiles the loop while it runs for the first time, when
 * what stands behind it never ran, and what it knows nothing about would throw the compiled code away at the end of text after text.
 */
function bitsOf(text: string): number {
  let seen = 0
  let told = 0
  let three = 0
  let wordChars = 0
  let wordBits = 0
  let wordDigits = 0
  /** All letters of the word but the first of each row of them, together: by bit 0x20 whether one is small. */
  let wordCase = 0
  /** Where the row of letters and digits began. */
  let rowStart = 0
  let hints = 0
  let digits = 0
  let mostDigits = 0
  let codes = 0
  let dots = 0
  let colons = 0
  let before = 0
  let hasHan = false
  let rest = text
  while (rest !== '') {
    const { read, written } = encoder.encodeInto(rest, pieceRoom)
    let end = written
    if (read < rest.length) {
      rest = rest.slice(read)
      // What goes over the end of a piece is not known to begin anywhere: it is searched for.
      hints |= walletBit
    } else {
      rest = ''
      piece[end++] = semicolon
    }
    rowStart = 0
    for (let index = 0; index < end; index++) {
      let byte = piece[index] ?? 0
      let bits = classes[byte] ?? 0
      three = ((three << 5) | (byte & 31)) & 0x7fff
      told |= threes[three] ?? 0
      // Most are letters: of those the rest is asked where their row ends.
      if (bits === letter) {
        const start = index
        for (index++; index < end; index++) {
          byte = piece[index] ?? 0
          bits = classes[byte] ?? 0
          three = ((three << 5) | (byte & 31)) & 0x7fff
          told |= threes[three] ?? 0
          if (bits !== letter) break
          wordCase |= byte
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
        if (wordChars >= codeChars) {
          if (wordDigits >= codeDigits) codes |= ~wordCase & 0x20 | 1
          if (wordChars >= longWordChars && (wordBits !== 0 || wordChars >= longPlainWordChars)) hints |= longWordBit
        }
        wordChars = 0
        wordBits = 0
        wordDigits = 0
        wordCase = 0
      }
      if (before === letter) digits = 0
      if ((bits & digit) !== 0) {
        digits++
        wordDigits++
        if (digits > mostDigits) mostDigits = digits
      } else {
        if (index - rowStart >= walletChars && ((piece[rowStart] ?? 0) | 2) === 0x33) hints |= walletBit
        if ((bits & separator) === 0) {
          digits = 0
          if (byte >= hanByte) hasHan = true
          // What was taken out already tells of nothing: a second pass over it costs little.
          else if (byte === bracket) index = lastOfMark(index, written)
        }
        rowStart = index + 1
      }
      if ((bits & point) !== 0) {
        if ((bits & assigns) === 0) dots += before & digit
        else colons += (before & point) !== 0 ? colonsOfAddress : 1
      }
      before = bits
    }
  }
  // The signs by which a value is given are one bit above what their words tell of, an `@` is one above its hint, and what is odd has the bit of its own.
  hints |= (told & (headerBit | curlBit | walletBit)) | (told & (seen >> 1) & assignmentBit) | ((told & ~(seen >> 1) & assignmentBit) << 10) | ((seen & atSign) >> 1) | (seen & oddByte)
  hints |= (((told & (told >> 1)) | ((told & (told >> 1)) >> 4)) & 1) << 3
  // A part of `private` tells of a key only where a long word is.
  hints |= told & privateKeyBit & -(hints & longWordBit)
  if (hasHan) hints |= assignmentBit
  if (mostDigits >= codeRowDigits) {
    if (mostDigits >= digitsMin) hints |= mostDigits >= cardDigits ? codeBit | digitsBit | cardBit : codeBit | digitsBit
    else if (codes !== 0) hints |= codeBit
  } else if (codes > 1) hints |= codeBit
  return (seen & digit) !== 0 && (dots >= 3 || colons >= colonsOfAddress) ? hints | addressBit : hints
}

/** An address of version 6 has seven colons, six before a dotted end, or two in a row somewhere; that of a network card has five. */
const colonsOfAddress = 5

const markStartBytes = encoder.encode(markStart)
const closingBracket = 0x5d
/** A kind, a colon and eight digits. */
const markKindBytesMax = 49

/** Where the mark that begins at `start` of the piece has its last byte; `start` where none does, or none that ends in this piece. */
function lastOfMark(start: number, end: number): number {
  for (let offset = 0; offset < markStartBytes.length; offset++) {
    const expected = markStartBytes[offset] ?? 0
    const byte = piece[start + offset] ?? 0
    if (byte !== expected && byte !== (expected | 0x20)) return start
  }
  const kind = start + markStartBytes.length
  for (let index = kind; index < end && index <= kind + markKindBytesMax; index++) {
    const byte = piece[index] ?? 0
    if (byte === closingBracket) return index > kind ? index : start
    const isOfKind = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x3a
    if (!isOfKind) return start
  }
  return start
}
