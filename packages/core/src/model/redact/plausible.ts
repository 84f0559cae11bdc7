/** Whether a value can be a secret at all: templates, fillers and the words that stand in manuals are not. */
export function isPlaceholder(value: string): boolean {
  return value === '' || isTemplate(value) || (value.length <= standInCharsMax && standIns.has(value.toLowerCase())) || longestRow(value) === value.length
}

/** Whether the secret is still to be put in: `${PASSWORD}`, `<token>`, `xxxxxxxx`, `YOUR_KEY`. */
export function isTemplate(value: string): boolean {
  return (mayBeTemplate(value) && templatePattern.test(value)) || ((longestRow(value) >= fillerCharsMin || value.includes('your') || value.includes('YOUR')) && fillerPattern.test(value))
}

/** Whether a value begins as templates do or calls something: of the rest the expression need not be asked. */
function mayBeTemplate(value: string): boolean {
  return templateStarts.includes(value.charAt(0)) || value.includes('(')
}

const templateStarts = '$<{[%#@*.…xXpoiE'
const fillerCharsMin = 8

/** `fo1_xxxxxxxxxxxx`, `--------`, `YOUR_TOKEN_HERE`. */
const fillerPattern = /([xX*#.0-])\1{7}|(\d)\2{15}|(?<![A-Za-z])(?:your|YOUR)[-_][A-Za-z]/

/** `${X}`, `$X`, `%X%`, `<x>`, `{{ x }}`, `[REDACTED:…]`, `xxxx`, `***`, `...`, and calls such as `getenv("X")`. */
const templatePattern = /^(?:\$(?:[A-Za-z_{(]|\d$)|<|\{|\[|%[A-Za-z_]{2,40}%|#\{|@\w{1,40}@|\*{2}|\.{2}|…|x{3}|X{3}|process\.env|os\.(?:environ|getenv)|import\.meta|ENV\[|ENC\[)|^[\w.$]{1,80}\(/

const standIns = new Set(
  (
    'null nil none undefined true false yes no on off empty unset required optional missing invalid incorrect wrong expired redacted hidden masked ' +
    'string number object boolean text varchar password passwd pass token key apikey api_key api-key user username placeholder dummy ' +
    'bearer basic default not the must should cannot was is and for has'
  ).split(' '),
)

const standInCharsMax = Math.max(...Array.from(standIns, (word) => word.length))

/**
 * Whether somebody wrote it to show what a key looks like: it says so (`EXAMPLE`, `not_a_real`), goes through the alphabet
 * (`abcdefgh`) or the digits, or says the same digits three times over (`1234-1234-1234`). None of this happens to what is drawn by chance.
 */
export function isExample(value: string): boolean {
  return sayingPattern.test(value) || isSequence(value) || (value.includes('-') && repeatedGroup.test(value))
}

/** Whether most characters are the one before again. */
export function isMonotonous(value: string): boolean {
  let same = 0
  let before = -1
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code === before) same++
    before = code
  }
  return same * 5 > value.length * 3
}

const repeatedGroup = /(?<![A-Za-z0-9])(\d{3,16})(?:-\1){2}(?!\d)/

const sayingPattern = /example|placeholder|dummy|not_?(?:a_?)?real|\.{2,}\W?redacted|(?:put|insert|replace|enter)_?(?:your|with)|change_?me|your_?(?:api|secret|access|token|key|password)|(?:token|key|secret|password)_?here/i

/** Letters in their order, perhaps each in both cases (`aAbBcC`), and digits, of which `12345678` is still a number that people use. */
const lettersMin = 8
const digitsMin = 11
const lastDigitsMin = 10

function isSequence(value: string): boolean {
  let run = 1
  let before = 0
  let signBefore = -1
  for (let index = 0; index < value.length; index++) {
    const sign = value.charCodeAt(index)
    const code = sign | 32
    const isLetter = code >= 0x61
    // The same letter in both cases: neither longer nor over.
    if (code === before + 1 || (code === 0x30 && before === 0x39)) run++
    else if (code !== before || !isLetter || sign === signBefore) run = 1
    if (run >= (isLetter ? lettersMin : digitsMin)) return true
    before = code
    signBefore = sign
  }
  return run >= lastDigitsMin
}

/** Whether it was printed by a program as the name of a thing and not its value: `Token{a64f992`, `BinderProxy@45aa3e3`, `[req-1`. */
export function isObject(value: string): boolean {
  return (value.includes('{') || value.includes('(') || value.includes('@')) && /^[A-Za-z_$][\w.$]{1,80}(?:[{(]|@[0-9a-f]{1,16}$)/.test(value)
}

/** How often one character comes in a row. */
function longestRow(value: string): number {
  let longest = 0
  let row = 0
  let before = -1
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    row = code === before ? row + 1 : 1
    if (row > longest) longest = row
    before = code
  }
  return longest
}

/**
 * Whether a value looks drawn by chance: letters with digits among them, a long number, or letters that change case as
 * no word or identifier does. Decides about names that are given harmless values too, such as `token`.
 */
export function looksRandom(value: string): boolean {
  let letters = 0
  let digits = 0
  let humps = 0
  let wasLower = false
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    const isLower = code >= 0x61 && code <= 0x7a
    const isUpper = code >= 0x41 && code <= 0x5a
    if (isLower || isUpper) letters++
    else if (code >= 0x30 && code <= 0x39) digits++
    if (isUpper && wasLower) humps++
    wasLower = isLower
  }
  if (letters === 0) return digits >= 12
  if (digits > 0) return letters + digits >= 8
  return value.length >= 14 && humps >= 3 && !/^(?:[A-Z]?[a-z]{3,20}){1,6}$/.test(value)
}
