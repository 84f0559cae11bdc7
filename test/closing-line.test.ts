import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

/** Runs these test files for themselves in a process of their own, and returns its last line and exit code. */
function runAlone(files: Readonly<Record<string, string>>): { readonly lastLine: string | undefined; readonly status: number | null } {
  // Below the root, so that vitest is found from there.
  const cache = join(import.meta.dirname, '../node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'closing-line-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const reporter = JSON.stringify(join(import.meta.dirname, 'closing-line.ts'))
  writeFileSync(join(folder, 'vitest.config.mjs'), `import { closingLine } from ${reporter}\nexport default { test: { include: ['*.test.mjs'], exclude: [], reporters: ['default', closingLine] } }\n`)
  for (const [name, body] of Object.entries(files)) writeFileSync(join(folder, name), `import { test } from 'vitest'\n${body}\n`)
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const { stdout, status } = spawnSync(process.execPath, [vitest, 'run', '--root', folder], { encoding: 'utf8' })
  return { lastLine: stdout.trimEnd().split('\n').at(-1), status }
}

test('a run ends with what passed and what failed, and skipped tests are neither', () => {
  const files = { 'a.test.mjs': "test('a', () => {})\ntest('b', () => {})\ntest.skip('c', () => {})", 'b.test.mjs': "test('d', () => { throw new Error('no') })" }
  expect(runAlone(files)).toEqual({ lastLine: '2 passed, 1 failed', status: 1 })
})

test('a file that cannot be loaded is a failure', () => {
  expect(runAlone({ 'a.test.mjs': "test('a', () => {})", 'b.test.mjs': "throw new Error('no')" })).toEqual({ lastLine: '1 passed, 1 failed', status: 1 })
})

test('a run without failures says so', () => {
  expect(runAlone({ 'a.test.mjs': "test('a', () => {})" })).toEqual({ lastLine: '1 passed, 0 failed', status: 0 })
})
