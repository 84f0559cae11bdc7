import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, cpSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSmtpServer } from '../../packages/core/src/testing/smtp-server.ts'

const root = join(import.meta.dirname, '../..')
const source = join(root, 'packages/core')
const compiler = join(root, 'node_modules/typescript/bin/tsc')
const bundler = join(root, 'node_modules/rolldown/bin/cli.mjs')
const run = promisify(execFile)

interface Manifest {
  readonly bin: { readonly tocsin: string }
  readonly files: readonly string[]
  readonly scripts: { readonly build: string }
  readonly exports: { readonly '.': { readonly types: string; readonly default: string } }
  readonly dependencies: Readonly<Record<string, string>>
  readonly engines: { readonly node: string }
}

const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest // our own file, whose fields the tests below look at

/** A project of somebody else's, with the package as npm would put it there: what `files` names, and its dependencies. */
let project: string
let installed: string

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'tocsin-package-'))
  installed = join(project, 'node_modules/tocsin')
  mkdirSync(installed, { recursive: true })
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }')
  expect(manifest.files).toEqual(['dist'])
  // As `npm run build` does, into another folder.
  expect(manifest.scripts.build).toBe('rolldown -c rolldown.config.ts && tsc -p tsconfig.build.json --emitDeclarationOnly')
  await run(process.execPath, [bundler, '-c', 'rolldown.config.ts', '--dir', join(installed, 'dist')], { cwd: source })
  await run(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', join(installed, 'dist')], { cwd: source })
  cpSync(join(source, 'package.json'), join(installed, 'package.json'))
  for (const name of Object.keys(manifest.dependencies)) link(name)
}, 120_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

/** What the package says it needs, and nothing else of this repository. */
function link(name: string, from = source): void {
  const target = join(project, 'node_modules', name)
  if (existsSync(target)) return
  mkdirSync(join(target, '..'), { recursive: true })
  const nested = join(from, 'node_modules', name)
  symlinkSync(existsSync(nested) ? nested : join(root, 'node_modules', name), target)
}

/** Plain Node, which reads no TypeScript here. */
async function node(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return run(process.execPath, ['--no-strip-types', ...args], { cwd: project, env: { PATH: process.env['PATH'], ...env } })
}

function write(name: string, text: string): string {
  writeFileSync(join(project, name), text)
  return name
}

/** What the compiler has to say of a project. */
async function complaints(config: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, '-p', config], { cwd: project }, (_failed, stdout) => resolve(stdout))
  })
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
}

describe('the built package', () => {
  test('holds JavaScript and its types, and neither tests nor stand-ins', () => {
    const files = filesUnder(join(installed, 'dist'))
    expect(files).toContain('index.js')
    expect(files).toContain('index.d.ts')
    expect(files.filter((file) => /\.test\.|(?:^|\/)testing(?:\/|$)/.test(file))).toEqual([])
    const code = files.filter((file) => file.endsWith('.js')).map((file) => readFileSync(join(installed, 'dist', file), 'utf8'))
    for (const text of code) expect(text).not.toMatch(/from ['"][./][^'"]*\.ts['"]/)
  })

  test('depends on nothing that it does not name', () => {
    const used = new Set<string>()
    for (const file of filesUnder(join(installed, 'dist')).filter((name) => name.endsWith('.js'))) {
      const code = readFileSync(join(installed, 'dist', file), 'utf8').replaceAll(/\/\*[^]*?\*\//g, '')
      for (const [, name = ''] of code.matchAll(/(?:from|import|import\(|require\()\s*['"]((?:@[\w.-]+\/)?[\w-][\w.-]*)[^'"]*['"]/g)) used.add(name)
    }
    expect(used.size).toBeGreaterThan(3)
    expect([...used].filter((name) => name !== 'node' && !Object.hasOwn(manifest.dependencies, name))).toEqual([])
  })

  test('is few files to import, and none of its dependencies', async () => {
    write('imports.mjs', `
      import { registerHooks } from 'node:module'
      const files = []
      registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) })
      await import('tocsin')
      console.log(JSON.stringify(files.filter((url) => !url.startsWith('node:'))))
    `)
    const { stdout } = await node(['imports.mjs'])
    const files = JSON.parse(stdout) as readonly string[] // printed three lines above
    expect(files.length).toBeGreaterThan(0)
    expect(files.length).toBeLessThanOrEqual(8)
    expect(files.filter((url) => !url.includes('/tocsin/dist/'))).toEqual([])
  })

  test('delivers from a worker thread of its own, in plain Node', async () => {
    const server = await startSmtpServer({ login: { user: 'apikey', password: 'correct-horse-battery' } })
    write('ca.pem', server.ca)
    write('agent.mjs', `
      import { init } from 'tocsin'
      const tocsin = init({
        channels: { mail: { type: 'email', url: process.env.SMTP_URL, ca: 'ca.pem', from: 'Tocsin <tocsin@example.com>' } },
        people: { ana: { role: 'admin', email: 'ana@example.com' } },
        budgets: { day: { amountUsd: 1, thresholds: [0.5] } },
      }, { data: 'data' })
      await tocsin.session('refund', async () => {
        await tocsin.tool('lookUp', async () => { throw new Error('CRM is down') })
      }, { agent: 'refund-bot' }).catch(() => undefined)
      await tocsin.close()
    `)
    try {
      const { stderr } = await node(['agent.mjs'], { SMTP_URL: server.url })
      expect(stderr).toBe('')
      expect(server.mails.map((mail) => mail.parsed.subject)).toEqual(expect.arrayContaining([expect.stringContaining('[High] Session failed: refund-bot')]))
    } finally {
      await server.close()
    }
  })

  test('has a command with a first line that a shell understands', async () => {
    const file = join(installed, manifest.bin.tocsin)
    expect(readFileSync(file, 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node')
    write('tocsin.yaml', 'people: { ana: { role: admin } }\n')
    const { stdout } = await node([file, 'check'])
    expect(stdout).toContain('tocsin.yaml is right.')
    // As npm installs it: executable, under its name.
    mkdirSync(join(project, 'node_modules/.bin'), { recursive: true })
    chmodSync(file, 0o755)
    symlinkSync(file, join(project, 'node_modules/.bin/tocsin'))
    const called = await run(join(project, 'node_modules/.bin/tocsin'), ['explain', 'alt_1', '--data', 'data'], { cwd: project, env: { PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` } })
    expect(called.stdout).toContain('alt_1')
  })

  test('has types with which a strict program compiles, and a wrong one does not', async () => {
    const options = { target: 'es2024', module: 'nodenext', moduleResolution: 'nodenext', strict: true, noEmit: true, types: ['node'], typeRoots: [join(root, 'node_modules/@types')], exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
    write('right.ts', `
      import { init, NotificationManager, TocsinError, type Channel, type ChannelType, type Client, type ConfigInput, type Outcome } from 'tocsin'
      const config: ConfigInput = { people: { ana: { role: 'admin', email: 'ana@example.com' } }, budgets: { day: { amountUsd: 5 } } }
      const client: Client = init(config, { data: './data' })
      const answer: number = await client.session('count', async () => 42, { agent: 'counter', tags: { team: 'a' } })
      client.notify({ title: 'done ' + answer.toFixed(0), severity: 'info' })
      await client.flush()
      await client.close()
      const manager = new NotificationManager({ channels: { console: { type: 'console' } } })
      const outcome: Outcome = await manager.send({ channel: 'console', title: 'Hello' })
      if (outcome.kind !== 'sent') throw new TocsinError('wrong-usage', outcome.detail)
      export const channel = { send: async () => ({ kind: 'sent' }) } satisfies Channel
      export type Shape = ChannelType['shape']
    `)
    write('wrong.ts', `
      import { init } from 'tocsin'
      init({ people: { ana: { role: 'boss' } } })
    `)
    const config = (name: string): string => write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions: options, files: [`${name}.ts`] }))
    expect(await complaints(config('right'))).toBe('')
    expect(await complaints(config('wrong'))).toContain('boss')
  })

  test('says which Node it needs', () => {
    expect(manifest.engines.node).toMatch(/^>=22\.\d+$/)
    expect(manifest.exports['.']).toMatchObject({ types: './dist/index.d.ts', default: './dist/index.js' })
  })
})

test('with the built server beside it, its command serves, in plain Node and for production', { timeout: 60_000 }, async () => {
  const server = join(root, 'packages/server')
  const beside = join(project, 'node_modules/@tocsin/server')
  const { dependencies } = JSON.parse(readFileSync(join(server, 'package.json'), 'utf8')) as Manifest // our own file
  await run(process.execPath, [bundler, '-c', 'rolldown.config.ts', '--dir', join(beside, 'dist')], { cwd: server })
  cpSync(join(server, 'package.json'), join(beside, 'package.json'))
  for (const name of Object.keys(dependencies)) link(name, server)
  const child = spawn(process.execPath, ['--no-strip-types', join(installed, manifest.bin.tocsin), 'serve', '--port', '0', '--data', join(project, 'served')], { cwd: project, env: { PATH: process.env['PATH'], NODE_ENV: 'production' }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  let [stdout, stderr] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  for await (const text of child.stdout.setEncoding('utf8')) {
    stdout += String(text)
    if (stdout.includes('Listening')) break
  }
  const url = /Listening on (\S+)\. /.exec(stdout)?.[1] ?? `nowhere: ${stderr}`
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ok: true })
  child.kill('SIGTERM')
  await ended
  expect([child.exitCode, stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))]).toEqual([0, []])
})
