import { afterEach, expect, test } from 'vitest'
import { until } from '../../../core/src/testing/receiver.ts'
import { serverProcess, type ServerProcess } from '../testing/server-process.ts'
import { createLogger } from './logger.ts'

let server: ServerProcess
afterEach(() => server?.dispose())

const secrets = {
  key: 'tok_QWERTYqwertyQWERTYqwertyQWERTYqwerty12345',
  cookie: 'session-cookie-4f9Qd2XbT8vKc1RzWm7Lp0Ye',
  path: 'pathTOKEN4f9Qd2XbT8vKc1RzWm7Lp0YeAAAA',
  query: 'queryTOKEN4f9Qd2XbT8vKc1RzWm7Lp0YeBBBB',
  body: 'sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0YeT8vKc1RzWm7Lp0Ye',
  password: 'correct-horse-battery-staple-77',
} as const

test('nothing of what requests carry is in the log, however much is logged, and each line of it is JSON', { timeout: 20_000 }, async () => {
  server = await serverProcess({ words: ['--log-level', 'debug'], config: { channels: { mail: { type: 'email', url: `smtp://user:${secrets.password}@127.0.0.1:1`, allowInsecure: true, from: 'tocsin@example.com' } }, people: { dana: { role: 'admin', email: 'dana@example.com' } } } })
  const good = server.ingestKey
  const headers = { 'authorization': `Bearer ${secrets.key}`, 'cookie': `better-auth.session_token=${secrets.cookie}`, 'content-type': 'application/json' }
  const call = (method: string, path: string, body?: unknown, more: Readonly<Record<string, string>> = {}) => fetch(`${server.url}${path}`, { method, headers: { ...headers, ...more }, ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }) })
  const statuses = await Promise.all([
    call('GET', `/api/v1/alerts?cursor=${secrets.query}`),
    call('GET', `/a/${secrets.path}`),
    call('POST', `/a/${secrets.path}`, {}),
    call('GET', `/nothing/${secrets.path}?token=${secrets.query}`),
    call('POST', '/api/v1/events', `{ "events": [ ${secrets.body}`, { authorization: `Bearer ${good}` }),
    call('POST', '/api/v1/events', { events: [{ type: 'nonsense', id: secrets.body }] }, { authorization: `Bearer ${good}` }),
    call('POST', '/api/v1/events', { events: [{ type: 'custom', id: 'one', atMs: Date.now(), announcement: { title: `with ${secrets.body}`, severity: 'critical' } }] }, { authorization: `Bearer ${good}` }),
    call('POST', `/api/v1/session?token=${secrets.query}`, { email: 'dana@example.com', password: secrets.password }),
    call('GET', '/%E0%A4%A', undefined),
  ])
  expect(statuses.filter(({ status }) => status >= 500)).toEqual([])
  await until(() => server.stderr().split('answered').length > statuses.length - 1)
  server.child.kill('SIGTERM')
  await server.ended
  const lines = server.stderr().trimEnd().split('\n').map((line) => JSON.parse(line) as { readonly message?: string; readonly level?: string }) // Fails where a line is no JSON.
  expect(lines.map(({ message }) => message)).toEqual(expect.arrayContaining(['started', 'answered', 'stopping', 'stopped']))
  expect(lines.find(({ message }) => message === 'started')).toMatchObject({ level: 'info', version: '0.1.0', store: 'sqlite', url: server.url })
  for (const secret of [...Object.values(secrets), good]) expect(server.stderr()).not.toContain(secret)
  // Shown once to the person at the terminal, and nowhere else.
  expect(server.stdout().split(good)).toHaveLength(2)
  expect(server.stderr()).not.toContain('/welcome#')
})

test('what others worded loses its secrets: messages, errors and their stacks, and fields', () => {
  const written: string[] = []
  const log = createLogger('debug', { to: { write: (line) => void written.push(line) }, redact: (text) => text.replaceAll(secrets.body, '[gone]') })
  const failure = new Error(`no such key: ${secrets.body}`)
  log.error({ err: failure }, 'a request failed')
  log.error(failure)
  log.warn({ trouble: `with ${secrets.body}` }, `and ${secrets.body}`)
  log.child({ reqId: 'one' }).info(`again ${secrets.body}`)
  expect(written).toHaveLength(4)
  expect(written.join('')).not.toContain(secrets.body)
  expect(written.map((line) => line.split('[gone]').length - 1)).toEqual([2, 3, 2, 1])
})
