import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { generate } from 'selfsigned'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../model/clock.ts'
import { makeCertificate, type Certificate } from '../../testing/certificate.ts'
import { manualClock } from '../../testing/manual-clock.ts'
import { startRawServer, type RawServer, type RawServerOptions } from '../../testing/raw-server.ts'
import { callHttp, type HttpCall, type HttpResult } from './http.ts'
import { openTransport, type Transport } from './transport.ts'

const running: RawServer[] = []

async function start(options: RawServerOptions): Promise<RawServer> {
  const server = await startRawServer(options)
  running.push(server)
  return server
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

const plain: Transport = openTransport({ allowInsecure: true, allowNetworks: [] }, 'hook', 'user-supplied')
const secure: Transport = openTransport({ allowInsecure: false, allowNetworks: ['127.0.0.0/8'] }, 'hook', 'user-supplied')

type Told = Partial<HttpCall> & { readonly deadlineMs?: number }

async function call(server: RawServer, { deadlineMs = 5_000, via = plain, ...told }: Told = {}): Promise<HttpResult> {
  const url = new URL(`${via.allowInsecure ? 'http' : 'https'}://127.0.0.1:${server.port}/`)
  return callHttp({ method: 'POST', url, headers: {}, body: 'x', via, timeoutMs: deadlineMs, ...told }, { signal: new AbortController().signal, clock: systemClock })
}

/** One call to a server that answers with this text and says no more, with the connection left open or closed. */
async function answered(text: string, end: 'open' | 'closed' = 'closed', told: Told = {}): Promise<HttpResult> {
  const server = await start({ answer: (socket) => (end === 'open' ? socket.write(text, 'latin1') : socket.end(text, 'latin1')) })
  return call(server, told)
}

describe('an answer', () => {
  test('comes with its status, the headers that channels need, and its text', async () => {
    const result = await answered('HTTP/1.1 429 Slow Down\r\nContent-Type: text/plain\r\nRetry-After: 1.5\r\nX-RateLimit-Scope: shared\r\nSet-Cookie: a=b\r\nX-Other: 1\r\nContent-Length: 8\r\n\r\nwärm')
    expect(result).toMatchObject({ kind: 'answer', status: 429, afterMs: 1_500, complete: false })
    expect(result).toMatchObject({ headers: { 'content-type': 'text/plain', 'retry-after': '1.5', 'x-ratelimit-scope': 'shared' } })
    expect(JSON.stringify(result)).not.toMatch(/cookie|other/)
  })

  test('in a header is cut at 500 characters', async () => {
    expect(await answered(`HTTP/1.1 201 Created\r\nLocation: /${'a'.repeat(1_000)}\r\nContent-Length: 0\r\n\r\n`)).toMatchObject({ status: 201, complete: true, headers: { location: `/${'a'.repeat(499)}` } })
  })

  test.each([[301], [302], [303], [307], [308]])('%i leads nowhere', async (status) => {
    const target = await start({ answer: (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nsecret') })
    const location = `http://127.0.0.1:${target.port}/`
    expect(await answered(`HTTP/1.1 ${status} Elsewhere\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`)).toMatchObject({ kind: 'answer', status, headers: { location }, text: '' })
    expect(target.connections).toBe(0)
  })

  test('without end is read to 64 kB', async () => {
    const server = await start({
      answer: (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        const more = (): void => {
          while (!socket.destroyed && socket.write('y'.repeat(16_384)));
          if (!socket.destroyed) socket.once('drain', more)
        }
        more()
      },
    })
    const result = await call(server)
    expect(result).toMatchObject({ kind: 'answer', status: 200, complete: false, text: 'y'.repeat(65_536) })
  })

  test('that stops in the middle is what came in time', async () => {
    expect(await answered('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', 'open', { deadlineMs: 200 })).toMatchObject({ kind: 'answer', status: 200, text: 'half', complete: false })
  })

  test.each([
    ['with no HTTP in it', 'SSH-2.0-OpenSSH_9.6\r\n', 'closed'],
    ['with a status that is none', 'HTTP/1.1 banana\r\n\r\n', 'closed'],
    ['of another version', 'HTTP/7.7 200 OK\r\n\r\n', 'closed'],
    ['with too many headers', `HTTP/1.1 200 OK\r\n${'X-A: bbbbbbbbbbbbbbbb\r\n'.repeat(1_000)}\r\n`, 'open'],
    ['with one header too long', `HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(20_000)}`, 'open'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', 'open'],
    ['that changes to another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 'open'],
    ['that is nothing', '', 'closed'],
  ] as const)('%s is a failure of the network, after the message went out', async (_name, text, end) => {
    expect(await answered(text, end)).toMatchObject({ kind: 'failed', bodySent: true, cause: 'network' })
  })

  test('that is only ever announced is waited for until the time is over', async () => {
    expect(await answered('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n'.repeat(50), 'open', { deadlineMs: 200 })).toMatchObject({ kind: 'failed', bodySent: true, cause: 'time-out' })
  })

  test.each([['user-supplied', 15_000], ['provider', 20_000]] as const)('to a %s address is waited for as long as is said: %i ms', async (trust, timeoutMs) => {
    const clock = manualClock(0)
    const heard = Promise.withResolvers<string>()
    const server = await start({ answer: (_socket, first) => heard.resolve(first) })
    const result = callHttp({ method: 'GET', url: new URL(`http://127.0.0.1:${server.port}/`), headers: {}, via: { ...plain, trust } }, { signal: new AbortController().signal, clock })
    await heard.promise
    expect(clock.nextTaskInMs).toBe(timeoutMs)
    clock.advance(timeoutMs)
    expect(await result).toMatchObject({ kind: 'failed', bodySent: true, cause: 'time-out', code: 'ABORT_ERR' })
    expect(clock.nextTaskInMs).toBeUndefined()
  })
})

describe('a request', () => {
  test('carries bytes as they are', async () => {
    const server = await start({ answer: (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n') })
    const body = Uint8Array.from({ length: 256 }, (_none, index) => index)
    await call(server, { body, method: 'PUT', headers: { 'content-encoding': 'aes128gcm', host: 'elsewhere.test', 'Content-Length': '1' } })
    const [head = '', sent = ''] = server.heard[0]?.split('\r\n\r\n') ?? []
    expect(head).toMatch(/^PUT \/ HTTP\/1\.1\r\n/)
    expect(head.toLowerCase()).toContain('content-encoding: aes128gcm')
    // These are not the channel's to say.
    expect(head.toLowerCase().match(/^(?:host|content-length):.*$/gm)?.sort()).toEqual(['content-length: 256', `host: 127.0.0.1:${server.port}`])
    expect(Buffer.from(server.heard[0]?.slice(head.length + 4) ?? '', 'latin1').equals(body)).toBe(true)
    expect(sent).not.toBe('')
  })

  test.each([
    ['a value with a line break', { title: 'a\r\nX-Evil: 1' }],
    ['a value with a line feed alone', { title: 'a\nX-Evil: 1' }],
    ['a value in another alphabet', { title: '失败' }],
    ['a value with a null', { title: 'a\0' }],
    ['a name with a line break', { 'a\r\nx-evil': '1' }],
    ['a name with a colon', { 'x-evil: 1\r\nb': '1' }],
    ['no name', { '': '1' }],
  ])('with %s in a header is not sent', async (_name, headers) => {
    const server = await start({ answer: (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n') })
    const result = await call(server, { headers })
    expect(result).toMatchObject({ kind: 'failed', bodySent: false, cause: 'refused', code: 'header-not-allowed', detail: expect.not.stringMatching(/[\r\n]/) as unknown })
    expect(server.connections).toBe(0)
  })

  test('that the other side does not read to its end has not gone out', async () => {
    const server = await start({ answer: (socket) => socket.pause() })
    expect(await call(server, { body: new Uint8Array(32 * 1024 * 1024), deadlineMs: 300 })).toMatchObject({ kind: 'failed', bodySent: false, cause: 'time-out' })
  })

  test('to nobody has not gone out', async () => {
    const server = await start({})
    await server.close()
    expect(await call(server)).toMatchObject({ kind: 'failed', bodySent: false, cause: 'network', code: 'ECONNREFUSED' })
  })
})

describe('TLS', () => {
  const answering: Pick<RawServerOptions, 'answer'> = { answer: (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n') }

  test('with a certificate of an own authority is good', async () => {
    const { ca, ...tls } = await makeCertificate()
    expect(await call(await start({ ...answering, tls: { ...tls, maxVersion: 'TLSv1.2' } }), { via: { ...secure, ca } })).toMatchObject({ kind: 'answer', status: 204 })
  })

  test.each([
    ['of an authority that nobody knows', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', () => makeCertificate(), () => secure],
    ['of another authority of the same name', 'CERT_SIGNATURE_FAILURE', () => makeCertificate(), async () => ({ ...secure, ca: (await makeCertificate()).ca })],
    ['that has expired', 'CERT_HAS_EXPIRED', () => makeCertificate(undefined, -1_000), ({ ca }: Certificate) => ({ ...secure, ca })],
    ['for another name', 'ERR_TLS_CERT_ALTNAME_INVALID', () => makeCertificate(['hook.test']), ({ ca }: Certificate) => ({ ...secure, ca })],
    ['that signed itself', 'DEPTH_ZERO_SELF_SIGNED_CERT', () => makeSelfSigned(), () => secure],
  ])('with a certificate %s gets no message (%s)', async (_name, code, make, viaFor) => {
    const certificate = await make()
    const server = await start({ ...answering, tls: { cert: certificate.cert, key: certificate.key } })
    expect(await call(server, { via: await viaFor(certificate) })).toEqual({ kind: 'failed', bodySent: false, cause: 'tls', code })
    expect(server.heard).toEqual([])
  })

  async function makeSelfSigned(): Promise<Certificate> {
    const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], { keyType: 'ec', algorithm: 'sha256' })
    return { ca: cert, cert, key }
  }

  test('older than 1.2 gets no message', async () => {
    const { ca, ...tls } = await makeCertificate()
    const server = await start({ ...answering, tls: { ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } })
    expect(await call(server, { via: { ...secure, ca } })).toMatchObject({ kind: 'failed', bodySent: false, cause: 'tls' })
    expect([server.connections, server.heard]).toEqual([1, []])
  })

  test('is not spoken by a server of plain HTTP, which gets no message', async () => {
    const server = await start({ answer: (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') })
    expect(await call(server, { via: secure })).toMatchObject({ kind: 'failed', bodySent: false, cause: 'tls' })
    expect(server.heard.join('')).not.toContain('POST')
  })
})

describe('the environment', () => {
  const script = `
    import { callHttp } from ${JSON.stringify(new URL('./http.ts', import.meta.url).href)}
    import { openTransport } from ${JSON.stringify(new URL('./transport.ts', import.meta.url).href)}
    import { systemClock } from ${JSON.stringify(new URL('../../model/clock.ts', import.meta.url).href)}
    const via = openTransport(JSON.parse(process.argv[2]), 'hook', 'user-supplied')
    const result = await callHttp({ method: 'POST', url: new URL(process.argv[1]), headers: {}, body: 'x', via, timeoutMs: 5_000 }, { signal: new AbortController().signal, clock: systemClock })
    console.log(JSON.stringify(result))`

  async function inProcess(env: Readonly<Record<string, string>>, url: string, settings: object): Promise<unknown> {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, url, JSON.stringify(settings)], { env: { ...process.env, ...env } })
    return JSON.parse(stdout)
  }

  test('names proxies that are not used', async () => {
    const proxy = await start({ answer: (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n') })
    const server = await start({ answer: (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n') })
    const address = `http://127.0.0.1:${proxy.port}`
    const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: address, HTTPS_PROXY: address, http_proxy: address, https_proxy: address, NO_PROXY: '', no_proxy: '' }
    expect(await inProcess(env, `http://127.0.0.1:${server.port}/`, { allowInsecure: true })).toMatchObject({ kind: 'answer', status: 204 })
    expect(await inProcess(env, `https://127.0.0.1:${server.port}/`, { allowInsecure: true })).toMatchObject({ cause: 'tls' })
    expect([proxy.connections, server.connections]).toEqual([0, 2])
  })

  test('cannot switch the check of certificates off', async () => {
    const server = await start({ tls: await makeCertificate() })
    expect(await inProcess({ NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }, `https://127.0.0.1:${server.port}/`, { allowInsecure: true })).toMatchObject({ kind: 'failed', cause: 'tls', bodySent: false })
  })
})
