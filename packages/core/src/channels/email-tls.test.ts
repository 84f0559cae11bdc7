import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { TLSSocket, type TLSSocketOptions } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import type { Message, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import type { Outcome } from '../model/outcome.ts'
import { makeCertificate } from '../testing/certificate.ts'
import { openChannels } from './registry.ts'

/** A mail server that is asked to secure the connection and does something else; it writes down all that it hears in the clear. */
interface Upgrade {
  /** Lines after EHLO. */
  readonly offers: readonly string[]
  /** What it says to STARTTLS. */
  readonly reply?: string
  /** What it does after that. @default nothing */
  readonly afterwards?: (socket: Socket) => void
}

const running: { readonly server: Server; readonly sockets: readonly Socket[] }[] = []

afterEach(async () => {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function start({ offers, reply, afterwards }: Upgrade): Promise<{ readonly port: number; readonly heard: string[] }> {
  const heard: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.write('220 mail.test ESMTP\r\n')
    const listen = (data: Buffer): void => {
      const line = data.toString('latin1').trim()
      heard.push(line)
      if (line.startsWith('EHLO') || line.startsWith('HELO')) socket.write([...offers.map((offer) => `250-${offer}`), '250 SIZE'].join('\r\n') + '\r\n')
      else if (line === 'STARTTLS' && reply !== undefined) {
        socket.off('data', listen)
        socket.on('data', (more: Buffer) => heard.push(more.toString('latin1')))
        socket.write(reply)
        afterwards?.(socket)
      } else if (line === 'QUIT') socket.end('221 bye\r\n')
      else socket.write('250 ok\r\n')
    }
    socket.on('data', listen)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.push({ server, sockets })
  const { port } = server.address() as AddressInfo // A listening TCP server has one.
  return { port, heard }
}

const message: Message = { id: 'ntf_7', to: 'dana@example.com', news: 'firing', severity: 'high', subject: 's', text: 'secret text', locale: 'en', possiblyRepeated: false }

async function send(port: number, settings: Readonly<Record<string, unknown>> = {}): Promise<Outcome> {
  const opened = openChannels({ mail: { type: 'email', from: 'noreply@example.com', url: `smtp://apikey:secret-word@127.0.0.1:${port}`, ...settings } }).get('mail')
  const deadline = new AbortController()
  const cancel = systemClock.after(1_500, () => deadline.abort())
  const tools: SendTools = { signal: deadline.signal, clock: systemClock, inbox: { put: async () => undefined } }
  try {
    return (await opened?.channel.send(message, tools)) ?? { kind: 'sent' }
  } finally {
    cancel()
    await opened?.channel.close?.()
  }
}

function secretsIn(heard: readonly string[]): readonly string[] {
  return heard.filter((line) => /AUTH|MAIL FROM|RCPT|DATA|secret/.test(line) || line.includes(Buffer.from('\0apikey\0secret-word').toString('base64')))
}

const upgradeWith = (options: TLSSocketOptions) => (socket: Socket): void => {
  new TLSSocket(socket, { isServer: true, ...options }).on('error', () => undefined)
}

describe('without a secured connection neither login nor mail goes out', () => {
  test.each([
    ['offers nothing', { offers: ['AUTH PLAIN LOGIN'] }],
    ['offers it under another name, as one on the way would write it', { offers: ['XXXXXXXA', 'AUTH PLAIN'] }],
  ])('to a server that %s', async (_name, upgrade) => {
    // It is asked for all the same, and answered by "250 ok", which is no leave to go on.
    const { port, heard } = await start(upgrade)
    expect(await send(port)).toMatchObject({ kind: 'bad-config' })
    expect(secretsIn(heard)).toEqual([])
  })

  test.each([
    ['for now', '454 4.7.0 TLS not available due to temporary reason\r\n', '454'],
    ['for good', '502 5.5.1 not implemented\r\n', '502'],
    ['as a policy', '554 5.7.3 refused\r\n', '554'],
  ])('to a server that offers STARTTLS and refuses it %s', async (_name, reply, code) => {
    const { port, heard } = await start({ offers: ['STARTTLS', 'AUTH PLAIN'], reply })
    expect(await send(port)).toMatchObject({ kind: 'bad-config', code, detail: expect.stringContaining('the server does not secure the connection (STARTTLS)') as unknown })
    expect(secretsIn(heard)).toEqual([])
  })

  test('to a server that says yes and goes on in the clear', async () => {
    const { port, heard } = await start({ offers: ['STARTTLS'], reply: '220 go\r\n', afterwards: (socket) => socket.write('250-mail.test\r\n250 AUTH PLAIN\r\n') })
    expect(await send(port)).toMatchObject({ kind: 'bad-config' })
    expect(secretsIn(heard)).toEqual([])
  })

  test('to a server that says yes and leaves, which is tried again', async () => {
    const { port, heard } = await start({ offers: ['STARTTLS'], reply: '220 go\r\n', afterwards: (socket) => socket.destroy() })
    expect(await send(port)).toMatchObject({ kind: 'retry' })
    expect(secretsIn(heard)).toEqual([])
  })

  test('to a server that knows TLS 1.1 and nothing newer', async () => {
    const { ca, ...tls } = await makeCertificate()
    const { port, heard } = await start({ offers: ['STARTTLS'], reply: '220 go\r\n', afterwards: upgradeWith({ ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }) })
    expect(await send(port, { ca })).toMatchObject({ kind: 'bad-config' })
    expect(secretsIn(heard)).toEqual([])
  })

  test('to a server whose certificate has expired', async () => {
    const { ca, ...tls } = await makeCertificate(undefined, -1_000)
    const { port } = await start({ offers: ['STARTTLS'], reply: '220 go\r\n', afterwards: upgradeWith(tls) })
    expect(await send(port, { ca })).toMatchObject({ kind: 'bad-config', code: 'CERT_HAS_EXPIRED' })
  })
})

test('an answer slipped in before the connection is secured is not taken for the server’s', async () => {
  // As one on the way would do it: the reply to what is asked later, sent in the clear right behind the leave to go on.
  const { ca, ...tls } = await makeCertificate()
  const { port, heard } = await start({ offers: ['STARTTLS'], reply: '220 go\r\n250-evil.test\r\n250 AUTH LOGIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n', afterwards: upgradeWith(tls) })
  expect((await send(port, { ca })).kind).not.toBe('sent')
  expect(secretsIn(heard)).toEqual([])
})
