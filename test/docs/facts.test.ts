import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { en } from '../../packages/core/src/locales/en.ts'
import { configSchema } from '../../packages/core/src/model/config.ts'
import { decisionReasons } from '../../packages/core/src/model/decision.ts'
import { TocsinError, type TocsinErrorCode } from '../../packages/core/src/model/error.ts'
import { permissions, roles } from '../../packages/core/src/model/roles.ts'
import { AlertView, EventView } from '../../packages/core/src/rules/view.ts'
import { breaks } from '../simulation/breaks.ts'
import { configKeys } from './config-keys.ts'
import { outcomeKinds } from './outcome-kinds.ts'
import { pages, placeOf, root, snippetsIn, textOf } from './snippets.ts'

/** Rows of all tables of a page whose first cell is code: the code → the other cells. */
function rowsOf(page: string): ReadonlyMap<string, readonly string[]> {
  const rows = textOf(page).split('\n').flatMap((line) => {
    const match = /^\| `([^`]+)` \| (.*) \|$/.exec(line)
    return match === null ? [] : [[match[1] ?? '', (match[2] ?? '').split(' | ')] as const]
  })
  return new Map(rows)
}

describe('docs/configuration.md', () => {
  const rows = rowsOf('docs/configuration.md')
  const keys = configKeys(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }))

  test('has every key, and no other', () => {
    const settings = [...rows.keys()].filter((key) => !['data', 'bufferEvents', 'handoverMs', 'exitMs', 'onNotice'].includes(key))
    expect(settings.sort()).toEqual(keys.map(({ path }) => path).sort())
  })

  test.each(keys)('$path has its words, bounds and default', ({ path, says, byDefault }) => {
    const [type = '', , standard = ''] = rows.get(path) ?? []
    const plain = (text: string): string => text.replaceAll(/(?<=\d),(?=\d{3})/g, '')
    for (const word of says) expect(plain(type)).toMatch(new RegExp(`(?<![\\w.])${word}(?![\\w.])`))
    expect(plain(standard)).toContain(byDefault)
  })

  test('has every field of conditions', () => {
    const text = textOf('docs/configuration.md').split('## Fields in conditions')[1] ?? ''
    const [event = '', alert = ''] = text.split('**`alert`**')
    const fields = (view: { readonly prototype: object }): readonly string[] => Object.getOwnPropertyNames(view.prototype).filter((name) => name !== 'constructor')
    for (const name of fields(EventView)) expect(event).toMatch(new RegExp(`\`${name}(\\.NAME)?\``))
    for (const name of fields(AlertView)) expect(alert).toMatch(new RegExp(`\`${name}(\\.NAME)?\``))
  })
})

describe('docs/reasons.md', () => {
  const rows = rowsOf('docs/reasons.md')

  test.each(decisionReasons)('%s is there in the words of the product', (code) => {
    expect(rows.get(code)).toEqual([(en.decisions[code][0] ?? '').replaceAll(/[“”]/g, '"')])
  })

  test('has no codes that do not exist', () => {
    const errors = [...rows.keys()].filter((code) => !code.includes('.'))
    expect([...rows.keys()].filter((code) => code.includes('.')).sort()).toEqual([...decisionReasons].sort())
    // A code that is none has no class.
    for (const code of errors) expect(rows.get(code)?.[1]).toBe(`\`${new TocsinError(code as TocsinErrorCode, '').retry}\``)
    expect(errors.length).toBe(13)
  })
})

describe('guides', () => {
  test('the table of roles is the table of permissions', () => {
    const rows = rowsOf('docs/guides/routes.md')
    const coded = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ')
    expect(roles.map((role) => [role, rows.get(role)?.map((cell) => cell.trim())])).toEqual(roles.map((role) => [role, [coded(permissions[role].receives), coded(permissions[role].sees), coded(permissions[role].acts)]]))
  })

  test('every outcome is described', () => {
    expect([...rowsOf('docs/guides/delivery.md').keys()].sort()).toEqual([...outcomeKinds].sort())
  })
})

describe('both READMEs', () => {
  const both = ['README.md', 'README.zh-CN.md'] as const

  test('have the same blocks, but for the words in a drawing', () => {
    const isDrawing = (text: string): boolean => text.includes('▼')
    const [english, chinese] = both.map((page) => snippetsIn(page).map(({ language, mark, text }) => ({ language, mark, text: isDrawing(text) ? text.split('\n').length : text })))
    expect(chinese).toEqual(english)
  })

  test('have the same sections, tables and links', () => {
    const shapeOf = (page: string): readonly string[] =>
      textOf(page).replaceAll(/^```[^]*?^```$/gm, '').split('\n').flatMap((line) => [...(/^#+ |^\| (?=\S)/.exec(line) ?? []).map((start) => start.trim()), ...[...line.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target = '']) => target)])
    const sorted = both.map((page) => shapeOf(page).filter((word) => !word.startsWith('README')).toSorted())
    expect(sorted[1]).toEqual(sorted[0])
  })
})

test('every test file, script and planted fault that a page names exists', () => {
  const planted = breaks.map(({ name }) => name)
  // Reason for the cast: the file of this repository.
  const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
  const missing = pages().flatMap((page) => {
    const text = textOf(page)
    const all = (pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].map(([, found = '']) => found)
    const files = all(/npx vitest run ([^`\n#]+)/g).flatMap((list) => list.trim().split(' '))
    return [
      ...files.filter((file) => !existsSync(join(root, file))),
      ...all(/--break ([a-z-]+)/g).filter((name) => !planted.includes(name)),
      ...all(/npm run ([a-z:]+)/g).filter((name) => !Object.hasOwn(scripts, name)),
    ].map((what) => `${page}: ${what}`)
  })
  expect(missing).toEqual([])
})

test('every link leads to a page and a heading that exist', () => {
  const anchors = (page: string): readonly string[] =>
    textOf(page).split('\n').filter((line) => /^#+ /.test(line)).map((line) => line.replace(/^#+ /, '').toLowerCase().replaceAll(/[^\p{L}\p{N} -]/gu, '').replaceAll(' ', '-'))
  const broken = [...pages(), 'ARCHITECTURE.md', 'CHANGELOG.md'].flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (/^https?:/.test(link)) return []
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? page : join(dirname(page), file)
      const isThere = existsSync(join(root, target)) && (anchor === undefined || anchors(target).includes(anchor))
      return isThere ? [] : [`${page}: ${link}`]
    }),
  )
  expect(broken).toEqual([])
})

test('the recording in the README is of the demo as it is, and of a run that went well', () => {
  const recording = snippetsIn('README.md').find(({ language }) => language === 'text')?.text ?? ''
  const expected = [...textOf('examples/demo/expectations.ts').matchAll(/what: '([^']+)'/g)].map(([, what = '']) => what)
  expect([...recording.matchAll(/^ {2}ok {6} ?(.+)$/gm)].map(([, what = '']) => what.trim())).toEqual(expected)
  expect(recording).toContain('0 missing, 0 told twice, 0 secrets out')
})

test('blocks marked "output" follow a program', () => {
  const loose = pages().flatMap((page) => snippetsIn(page).filter(({ mark }, index, all) => mark === 'output' && all[index - 1]?.language !== 'ts'))
  expect(loose.map(placeOf)).toEqual([])
})
