import { afterEach, describe, expect, test } from 'vitest'
import type { SendTools } from '../../model/channel.ts'
import { systemClock } from '../../model/clock.ts'
import { makeCertificate } from '../../testing/certificate.ts'
import { manualClock } from '../../testing/manual-clock.ts'
import { startRawServer, type RawServer, type RawServerOptions } from '../../testing/raw-server.ts'
import { networksOf } from './addresses.ts'
import { callHttp, type HttpResult } from './http.ts'
import { httpOutcome } from './outcome.ts'
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

const others: Transport = openTransport({ allowInsecure: false, allowNetworks: [] }, 'hook', 'user-supplied')
const toThisMachine: Transport = { ...others, networks: networksOf(['127.0.0.0/8']) }

type Answers = readonly (readonly string[] | Error)[]

/** Gives these answers, one a question, and counts the questions. */
function resolver(...answers: Answers): { readonly asked: string[]; readonly resolve: NonNullable<SendTools['resolve']> } {
  const asked: string[] = []
  return {
    asked,
    resolve: async (host) => {
      const answer = answers[asked.length] ?? new Error('asked once too often')
      asked.push(host)
      if (answer instanceof Error) throw answer
      return answer
    },
  }
}

function post(url: string, via: Transport, tools: Partial<SendTools>): Promise<HttpResult> {
  return callHttp({ method: 'POST', url: new URL(url), headers: {}, body: 'x', via }, { signal: new AbortController().signal, clock: systemClock, ...tools })
}

function dnsError(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code}`), { code })
}

const answering = (socket: { end: (text: string) => unknown }): unknown => socket.end('HTTP/1.1 204 No Content\r\n\r\n')

describe('a name that others chose', () => {
  test.each([
    ['this machine', ['127.0.0.1']],
    ['this machine by IPv6', ['::1']],
    ['this machine beside a public address', ['93.184.215.14', '127.0.0.1']],
    ['a public address beside one of IPv6 that is not', ['93.184.215.14', 'fd00::1']],
    ['this machine in IPv6 form', ['::ffff:127.0.0.1']],
    ['this machine on an interface', ['::1%lo']],
    ['metadata', ['169.254.169.254']],
    ['the whole machine', ['0.0.0.0']],
    ['no address at all', ['localhost']],
  ] as const)('that stands for %s is called by no connection', async (_name, addresses) => {
    const server = await start({ answer: answering })
    const { asked, resolve } = resolver(addresses)
    const result = await post(`https://hook.test:${server.port}/`, others, { resolve })
    expect(result).toMatchObject({ kind: 'failed', bodySent: false, cause: 'refused', code: 'address-not-allowed' })
    expect(httpOutcome(result, () => ({}))).toMatchObject({ kind: 'bad-config', code: 'address-not-allowed', detail: expect.stringContaining('expected a public address or one in allowNetworks') as unknown })
    expect(httpOutcome(result, () => ({}), 'bad-address')).toMatchObject({ kind: 'bad-address' })
    // What is inside is not told to those who know the name alone.
    expect(JSON.stringify(result)).not.toContain(addresses.at(-1))
    expect([asked, server.connections]).toEqual([['hook.test'], 0])
  })

  test.each([
    ['https://127.0.0.1'], ['https://2130706433'], ['https://0x7f.1'], ['https://0177.0.0.1'], ['https://[::1]'], ['https://[::ffff:127.0.0.1]'], ['https://localhost'], ['https://a.localhost'], ['http://127.0.0.1'],
    ['https://user@127.0.0.1'], ['https://127.0.0.1.'], ['https://１２７.0.0.1'],
  ])('%s is refused before anybody is asked for it', async (base) => {
    const server = await start({ answer: answering })
    const { asked, resolve } = resolver()
    expect(await post(`${base}:${server.port}/`, others, { resolve })).toMatchObject({ kind: 'failed', cause: 'refused', bodySent: false })
    expect([asked, server.connections]).toEqual([[], 0])
  })

  test('is asked for once, and the connection goes to what was checked, whatever the name says next', async () => {
    const certificate = await makeCertificate(['hook.test'])
    const server = await start({ tls: certificate, answer: answering })
    const { asked, resolve } = resolver(['127.0.0.1'], ['10.0.0.1'], ['169.254.169.254'])
    const url = `https://hook.test:${server.port}/a?b=c`
    expect(await post(url, { ...toThisMachine, ca: certificate.ca }, { resolve })).toMatchObject({ kind: 'answer', status: 204 })
    expect(asked).toEqual(['hook.test'])
    // TLS and HTTP speak of the name and not of the address.
    expect(server.serverNames).toEqual(['hook.test'])
    expect(server.heard[0]).toContain('POST /a?b=c HTTP/1.1\r\n')
    expect(server.heard[0]).toContain(`host: hook.test:${server.port}\r\n`)
    // The next call asks anew, and is refused.
    expect(await post(url, { ...toThisMachine, ca: certificate.ca }, { resolve })).toMatchObject({ cause: 'refused' })
    expect(server.connections).toBe(1)
  })

  test('is checked in the certificate, though the address would be good', async () => {
    const certificate = await makeCertificate(['127.0.0.1', 'other.test'])
    const server = await start({ tls: certificate, answer: answering })
    const result = await post(`https://hook.test:${server.port}/`, { ...toThisMachine, ca: certificate.ca }, { resolve: resolver(['127.0.0.1']).resolve })
    expect(result).toMatchObject({ kind: 'failed', bodySent: false, cause: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(server.heard).toEqual([])
  })

  test('with several addresses goes to the next where one takes no connection', async () => {
    const certificate = await makeCertificate(['hook.test'])
    const server = await start({ tls: certificate, answer: answering })
    const { resolve } = resolver(['127.0.0.9', '127.0.0.8', '127.0.0.1'])
    expect(await post(`https://hook.test:${server.port}/`, { ...toThisMachine, ca: certificate.ca }, { resolve })).toMatchObject({ kind: 'answer', status: 204 })
  })

  test.each([['ENOTFOUND'], ['EAI_AGAIN'], ['EAI_FAIL']])('that cannot be resolved (%s) is tried again later', async (code) => {
    const result = await post('https://hook.test/', others, { resolve: resolver(dnsError(code)).resolve })
    expect(result).toEqual({ kind: 'failed', bodySent: false, cause: 'network', code })
    expect(httpOutcome(result, () => ({}))).toEqual({ kind: 'retry', code, detail: 'the host name could not be resolved' })
  })

  test('without any address, or with a resolver that breaks, is tried again later', async () => {
    expect(await post('https://hook.test/', others, { resolve: resolver([]).resolve })).toMatchObject({ cause: 'network', code: 'ENOTFOUND' })
    expect(await post('https://hook.test/', others, { resolve: resolver(new Error('broken')).resolve })).toMatchObject({ cause: 'network', code: 'EAI_FAIL' })
    const throwing = (): never => {
      throw new Error('broken at once')
    }
    expect(await post('https://hook.test/', others, { resolve: throwing })).toMatchObject({ cause: 'network', code: 'EAI_FAIL' })
  })

  test('with more addresses than are looked at is refused', async () => {
    const many = Array.from({ length: 65 }, (_none, index) => `93.184.215.${index}`)
    expect(await post('https://hook.test/', others, { resolve: resolver(many).resolve })).toMatchObject({ code: 'address-not-allowed', detail: 'expected at most 64 addresses behind a name, found 65' })
  })

  test('whose resolver never answers is left alone after 15 s', async () => {
    const clock = manualClock(0)
    const call = post('https://hook.test/', others, { clock, resolve: () => new Promise(() => undefined) })
    clock.advance(14_999)
    expect(await Promise.race([call, Promise.resolve('waits')])).toBe('waits')
    clock.advance(1)
    expect(await call).toEqual({ kind: 'failed', bodySent: false, cause: 'time-out', code: 'ABORT_ERR' })
  })

  test('does not exist for the machine’s own resolver either', async () => {
    const result = await post('https://no-such-host.invalid/', others, {})
    expect(httpOutcome(result, () => ({}))).toMatchObject({ kind: 'retry', detail: 'the host name could not be resolved' })
  })
})

describe('an address in a network that the operator named', () => {
  test('is called without TLS nowhere but at this machine', async () => {
    const server = await start({ answer: answering })
    const insecure: Transport = { ...others, allowInsecure: true }
    const asked = resolver(['127.0.0.1'])
    expect(await post(`http://127.0.0.1:${server.port}/`, insecure, {})).toMatchObject({ kind: 'answer' })
    expect(await post(`http://localhost:${server.port}/`, insecure, { resolve: asked.resolve })).toMatchObject({ kind: 'answer' })
    expect(server.connections).toBe(2)
    // A hosts file that sends localhost elsewhere.
    expect(await post(`http://localhost:${server.port}/`, insecure, { resolve: resolver(['10.0.0.1']).resolve })).toMatchObject({ code: 'address-not-allowed' })
    expect(await post(`http://hook.test:${server.port}/`, { ...toThisMachine, allowInsecure: true }, { resolve: resolver(['127.0.0.1']).resolve })).toMatchObject({ code: 'url-not-allowed' })
    expect(server.connections).toBe(2)
  })

  test('by its number is called over TLS with a certificate for that number', async () => {
    const certificate = await makeCertificate()
    const server = await start({ tls: certificate, answer: answering })
    expect(await post(`https://127.0.0.1:${server.port}/`, { ...toThisMachine, ca: certificate.ca }, {})).toMatchObject({ kind: 'answer', status: 204 })
    expect(server.serverNames).toEqual([''])
  })
})

test('a provider’s own address is resolved by the connection, and may be anywhere', async () => {
  const certificate = await makeCertificate()
  const server = await start({ tls: certificate, answer: answering })
  const via = { ...openTransport({ allowInsecure: false }, 'texts', 'provider'), ca: certificate.ca }
  expect(await post(`https://localhost:${server.port}/`, via, { resolve: resolver().resolve })).toMatchObject({ kind: 'answer', status: 204 })
  expect(server.serverNames).toEqual(['localhost'])
})
