import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const command = join(import.meta.dirname, 'main.ts')
const script = (shell: string): string => execFileSync(process.execPath, [command, 'completion', shell], { encoding: 'utf8' })
const folder = mkdtempSync(join(tmpdir(), 'tocsin-completion-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
/** In this folder, so that there are files to complete. */
const run = (shell: string, words: readonly string[]) => spawnSync(shell, words, { encoding: 'utf8', cwd: import.meta.dirname, timeout: 60_000 })
const isHere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

describe('completion by bash itself', () => {
  const bash = script('bash')
  /** What bash would offer after these words, of which the last is not finished. */
  const offered = (...words: readonly string[]): readonly string[] =>
    execFileSync('bash', ['--norc', '-c', `${bash}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tocsin; printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', 'tocsin', ...words], { encoding: 'utf8', cwd: import.meta.dirname }).trim().split('\n')

  test('commands, what stands under them, and their options', () => {
    expect(offered('ser')).toEqual(['serve'])
    expect(offered('silence', '')).toEqual(expect.arrayContaining(['add', 'list', 'end', 'preview', '--help']))
    expect(offered('silence', 'add', '--com')).toEqual(['--comment'])
    expect(offered('serve', '--data', '/tmp', '--behind')).toEqual(['--behind-proxy'])
  })

  test('files, where a value or an argument is expected', () => {
    expect(offered('check', 'completion.te')).toEqual(['completion.test.ts'])
    expect(offered('serve', '--config', 'completion.te')).toEqual(['completion.test.ts'])
  })
})

for (const shell of ['zsh', 'fish'] as const) {
  test(`the script for ${shell} names every command`, () => {
    const text = script(shell)
    for (const name of ['serve', 'test-channel', 'silence add', 'drain']) expect(text).toContain(`'${name}'`)
  })

  test(`${shell} can read its script`, ({ skip }) => {
    if (!isHere(shell)) skip(`${shell} is not installed`)
    // In a file: without one fish only says that it was given none.
    const file = join(folder, `completion.${shell}`)
    writeFileSync(file, script(shell))
    expect(spawnSync(shell, ['-n', file]).status).toBe(0)
  })
}

test('completion by fish itself: commands, what stands under them, their options, and files', ({ skip }) => {
  if (!isHere('fish')) skip('fish is not installed')
  const fish = script('fish')
  /** What fish would offer for this line, without what it says of each. */
  const offered = (line: string): readonly string[] => {
    const { stdout, stderr } = run('fish', ['--no-config', '-c', `${fish}\ncomplete -C $argv[1]`, line])
    expect(stderr).toBe('')
    return stdout.trim().split('\n').map((choice) => choice.split('\t')[0] ?? '')
  }
  expect(offered('tocsin ser')).toEqual(['serve'])
  expect(offered('tocsin silence ')).toEqual(['add', 'end', 'list', 'preview'])
  expect(offered('tocsin silence add --com')).toEqual(['--comment'])
  expect(offered('tocsin serve --data /tmp --behind')).toEqual(['--behind-proxy'])
  expect(offered('tocsin serve --config completion.te')).toEqual(['completion.test.ts'])
})

/** Types into a zsh of its own at a terminal: the line, the tabulator, and a key that says what then stands there. */
const typing = String.raw`
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PROMPT=''; stty -echo; autoload -Uz compinit; fpath=($1 \$fpath); compinit -u -D; say() { print -r -- \"<line:\$BUFFER>\" }; zle -N say; bindkey '^X' say; print '<re''ady>'"
zpty -r -m shell said '*<ready>*'
zpty -w -n shell "$2"$'\t\x18'
zpty -r -m shell said '*<line:*>*'
print -r -- "$said"
zpty -d shell
`

test('completion by zsh itself: commands, what stands under them, their options, and files', ({ skip }) => {
  if (!isHere('zsh')) skip('zsh is not installed')
  // Where its first line says that it is to be put.
  writeFileSync(join(folder, '_tocsin'), script('zsh'))
  const completed = (line: string): string | undefined => {
    const { stdout } = run('zsh', ['-f', '-c', typing, 'zsh', folder, line])
    return /<line:(.*)>/.exec(stdout)?.[1]
  }
  expect(completed('tocsin ser')).toBe('tocsin serve ')
  expect(completed('tocsin silence pre')).toBe('tocsin silence preview ')
  expect(completed('tocsin silence add --com')).toBe('tocsin silence add --comment ')
  expect(completed('tocsin serve --config completion.te')).toBe('tocsin serve --config completion.test.ts ')
}, 120_000)

test('another shell is wrong usage, and says which there are', () => {
  const { status, stderr } = spawnSync(process.execPath, [command, 'completion', 'csh'], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([2, 'Expected one of bash, zsh, fish, found "csh".\n'])
})
