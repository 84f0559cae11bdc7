import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadCatalogue, locales } from './catalogues'

const server = join(import.meta.dirname, '../../../server/src')

/** What is answered in the reader's language already, whatever its code. */
const isSpoken = (code: string): boolean => /^(?:sent|held|merged|limited|silenced|refused|failed|doubt)\./.test(code)

/** Codes that are not written where a problem is made, by the text that stands there: each is read from where it comes. */
const made: Readonly<Record<string, (source: string) => readonly string[]>> = {
  // Tables of status and code: all of them are found below.
  code: () => [],
  'codeOf(status)': (source) => [...(/function codeOf\([\s\S]*?\n\}/.exec(source)?.[0] ?? '').matchAll(/'([a-z-]+)'/g)].map(([, code]) => code ?? ''),
  "why === 'changed' ? 'changed' : 'no-undo'": () => ['changed', 'no-undo'],
  '`key-${dead.dead}`': () => [.../dead: ((?:'\w+'(?: \| )?)+)/.exec(readFileSync(join(server, 'access/key.ts'), 'utf8'))?.[1]?.matchAll(/'(\w+)'/g) ?? []].map(([, dead]) => `key-${dead}`),
  // Said by `decisionInWords`, for who asks.
  'objection.reason': () => [],
  'resent.refused': (source) => [...(/const refusals[\s\S]*?\n\}/.exec(source)?.[0] ?? '').matchAll(/^ {2}'?([a-z-]+)'?: '/gm)].map(([, code]) => code ?? ''),
}

/** Every code that the server can answer, with the file that does. */
function codesOfServer(): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const file of globSync('**/*.ts', { cwd: server }).filter((one) => !one.endsWith('.test.ts') && !one.startsWith('testing/'))) {
    const source = readFileSync(join(server, file), 'utf8')
    for (const [, second = ''] of source.matchAll(/new Problem\(\w+, ([^,]+),/g)) {
      const written = /^'([a-z-]+)'$/.exec(second)?.[1]
      const codes = written === undefined ? made[second.trim()]?.(source) : [written]
      if (codes === undefined) throw new Error(`expected to know which codes ${second} stands for in ${file}`)
      for (const code of codes) found.set(code, file)
    }
    for (const [, code = ''] of source.matchAll(/\[[45]\d\d, '([a-z-]+)'/g)) found.set(code, file)
  }
  return found
}

const codes = codesOfServer()

test('the codes of the server are found, however they are written', () => {
  expect([...codes.keys()]).toEqual(expect.arrayContaining(['not-found', 'no-undo', 'key-expired', 'key-revoked', 'link-gone', 'cut-off', 'not-ended', 'too-large', 'unknown-form', 'bad-request']))
  expect(codes.size).toBeGreaterThan(50)
})

describe.each(locales)('in %s', (locale) => {
  test('there are words for every code that the server can answer', async () => {
    const words = await loadCatalogue(locale)
    expect([...codes].filter(([code]) => !isSpoken(code) && !Object.hasOwn(words, `problems.${code}`)).map(([code, file]) => `${code} of ${file}`)).toEqual([])
  })
})

test('no words are kept for a code that nothing answers any more', async () => {
  const page = readFileSync(join(import.meta.dirname, '../api/client.ts'), 'utf8') + readFileSync(join(import.meta.dirname, '../pages/me/push-here.ts'), 'utf8') + readFileSync(join(import.meta.dirname, '../parts/said.ts'), 'utf8')
  const words = Object.keys(await loadCatalogue('en')).flatMap((word) => (word.startsWith('problems.') ? [word.slice('problems.'.length)] : []))
  expect(words.filter((code) => !codes.has(code) && !page.includes(`'${code}'`) && !page.includes(`'problems.${code}'`))).toEqual([])
})
