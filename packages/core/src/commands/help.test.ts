import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { examples } from './examples.ts'

const command = join(import.meta.dirname, 'main.ts')
const run = promisify(execFile)

/** Every command with its options, as the shell completion has them: made of the declarations. */
const places = new Map<string, readonly string[]>()

beforeAll(async () => {
  const { stdout } = await run(process.execPath, [command, 'completion', 'bash'])
  for (const [, path = '', words = ''] of stdout.matchAll(/^ {4}'([^']*)'\) next='([^']*)'/gm)) places.set(path, words.split(' '))
})

const isGroup = (path: string): boolean => (places.get(path) ?? []).some((word) => !word.startsWith('-'))

test('every command has an example, and none is of a command that is not there', () => {
  const commands = [...places.keys()].filter((path) => path !== '' && !isGroup(path))
  expect(commands.length).toBeGreaterThan(20)
  expect(Object.keys(examples).toSorted()).toEqual(commands.toSorted())
})

test('every example is of its own command, with options that it has', () => {
  for (const [path, own] of Object.entries(examples)) {
    for (const words of own) {
      expect(words).toMatch(new RegExp(`^${path}( |$)`))
      const options = words.match(/(?<= )--[\w-]+/g) ?? []
      expect(options.filter((option) => places.get(path)?.includes(option) !== true).map((option) => `${words}: ${option}`)).toEqual([])
    }
  }
})

test('help shows them, and is no mistake', () => {
  const { status, stdout } = spawnSync(process.execPath, [command, 'silence', 'add', '--help'], { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toMatch(/Example:\n {2}tocsin silence add --match "alert\.agent == 'billing'" --for 2h --comment "new version"/)
})

test('colours are for terminals: an error is plain in a pipe, red where they are forced, and plain again with NO_COLOR', () => {
  const stderr = (env: Readonly<Record<string, string>>): string => spawnSync(process.execPath, [command, 'check', 'nowhere.yaml'], { encoding: 'utf8', env: { PATH: '/usr/bin', ...env } }).stderr
  expect(stderr({})).toMatch(/^nowhere\.yaml: cannot be read/)
  expect(stderr({ FORCE_COLOR: '1' })).toContain(`${String.fromCodePoint(27)}[31mnowhere.yaml: cannot be read`)
  expect(stderr({ NO_COLOR: '1' })).toMatch(/^nowhere\.yaml: cannot be read/)
})
