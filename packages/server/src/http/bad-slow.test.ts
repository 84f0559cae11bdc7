import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
let key: string
const sockets: Socket[] = []
beforeAll(async () => {
  world = await serverWorld({ project: 'bots' })
  key = await world.makeKey('manage')
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(() => world.dispose())

function open(): Socket {
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1')
  // What the server closes is closed: that is looked at where it counts.
  socket.on('error', () => undefined)
  sockets.push(socket)
  return socket
}

/** Everything that comes back for these bytes, until the server closes, or as many answers as are waited for. */
function raw(bytes: string | Buffer, answers = 1): Promise<string> {
  return new Promise((resolve) => {
    const socket = open()
    let heard = ''
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1')
      if (statusesOf(heard).length >= answers && heard.includes('\r\n\r\n')) socket.end()
    })
    socket.on('close', () => resolve(heard))
    socket.write(bytes)
  })
}

const statusesOf = (heard: string): readonly number[] => [...heard.matchAll(/HTTP\/1\.1 (\d\d\d) /g)].map(([, status]) => Number(status))
const authorized = (): string => `Host: x\r\nAuthorization: Bearer ${key}\r\n`

test('clients that never say what they want, or never say all of it, keep nobody else waiting', async () => {
  for (let each = 0; each < 300; each++) open().write(each % 2 === 0 ? 'GET /api/v1/alerts HTTP/1.1\r\nHost: x\r\nX-Slow' : '')
  for (let each = 0; each < 40; each++) open().write(`POST /api/v1/events HTTP/1.1\r\n${authorized()}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"events":[`)
  for (let each = 0; each < 40; each++) open().write(`POST /api/auth/sign-in/email HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`)
  const begun = performance.now()
  const event = { type: 'custom', id: 'one', atMs: Date.now() }
  expect((await world.call('POST', '/api/v1/events', { key, body: { events: [event] } })).json).toMatchObject({ accepted: 1 })
  expect((await world.call('GET', '/api/v1/alerts', { key })).status).toBe(200)
  expect(performance.now() - begun).toBeLessThan(3_000)
})

test('of a body that breaks off nothing is kept, and sent again it is new', async () => {
  const text = JSON.stringify({ events: [{ type: 'custom', id: 'broken', atMs: Date.now() }] })
  await new Promise<void>((resolve) => {
    const socket = open()
    socket.on('close', () => resolve())
    socket.write(`POST /api/v1/events HTTP/1.1\r\n${authorized()}Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text.slice(0, -1)}`, () => socket.destroy())
  })
  expect(await raw(`POST /api/v1/events HTTP/1.1\r\n${authorized()}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\nZZ\r\n`)).toContain(' 400 ')
  expect((await world.store.read.events({ limit: 100 })).map(({ id }) => id)).not.toContain('broken')
  expect((await world.call('POST', '/api/v1/events', { key, body: JSON.parse(text) as unknown })).json).toMatchObject({ accepted: 1, duplicates: 0 })
})

test('whoever asks and never reads the answers holds little of the server, and nobody else up', async () => {
  const before = process.memoryUsage.rss()
  for (const path of ['/openapi.json', '/api/v1/built-in-rules']) {
    const socket = open()
    socket.pause()
    socket.write(`GET ${path} HTTP/1.1\r\n${authorized()}\r\n`.repeat(1_000))
  }
  for (let each = 0; each < 20; each++) expect((await world.call('GET', '/api/v1/alerts', { key })).status).toBe(200)
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
})

test('what is no HTTP, or two things at once, is refused', async () => {
  const refused: Readonly<Record<string, string>> = {
    'no host': 'GET /healthz HTTP/1.1\r\n\r\n',
    'two lengths': `POST /api/v1/events HTTP/1.1\r\n${authorized()}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`,
    'a length and chunks': `POST /api/v1/events HTTP/1.1\r\n${authorized()}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a length below nothing': `POST /api/v1/events HTTP/1.1\r\n${authorized()}Content-Length: -1\r\n\r\n`,
    'a header of 100,000 bytes': `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
    'ten thousand headers': `GET /healthz HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`,
    'a NUL in a header': 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: \u0000\r\n\r\n',
    'a blank before a colon': 'GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n',
    'a method that is none': 'G\u0000T /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    'another version': 'GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n',
    'a greeting by TLS': '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    'garbage': '\u0000\u0001\u0002\r\n\r\n',
  }
  const wrong: string[] = []
  for (const [name, bytes] of Object.entries(refused)) {
    const heard = await raw(Buffer.from(bytes, 'latin1'))
    if (!/^HTTP\/1\.1 4\d\d /.test(heard) || statusesOf(heard).length !== 1) wrong.push(`${name}: ${heard.slice(0, 200)}`)
  }
  expect(wrong).toEqual([])
  expect((await world.call('GET', '/healthz')).status).toBe(200)
})

test('methods that a route does not have are answered as what is not there, and change nothing', async () => {
  const answers = await Promise.all(['TRACE', 'PURGE', 'OPTIONS', 'PROPFIND', 'PATCH', 'LOCK'].map(async (method) => statusesOf(await raw(`${method} /api/v1/events HTTP/1.1\r\n${authorized()}Content-Length: 0\r\n\r\n`))))
  expect(answers.flat().every((status) => status >= 400 && status < 500)).toBe(true)
  expect(answers.flat()).toHaveLength(6)
  expect(statusesOf(await raw(`HEAD /api/v1/alerts HTTP/1.1\r\n${authorized()}\r\n`))).toEqual([200])
})

test('HTTP/1.0, whole addresses, an upgrade to nothing and two keys are answered as they stand', async () => {
  expect(statusesOf(await raw('GET /healthz HTTP/1.0\r\n\r\n'))).toEqual([200])
  expect(statusesOf(await raw('GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n')).every((status) => status < 500)).toBe(true)
  expect(statusesOf(await raw('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'))).toEqual([200])
  // The first counts: whoever adds a second gains nothing by it.
  expect(statusesOf(await raw(`GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer tok_forged\r\nAuthorization: Bearer ${key}\r\n\r\n`))).toEqual([401])
  expect(statusesOf(await raw('GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: the-impossible\r\n\r\n'))).toEqual([417])
})

test('requests one behind the other are answered in their order, each as who asked it', async () => {
  const heard = await raw(`GET /api/v1/me HTTP/1.1\r\n${authorized()}\r\nGET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /api/v1/alerts HTTP/1.1\r\n${authorized()}\r\n`, 4)
  expect(statusesOf(heard)).toEqual([200, 401, 200, 200])
})
