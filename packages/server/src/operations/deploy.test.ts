import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import { listeningFor } from './listening.ts'

const root = join(import.meta.dirname, '../../../..')
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const dockerfile = textOf('Dockerfile')
const compose = textOf('compose.yaml')
const unit = textOf('deploy/tocsin.service')

/** What each of the three starts. */
const commands: readonly (readonly [file: string, words: readonly string[]])[] = [
  ['Dockerfile', listed(/^CMD \[(.+)\]$/m.exec(dockerfile)?.[1])],
  ['compose.yaml', listed(/^ {4}command: \[(.+)\]$/m.exec(compose)?.[1])],
  ['deploy/tocsin.service', (/^ExecStart=\S+\/tocsin (.+)$/m.exec(unit)?.[1] ?? '').split(' ')],
]

interface LockedPackage {
  readonly dev?: true
  readonly devOptional?: true
  readonly optional?: true
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Elements of a list on one line, of JSON or of YAML. */
function listed(text = ''): readonly string[] {
  return text.split(',').map((word) => word.trim().replaceAll(/^"|"$/g, ''))
}

const ignored = textOf('.dockerignore').split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/** Whether .dockerignore lets a file through: of the lines that name it or a folder around it the last one counts. */
function letThrough(path: string): boolean {
  const parts = path.split('/')
  const around = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
  const last = ignored.findLast((line) => around.some((one) => matchesGlob(one, line.replace(/^!/, ''))))
  return last === undefined || last.startsWith('!')
}

/** Value of an option in the words of a command. */
function valueOf(words: readonly string[], option: string): string | undefined {
  return words.includes(option) ? words[words.indexOf(option) + 1] : undefined
}

test('the image is made of files that are there, with every workspace known before its dependencies are installed', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '))
  expect(copied.length).toBeGreaterThan(5)
  expect(copied.filter((path) => !existsSync(join(root, path)) || !letThrough(path))).toEqual([])
  // Reason for the cast: our own file.
  const { workspaces } = JSON.parse(textOf('package.json')) as { readonly workspaces: readonly string[] }
  const manifests = globSync(workspaces.map((folder) => `${folder}/package.json`), { cwd: root })
  expect(manifests.filter((path) => !copied.includes(path))).toEqual([])
  const built = globSync('packages/*/{src/**/*.{ts,tsx,css},*.config.ts,tsconfig*.json,build.ts,index.html}', { cwd: root }).filter((path) => !path.endsWith('.test.ts'))
  expect(built.length).toBeGreaterThan(500)
  expect(built.filter((path) => !letThrough(path))).toEqual([])
})

test('neither secrets nor what was built outside get into the image', () => {
  for (const path of ['.env', '.env.production', 'packages/server/.env', 'data/secret.key', '.tocsin/tocsin.db', 'packages/server/static/index.html', 'packages/core/dist/index.js', 'node_modules/zod/index.js', '.git/config']) {
    expect([path, letThrough(path)]).toEqual([path, false])
  }
})

test('what the image leaves out is needed by nothing that it holds', () => {
  expect(dockerfile).toContain('.filter(([, one]) => one.devOptional)')
  // Reason for the cast: npm's format.
  const { packages } = JSON.parse(textOf('package-lock.json')) as { readonly packages: Readonly<Record<string, LockedPackage>> }
  const leftOut = new Set(Object.keys(packages).filter((path) => packages[path]?.devOptional === true))
  const held = Object.entries(packages).filter(([path, one]) => path !== '' && one.dev !== true && one.devOptional !== true)
  const asked = held.flatMap(([path, { optional, dependencies, optionalDependencies }]) => [...(optional === true ? [] : Object.keys(dependencies ?? {})), ...Object.keys(optionalDependencies ?? {})].map((name) => [path, `node_modules/${name}`] as const))
  expect(asked.length).toBeGreaterThan(100)
  expect(asked.filter(([path, needed]) => leftOut.has(needed) || leftOut.has(`${path}/${needed}`))).toEqual([])
})

test('container, compose file and unit start what there is, with options that it has', () => {
  const completion = execFileSync(process.execPath, ['--conditions=tocsin-source', join(root, 'packages/core/src/commands/main.ts'), 'completion', 'bash'], { encoding: 'utf8' })
  const options = (/^ {4}'serve'\) next='([^']*)'/m.exec(completion)?.[1] ?? '').split(' ')
  for (const [file, words] of commands) {
    expect([file, words[0]]).toEqual([file, 'serve'])
    expect(words.filter((word) => word.startsWith('--') && !options.includes(word)).map((word) => `${file}: ${word}`)).toEqual([])
    const listening = { host: valueOf(words, '--host') ?? '127.0.0.1', behindProxy: words.includes('--behind-proxy') }
    expect(() => listeningFor(listening)).not.toThrow()
  }
})

test('what is written has a place that is theirs', () => {
  const [[, inImage] = [], [, inCompose] = []] = commands
  const folder = valueOf(inImage ?? [], '--data')
  expect(dockerfile).toMatch(new RegExp(`^RUN .*chown node:node ${folder} `, 'm'))
  expect(dockerfile).toMatch(new RegExp(`^USER node\nVOLUME ${folder}$`, 'm'))
  // Docker gives a folder in memory to root where nothing else is said.
  expect(valueOf(inCompose ?? [], '--data')).toBe(folder)
  expect(compose).toContain(`"${folder}:uid=1000,gid=1000,`)
})

test('each gives the server the ten seconds that it may take to stop', () => {
  const seconds = [/--stop-timeout (\d+)/.exec(dockerfile), /stop_grace_period: (\d+)s/.exec(compose), /TimeoutStopSec=(\d+)s/.exec(unit)].map((match) => Number(match?.[1]))
  expect(seconds.filter((given) => !(given > 10))).toEqual([])
})

test('no variable of the compose file may be missing, and the password stands in no address', () => {
  const variables = compose.match(/\$\{[^}]*\}/g) ?? []
  expect(variables.length).toBeGreaterThan(2)
  expect(variables.filter((variable) => !variable.includes(':?'))).toEqual([])
  expect(compose).not.toMatch(/:\/\/\S*\$\{/)
})

test('a port that is taken for a moment, which ends with 2, is tried again', () => {
  expect(unit).toMatch(/^Restart=on-failure$/m)
  expect(unit).not.toMatch(/^RestartPreventExitStatus=/m)
})
