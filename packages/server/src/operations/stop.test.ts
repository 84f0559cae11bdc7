import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock, type ConfigInput } from 'tocsin/engine'
import { startHttpProvider, type HttpProvider } from '../../../core/src/testing/http-provider.ts'
import { until } from '../../../core/src/testing/receiver.ts'
import { emptyDatabase, type EmptyDatabase } from '../testing/empty-database.ts'
import { serverProcess, type ServerProcess } from '../testing/server-process.ts'

let server: ServerProcess
let receiver: HttpProvider | undefined
let database: EmptyDatabase | undefined
afterEach(async () => {
  await server.dispose()
  await receiver?.close()
  await database?.dispose()
  receiver = database = undefined
})

const event = (id: string): object => ({ type: 'custom', id, atMs: Date.now(), announcement: { title: `news ${id}`, severity: 'critical' } })

function post(body: unknown): Promise<Response> {
  return fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: { 'authorization': `Bearer ${server.ingestKey}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

/** A request whose body is not whole yet; resolves with all that was answered when the connection ends. */
function slowRequest(body: string): { finish(): void; readonly answer: Promise<string> } {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => (text += part))
  socket.write(`POST /api/v1/events HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${server.ingestKey}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, 10)}`)
  return {
    finish: () => void socket.write(body.slice(10)),
    answer: new Promise((resolve) => {
      socket.on('close', () => resolve(text))
      socket.on('error', () => undefined)
    }),
  }
}

for (const kind of ['SQLite', 'PostgreSQL'] as const) {
  describe(`told to end, a server on ${kind}`, () => {
    test('answers what is under way, waits for no provider that hangs, ends well within 10 s, and nothing is lost', { timeout: 40_000 }, async () => {
      receiver = await startHttpProvider({ protocol: 'http', answer: () => ({ status: 200 }) })
      receiver.fail({ hang: 'answer' })
      database = kind === 'PostgreSQL' ? await emptyDatabase() : undefined
      const config: ConfigInput = { channels: { hook: { type: 'webhook', url: `${receiver.base}/hook`, secret: `whsec_${'a'.repeat(40)}`, allowInsecure: true } }, people: { dana: { role: 'admin', email: 'dana@example.com' } }, routes: [{ to: ['dana'], via: ['hook'] }], delivery: { leaseMs: 1_000, retryMs: 10 } }
      const words = database === undefined ? [] : ['--database-url', database.url]
      server = await serverProcess({ config, words })
      expect((await post({ events: [event('one')] })).status).toBe(200)
      await until(() => (receiver?.requests.length ?? 0) > 0)
      const slow = slowRequest(JSON.stringify({ events: [event('two')] }))
      const endless = slowRequest(JSON.stringify({ events: [event('three')] }))
      await new Promise((resolve) => setTimeout(resolve, 300))
      const sinceMs = systemClock.monotonicMs()
      server.child.kill('SIGTERM')
      await new Promise((resolve) => setTimeout(resolve, 500))
      await expect(fetch(`${server.url}/readyz`)).rejects.toThrow('fetch failed')
      slow.finish()
      expect(await server.ended).toBe(0)
      expect(systemClock.monotonicMs() - sinceMs).toBeLessThan(10_000)
      expect(await slow.answer).toMatch(/^HTTP\/1\.1 200 /)
      expect(await endless.answer).not.toMatch(/200/)
      // What hung is in doubt and sent again, and what was answered is sent, by whoever comes next.
      const again = receiver
      const { data } = server
      const next = await serverProcess({ config, words: database === undefined ? ['--data', data] : words })
      await until(() => again.taken.some(({ text }) => text.includes('news one')) && again.taken.some(({ text }) => text.includes('news two')))
      expect(again.requests.filter(({ text }) => text.includes('news three'))).toEqual([])
      await next.dispose()
    })
  })
}

test('a second signal ends it at once', { timeout: 20_000 }, async () => {
  server = await serverProcess()
  const slow = slowRequest(JSON.stringify({ events: [event('one')] }))
  await new Promise((resolve) => setTimeout(resolve, 200))
  server.child.kill('SIGTERM')
  await new Promise((resolve) => setTimeout(resolve, 300))
  const sinceMs = systemClock.monotonicMs()
  server.child.kill('SIGINT')
  expect(await server.ended).toBe(130)
  expect(systemClock.monotonicMs() - sinceMs).toBeLessThan(1_000)
  await slow.answer
})
