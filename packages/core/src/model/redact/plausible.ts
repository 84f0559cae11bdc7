import { Expression } from './expression.ts'
import type { Reading } from './reading.ts'

/** Whether a value can be a secret at all: templates, fillers and the words that stand in manuals are not. */
export function isPlaceholder(reading: Reading): boolean {
  const { value } = reading
  return value === '' || isTemplate(reading) || (value.length <= standInCharsMax && standIns.has(value.toLowerCase())) || reading.longestRow === value.length
}

/** Whether the secret is still to be put in: `${PASSWORD}`, `<token>`, `xxxxxxxx`, `YOUR_KEY`. */
export function isTemplate({ value, longestRow }: Reading): boolean {
  return (mayBeTemplate(value) && templatePattern.test(value)) || ((longestRow >= fillerCharsMin || value.includes('your') || value.includes('YOUR')) && fillerPattern.test(value))
}

/** Whether a value begins as templates do or calls something: of the rest the expression need not be asked. */
function mayBeTemplate(value: string): boolean {
  return templateStarts.includes(value.charAt(0)) || value.includes('(')
}

const templateStarts = '$<{[%#@*.…xXpoiE'
const fillerCharsMin = 8

/** `fo1_xxxxxxxxxxxx`, `--------`, `YOUR_TOKEN_HERE`. */
const fillerPattern = new Expression(/([xX*#.0-])\1{7}|(\d)\2{15}|(?<![A-Za-z])(?:your|YOUR)[-_][A-Za-z]/)

/** `${X}`, `$X`, `%X%`, `<x>`, `{{ x }}`, `[REDACTED:…]`, `xxxx`, `***`, `...`, and calls such as `getenv("X")`. */
const templatePattern = new Expression(/^(?:\$(?:[A-Za-z_{(]|\d$)|<|\{|\[|%[A-Za-z_]{2,40}%|#\{|@\w{1,40}@|\*{2}|\.{2}|…|x{3}|X{3}|process\.env|os\.(?:environ|getenv)|import\.meta|ENV\[|ENC\[)|^[\w.$]{1,80}\(/)

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
export function isExample({ value, maySayExample, isSequence, digits }: Reading): boolean {
  return isSequence || (maySayExample && sayingPattern.test(value)) || (digits >= repeatedDigitsMin && value.includes('-') && repeatedGroup.test(value))
}

/** Whether most characters are the one before again. */
export function isMonotonous({ value, repeats }: Reading): boolean {
  return repeats * 5 > value.length * 3
}

const repeatedDigitsMin = 9
const repeatedGroup = /(?<![A-Za-z0-9])(\d{3,16})(?:-\1){2}(?!\d)/

/** Of each there are three letters in `read`. */
const sayingPattern = new Expression(/example|placeholder|dummy|not_?(?:a_?)?real|\.{2,}\W?redacted|(?:put|insert|replace|enter)_?(?:your|with)|change_?me|your_?(?:api|secret|access|token|key|password)|(?:token|key|secret|password)_?here/i)

/** Whether it was printed by a program as the name of a thing and not its value: `Token{a64f992`, `BinderProxy@45aa3e3`, `[req-1`. */
export function isObject(value: string): boolean {
  return (value.includes('{') || value.includes('(') || value.includes('@')) && /^[A-Za-z_$][\w.$]{1,80}(?:[{(]|@[0-9a-f]{1,16}$)/.test(value)
}

/**
 * Whether a value looks drawn by chance: letters with digits among them, a long number, or letters that change case as
 * no word or identifier does. Decides about names that are given harmless values too, such as `token`.
 */
export function looksRandom({ value, letters, digits, humps }: Reading): boolean {
  if (letters === 0) return digits >= 12
  if (digits > 0) return letters + digits >= 8
  return value.length >= 14 && humps >= 3 && !/^(?:[A-Z]?[a-z]{3,20}){1,6}$/.test(value)
}
