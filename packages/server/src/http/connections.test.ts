import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../core/src/testing/certificate.ts'
import { boundsConnections, type ConnectionEnd } from './connections.ts'

const max = 4
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** What the server answers: at once, when the body is there, or only when it is let go. */
interface World {
  readonly told: ConnectionEnd[]
  open(said?: string): Promise<Client>
  /** Without a handshake, where there is one. */
  openBare(said?: Buffer | string): Promise<Client>
  /** Requests that wait for their answer. */
  readonly held: number
  /** What came of bodies, in characters. */
  readonly taken: number
  /** Connections that the server has. */
  connections(): Promise<number>
  release(): void
}

interface Client {
  readonly socket: Socket
  heard: string
  isClosed: boolean
}

async function world(form: 'http' | 'https' = 'http'): Promise<World> {
  const told: ConnectionEnd[] = []
  const held: (() => void)[] = []
  let taken = 0
  const answer: RequestListener = (request, response) => {
    request.on('data', (chunk: Buffer) => void (taken += chunk.length))
    if (request.url === '/held') held.push(() => void response.end('late'))
    else if (request.method === 'POST') request.resume().once('end', () => void response.end('done'))
    else response.end('here')
  }
  const { ca, cert, key } = await makeCertificate()
  const server: Server = form === 'http' ? createServer(answer) : createTlsServer({ cert, key }, answer)
  boundsConnections(server, max, (end) => told.push(end))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  // Reason for the cast: a server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo
  return {
    told,
    get held() {
      return held.length
    },
    get taken() {
      return taken
    },
    connections: () => new Promise((resolve, reject) => server.getConnections((failure, count) => (failure === null ? resolve(count) : reject(failure)))),
    release: () => held.splice(0).forEach((go) => go()),
    open: (said = '') => (form === 'http' ? clientOn(connect(port, '127.0.0.1'), 'connect', said) : clientOn(connectTls({ port, host: '127.0.0.1', ca, servername: 'localhost' }), 'secureConnect', said)),
    openBare: (said = '') => clientOn(connect(port, '127.0.0.1'), 'connect', said),
  }
}

async function clientOn(socket: Socket, whenOpen: 'connect' | 'secureConnect', said: Buffer | string): Promise<Client> {
  const client: Client = { socket, heard: '', isClosed: false }
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => void (client.heard += chunk.toString()))
  socket.on('close', () => void (client.isClosed = true))
  closers.push(() => socket.destroy())
  await new Promise<void>((resolve) => {
    socket.once(whenOpen, resolve)
    socket.once('close', () => resolve())
  })
  if (said.length > 0) socket.write(said)
  return client
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

/** Waits until these were answered. */
async function answered(...clients: readonly Client[]): Promise<void> {
  await expect.poll(() => clients.map(({ heard }) => heard.includes(' 200 '))).toEqual(clients.map(() => true))
}

describe.each(['http', 'https'] as const)('%s', (form) => {
  test('who says nothing, or not all, leaves for who comes, the longest silent first', async () => {
    const { open, told } = await world(form)
    const nothing = await open()
    const halfAHeader = await open('GET / HTTP/1.1\r\nHost: x\r\nX-Slow')
    const halfABody = await open('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123')
    const answeredOnce = await open(get('/'))
    await answered(answeredOnce)
    const silent = [nothing, halfAHeader, halfABody, answeredOnce]
    for (let leaving = 1; leaving <= silent.length; leaving++) {
      const newcomer = await open(get('/'))
      await answered(newcomer)
      await expect.poll(() => silent.map(({ isClosed }) => isClosed)).toEqual(silent.map((_, index) => index < leaving))
    }
    expect(told).toEqual(['displaced', 'displaced', 'displaced', 'displaced'])
  })

  test('whoever is being answered stays, and the newcomer is turned away', async () => {
    const here = await world(form)
    const busy = await Promise.all(Array.from({ length: max }, () => here.open(get('/held'))))
    await expect.poll(() => here.held).toBe(max)
    const refused = await here.open(get('/'))
    await expect.poll(() => [refused.isClosed, refused.heard]).toEqual([true, ''])
    expect(here.told).toEqual(['refused'])
    here.release()
    await answered(...busy)
    await answered(await here.open(get('/')))
    expect(here.told).toEqual(['refused', 'displaced'])
  })

  test('whoever sends a body stays while it comes, and those who say nothing leave', async () => {
    const here = await world(form)
    // The one that has been silent for longest, until it sends.
    const sender = await here.open(get('/'))
    await answered(sender)
    for (let other = 1; other < max; other++) await here.open()
    sender.heard = ''
    sender.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n')
    for (let piece = 1; piece <= 8; piece++) {
      sender.socket.write('12345')
      await expect.poll(() => here.taken).toBe(piece * 5)
      if (piece === 8) break
      // Idle when it is answered: it leaves before the sender, like the others.
      await answered(await here.open(get('/')))
    }
    await answered(sender)
    expect(sender.isClosed).toBe(false)
    expect(here.told).toEqual(Array.from({ length: 7 }, () => 'displaced'))
  })

  test('a body that does not go on is silence', async () => {
    const here = await world(form)
    const stuck = await here.open('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n12345')
    await expect.poll(() => here.taken).toBe(5)
    for (let round = 0; round < 2 * max && !stuck.isClosed; round++) await answered(await here.open(get('/')))
    await expect.poll(() => stuck.isClosed).toBe(true)
  })

  test('nothing is left of those that are gone, however they went', async () => {
    const here = await world(form)
    for (let round = 0; round < 40; round++) {
      const said = ['', 'GET / HT', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1', get('/'), get('/') + get('/'), 'no such thing\r\n\r\n', get('/held')][round % 7]
      const client = await (round % 3 === 0 ? here.openBare(said) : here.open(said))
      if (round % 2 === 0) client.socket.destroy()
      else client.socket.end()
      if (round % 5 === 0) here.release()
    }
    here.release()
    for (const close of closers.splice(1)) close()
    await expect.poll(() => here.connections()).toBe(0)
    here.told.length = 0
    const busy = await Promise.all(Array.from({ length: max }, () => here.open(get('/held'))))
    await expect.poll(() => here.held).toBeGreaterThanOrEqual(max)
    expect(here.told).toEqual([])
    await here.open(get('/'))
    await expect.poll(() => here.told).toEqual(['refused'])
    here.release()
    await answered(...busy)
  })
})

test('who does not get past the beginning of a handshake leaves like others who say nothing', async () => {
  const { open, openBare, told } = await world('https')
  // The head of a record, and half of what it announces.
  const bare = [await openBare(), await openBare(Buffer.from('16030101f0010001ec0303', 'hex')), await openBare(), await openBare('GET / HTTP/1.1\r\n')]
  for (const _one of bare) await answered(await open(get('/')))
  await expect.poll(() => bare.map(({ isClosed }) => isClosed)).toEqual(bare.map(() => true))
  expect(told.filter((end) => end === 'refused')).toEqual([])
})

test('a connection that is used again and again is not the one that leaves', async () => {
  const { open } = await world()
  const used = await open(get('/'))
  await answered(used)
  const others = [await open(), await open(), await open()]
  for (let round = 0; round < others.length; round++) {
    used.heard = ''
    used.socket.write(get('/'))
    await answered(used)
    await answered(await open(get('/')))
  }
  await expect.poll(() => others.map(({ isClosed }) => isClosed)).toEqual([true, true, true])
  expect(used.isClosed).toBe(false)
})
