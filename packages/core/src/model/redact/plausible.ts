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
  const letters = countMatches(value, /[A-Za-z]/g)
  const digits = countMatches(value, /\d/g)
  if (letters === 0) return digits >= 12
  if (digits > 0) return letters + digits >= 8
  return value.length >= 14 && countMatches(value, /[a-z][A-Z]/g) >= 3 && !/^(?:[A-Z]?[a-z]{3,}){1,6}$/.test(value)
}

function countMatches(value: string, pattern: RegExp): number {
  return value.match(pattern)?.length ?? 0
}
