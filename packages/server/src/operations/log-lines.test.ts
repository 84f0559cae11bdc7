import { createServer } from 'node:http'
import { mkdtempSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startServer, stopServer } from '../../../core/src/testing/postgres-server.ts'
import { until } from '../../../core/src/testing/receiver.ts'
import { serverProcess, type ServerProcess } from '../testing/server-process.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

interface Line {
  readonly level: string
  readonly message: string
  readonly [name: string]: unknown
}

/** Fails where a line is no JSON: nothing but the log writes there. */
function linesOf(server: ServerProcess): readonly Line[] {
  return server.stderr().trimEnd().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
}

test('while the database is away the log says once that it is not ready, and nothing is printed beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-lines-'))
  const database = await startServer(folder)
  ends.push(() => stopServer(folder))
  const server = await serverProcess({ words: ['--database-url', database.url] })
  ends.push(() => server.dispose())
  const ready = async (): Promise<number> => (await fetch(`${server.url}/readyz`)).status
  const logIn = async (): Promise<number> => (await fetch(`${server.url}/api/auth/sign-in/email`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'dana@example.com', password: 'correct horse battery' }) })).status
  expect([await ready(), await logIn()]).toEqual([200, 401])
  process.kill(database.pid, 'SIGINT')
  await until(async () => (await ready()) === 503)
  for (let asked = 0; asked < 3; asked++) {
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    expect(await ready()).toBe(503)
  }
  expect(await logIn()).toBe(503)
  await startServer(folder, database.port)
  await until(async () => (await ready()) === 200)
  const lines = linesOf(server)
  expect(lines.filter(({ message }) => message.includes('ready')).map(({ level, message }) => [level, message])).toEqual([['warn', 'not ready'], ['warn', 'ready again']])
  expect(server.stdout()).not.toContain('SERVER_ERROR')
}, 60_000)

test('a channel that is paused, and one that sends again, is a line in the log, without its secrets', async () => {
  // A redirect is never followed: the address is wrong.
  let status = 302
  const receiver = createServer((request, response) => {
    request.resume()
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  ends.push(() => receiver.close())
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const { port } = receiver.address() as AddressInfo // listens on a port
  const server = await serverProcess({
    words: ['--log-level', 'info'],
    config: { project: 'bots', channels: { hook: { type: 'webhook', url: `http://127.0.0.1:${port}/in`, secret, allowInsecure: true } }, people: { dana: { role: 'admin' } }, delivery: { pauseMs: 1_000 } },
  })
  ends.push(() => server.dispose())
  const send = () => fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: { 'authorization': `Bearer ${server.ingestKey}`, 'content-type': 'application/json' }, body: JSON.stringify({ events: [{ type: 'custom', announcement: { title: 'Disk full', severity: 'critical' } }] }) })
  expect(await (await send()).json()).toMatchObject({ accepted: 1 })
  const paused = await until(() => linesOf(server).find(({ message }) => message === 'channel paused'))
  expect(paused).toMatchObject({ level: 'warn', project: 'bots', channel: 'hook', cause: expect.stringContaining('redirect') as string })
  status = 200
  expect(await until(() => linesOf(server).find(({ message }) => message === 'channel resumed'))).toMatchObject({ level: 'info', project: 'bots', channel: 'hook' })
  expect(server.stderr()).not.toContain(secret)
}, 60_000)
