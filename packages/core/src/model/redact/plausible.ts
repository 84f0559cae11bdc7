/** Whether a value can be a secret at all: templates, variables, stars and the usual stand-ins are not. */
export function isPlaceholder(value: string): boolean {
  return value === '' || templatePattern.test(value) || standIns.has(value.toLowerCase()) || isOneCharacter(value)
}

/** `${X}`, `$X`, `%X%`, `<x>`, `{{ x }}`, `[REDACTED:…]`, `xxxx`, `***`, `...`, and calls such as `getenv("X")`. */
const templatePattern = /^(?:\$[A-Za-z_{(]|<|\{|\[|%[A-Za-z_]{2,40}%|#\{|@\w{1,40}@|\*{2}|\.{2}|…|x{3}|X{3}|process\.env|os\.(?:environ|getenv)|import\.meta|ENV\[)|^[\w.$]{1,80}\(/

const standIns = new Set(
  (
    'null nil none undefined true false yes no on off empty unset required optional missing invalid incorrect wrong expired redacted hidden masked ' +
    'string number object boolean text varchar password passwd pass secret token key apikey api_key changeme user username example placeholder dummy ' +
    'your_password yourpassword your-password your_token your_api_key your-api-key mypassword bearer basic default not the must should cannot was is and for has'
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
