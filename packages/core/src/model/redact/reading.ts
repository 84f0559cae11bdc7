/** What one walk over a value tells of it. Whether the value can be a secret is asked in many ways, of each of which the engine would compile a walk of its own. */
export interface Reading {
  readonly value: string
  readonly letters: number
  readonly digits: number
  /** How often a capital follows a small letter. */
  readonly humps: number
  /** How often one character comes in a row, at most. */
  readonly longestRow: number
  /** How many characters are the one before again. */
  readonly repeats: number
  /** Goes through the alphabet (`abcdefgh`, `aAbBcC`) or the digits. Of `12345678` it is not said: it is a number that people use. */
  readonly isSequence: boolean
  /** Three letters of a word are in it that says what is written here is an example: see `isExample`. */
  readonly maySayExample: boolean
}

/** Letters in their order, perhaps each in both cases, and digits; fewer of these where the value ends. */
const lettersMin = 8
const digitsMin = 11
const lastDigitsMin = 10

/** Three letters in a row, five bits each, so that case does not matter. */
const saying = new Uint8Array(1 << 15)
for (const three of ['xam', 'ceh', 'umm', 'rea', 'dac', 'you', 'wit', 'nge', 'her']) {
  saying[((three.charCodeAt(0) & 31) << 10) | ((three.charCodeAt(1) & 31) << 5) | (three.charCodeAt(2) & 31)] = 1
}

export function read(value: string): Reading {
  let letters = 0
  let digits = 0
  let humps = 0
  let wasLower = false
  let row = 0
  let longestRow = 0
  let repeats = 0
  let run = 1
  let isSequence = false
  let three = 0
  let says = 0
  let before = -1
  for (let index = 0; index < value.length; index++) {
    const sign = value.charCodeAt(index)
    const code = sign | 0x20
    const isLetter = code >= 0x61 && code <= 0x7a
    if (isLetter) letters++
    else if (sign >= 0x30 && sign <= 0x39) digits++
    if (wasLower && isLetter && sign !== code) humps++
    wasLower = isLetter && sign === code
    if (sign === before) {
      row++
      repeats++
    } else row = 1
    if (row > longestRow) longestRow = row
    const codeBefore = before | 0x20
    // The same letter in both cases: neither longer nor over.
    if (code === codeBefore + 1 || (code === 0x30 && codeBefore === 0x39)) run++
    else if (code !== codeBefore || code < 0x61 || sign === before) run = 1
    if (run >= (code >= 0x61 ? lettersMin : digitsMin)) isSequence = true
    three = ((three << 5) | (sign & 31)) & 0x7fff
    says |= saying[three] ?? 0
    before = sign
  }
  return { value, letters, digits, humps, longestRow, repeats, isSequence: isSequence || run >= lastDigitsMin, maySayExample: says !== 0 }
}
