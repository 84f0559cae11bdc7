/**
 * One pass over the characters that says which finders are worth asking. Most text holds nothing, so this pass is what
 * redaction costs; it has no regular expression in it because one that looks for all this at once is slower.
 */
export interface Hints {
  /** A word of 12 characters or more that has a digit, dash or underscore, or one of 20: what keys look like. */
  readonly longWord: boolean
  /** `=`, `:`, `>`, two dashes or two spaced quotes: where a name may be given a value. */
  readonly assignment: boolean
  /** An `@`. */
  readonly at: boolean
  /** Seven digits or more with nothing but separators between them. */
  readonly digits: boolean
  /** Two colons or three dots, with a digit in the text: where an internet address may be. */
  readonly address: boolean
}

const digit = 1
const letter = 2
const joiner = 4
const assigns = 8
const separator = 16
const atSign = 32
const colon = 64
const dot = 128

const classes = new Uint8Array(128)
for (let code = 0x30; code <= 0x39; code++) classes[code] = digit
for (let code = 0x41; code <= 0x5a; code++) classes[code] = letter
for (let code = 0x61; code <= 0x7a; code++) classes[code] = letter
for (const [characters, bits] of [
  ['_', joiner],
  ['-', joiner | separator],
  ['=>,', assigns],
  [':', assigns | colon],
  [' ()', separator],
  ['.', separator | dot],
  ['@', atSign],
] as const) {
  for (const character of characters) classes[character.charCodeAt(0)] = bits
}

const longWordChars = 12
const longPlainWordChars = 20
const digitsMin = 7

export function hintsOf(text: string): Hints {
  let seen = 0
  let wordChars = 0
  let wordHasMark = false
  let longWord = false
  let digits = 0
  let manyDigits = false
  let colons = 0
  let dots = 0
  let wide = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const bits = code < 128 ? (classes[code] ?? 0) : 0
    if (code === wideColon) wide = true
    seen |= bits
    if ((bits & (digit | letter | joiner)) !== 0) {
      wordChars++
      if ((bits & letter) === 0) wordHasMark = true
      if (wordChars >= longWordChars && (wordHasMark || wordChars >= longPlainWordChars)) longWord = true
    } else {
      wordChars = 0
      wordHasMark = false
    }
    if ((bits & digit) !== 0) {
      digits++
      if (digits >= digitsMin) manyDigits = true
    } else if ((bits & separator) === 0) digits = 0
    if ((bits & colon) !== 0) colons++
    if ((bits & dot) !== 0) dots++
  }
  return {
    longWord,
    assignment: (seen & assigns) !== 0 || wide || text.includes(' --'),
    at: (seen & atSign) !== 0,
    digits: manyDigits,
    address: (seen & digit) !== 0 && (dots >= 3 || colons >= 2),
  }
}

/** The full-width colon of Chinese text. */
const wideColon = 0xff1a
