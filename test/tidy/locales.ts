import type { Rule } from './house.ts'

/** Every language says everything: the catalogues of `locales/` have the same keys. */
export const everyLanguageSaysAll: Rule = (house) => {
  const catalogues = house.files.filter(({ path }) => /\/src\/locales\/[a-z]{2}(?:-[A-Z]{2})?\.ts$/.test(path))
  const keysOf = new Map(catalogues.map(({ path, text, code }) => [path, keysIn(text, code)]))
  const all = new Set([...keysOf.values()].flatMap((keys) => [...keys]))
  return [...keysOf].flatMap(([path, keys]) => [...all].filter((key) => !keys.has(key)).map((key) => ({ path, line: 1, what: `does not say "${key}"` })))
}

/** Keys at any depth, as written: `'session-failed': {` and `subject:`, joined by dots. */
function keysIn(text: string, code: string): ReadonlySet<string> {
  const keys = new Set<string>()
  const path: string[] = []
  let pending = ''
  for (const token of code.matchAll(/(['"])\s*\1(?=\s*:)|[A-Za-z_$][\w$]*(?=\s*:)|[{}]/g)) {
    if (token[0] === '{') {
      path.push(path.length === 0 ? '' : pending)
      pending = ''
    } else if (token[0] === '}') path.pop()
    else {
      pending = text.slice(token.index, token.index + token[0].length).replaceAll(/['"]/g, '')
      if (path.length > 0) keys.add([...path, pending].filter((part) => part !== '').join('.'))
    }
  }
  return keys
}
