/** Whether a value can be a secret at all: templates, fillers and the words that stand in manuals are not. */
export function isPlaceholder(value: string): boolean {
  return value === '' || isTemplate(value) || standIns.has(value.toLowerCase()) || isOneCharacter(value)
}

/** Whether the secret is still to be put in: `${PASSWORD}`, `<token>`, `xxxxxxxx`, `YOUR_KEY`. */
export function isTemplate(value: string): boolean {
  return templatePattern.test(value) || fillerPattern.test(value)
}

/** `fo1_xxxxxxxxxxxx`, `--------`, `YOUR_TOKEN_HERE`. */
const fillerPattern = /([xX*#.0-])\1{7}|(?<![A-Za-z])(?:your|YOUR)[-_][A-Za-z]/

/** `${X}`, `$X`, `%X%`, `<x>`, `{{ x }}`, `[REDACTED:…]`, `xxxx`, `***`, `...`, and calls such as `getenv("X")`. */
const templatePattern = /^(?:\$[\w{(]|<|\{|\[|%[A-Za-z_]{2,40}%|#\{|@\w{1,40}@|\*{2}|\.{2}|…|x{3}|X{3}|process\.env|os\.(?:environ|getenv)|import\.meta|ENV\[|ENC\[)|^[\w.$]{1,80}\(/

const standIns = new Set(
  (
    'null nil none undefined true false yes no on off empty unset required optional missing invalid incorrect wrong expired redacted hidden masked ' +
    'string number object boolean text varchar password passwd pass token key apikey api_key api-key user username placeholder dummy ' +
    'bearer basic default not the must should cannot was is and for has'
  ).split(' '),
)

function isOneCharacter(value: string): boolean {
  for (let index = 1; index < value.length; index++) if (value.charCodeAt(index) !== value.charCodeAt(0)) return false
  return true
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
