import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { init, type Client, type ConfigInput } from '../../packages/core/src/index.ts'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import type { Event } from '../../packages/core/src/model/event.ts'
import type { Store } from '../../packages/core/src/model/store.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import { compileCache } from '../../packages/core/src/testing/compile-cache.ts'

/** An agent and a server as two who know each other only by HTTP: the real process, its key, its database. */
const root = resolve(import.meta.dirname, '../..')
const config: ConfigInput = { channels: { news: { type: 'inbox' } }, people: { dana: { role: 'admin' } }, routes: [{ match: 'true', to: ['dana'], via: ['news'] }] }
const startMs = 30_000

let folder: string
let server: RunningServer
let key: string
const clients: Client[] = []

interface RunningServer {
  readonly child: ChildProcess
  readonly url: string
  readonly printed: string
}

async function serve(port: string): Promise<RunningServer> {
  const child = spawn(process.execPath, ['--conditions=tocsin-source', join(root, 'packages/core/src/commands/main.ts'), 'serve', '--port', port, '--config', join(folder, 'tocsin.yaml'), '--data', join(folder, 'server')], { cwd: folder, env: { PATH: '/usr/bin', TZ: 'UTC', ...compileCache() }, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  const listening = new Promise<string>((found, failed) => {
    const read = (text: Buffer): void => {
      printed += text.toString()
      const url = /Listening on (http:\S+?)\.?\s/.exec(printed)?.[1]
      if (url !== undefined) found(url)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', () => failed(new Error(`the server ended: ${printed}`)))
    systemClock.after(startMs, () => failed(new Error(`the server did not start: ${printed}`)))
  })
  return { child, url: await listening, printed }
}

async function kill({ child }: RunningServer): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

function agent(name: string): Client {
  const client = init({ endpoint: server.url, apiKey: key }, { data: join(folder, name), allowInsecure: true, onNotice: () => undefined })
  clients.push(client)
  return client
}

/** What the server has on record; read as another process of its host would. */
async function onRecord<T>(look: (read: Store['read']) => Promise<T>): Promise<T> {
  const store = openSqliteStore({ file: join(folder, 'server', 'tocsin.db'), clock: systemClock, durability: 'normal' })
  try {
    return await look(store.read)
  } finally {
    await store.close()
  }
}

const events = async (): Promise<readonly Event[]> => (await onRecord((read) => read.events({ limit: 1_000 }))).toReversed()
const titles = async (): Promise<readonly string[]> => (await events()).flatMap(({ announcement }) => announcement?.title ?? [])

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-remote-end-'))
  mkdirSync(join(folder, 'server'))
  // YAML holds all of JSON.
  writeFileSync(join(folder, 'tocsin.yaml'), JSON.stringify(config))
  server = await serve('0')
  key = /tok_[\w-]+/.exec(server.printed)?.[0] ?? ''
}, 60_000)
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close(0)))
  await kill(server)
  rmSync(folder, { recursive: true })
})

test('a session that fails in an agent is an alert on the server, without its secrets', async () => {
  const tocsin = agent('first')
  await expect(tocsin.session('answer-ticket', async () => Promise.reject(new Error('the key sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0Ye was refused')), { agent: 'support-bot' })).rejects.toThrow('was refused')
  expect(await tocsin.close(10_000)).toEqual({ waiting: 0 })
  const all = await events()
  expect(all.map(({ type }) => type)).toEqual(expect.arrayContaining(['session.start', 'session.end']))
  expect(JSON.stringify(all)).not.toContain('4f9Qd2XbT8vKc1RzWm7Lp0Ye')
  expect((await onRecord((read) => read.alerts())).map(({ kind, rule }) => [kind, rule])).toContainEqual(['session', 'session-failed'])
})

test('what an agent records while the server is killed and started again arrives once and in order', { timeout: 60_000 }, async () => {
  const tocsin = agent('second')
  tocsin.notify({ title: 'before', severity: 'info' })
  await tocsin.flush()
  await expect.poll(titles, { timeout: 10_000 }).toEqual(['before'])
  await kill(server)
  const expected = Array.from({ length: 200 }, (_, index) => `number ${index}`)
  for (const title of expected) tocsin.notify({ title, severity: 'info' })
  await tocsin.flush()
  server = await serve(new URL(server.url).port)
  await expect.poll(async () => (await titles()).length, { timeout: 20_000 }).toBe(201)
  expect(await tocsin.close()).toEqual({ waiting: 0 })
  expect(await titles()).toEqual(['before', ...expected])
})
