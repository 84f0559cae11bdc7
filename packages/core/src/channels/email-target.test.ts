import { afterEach, expect, test } from 'vitest'
import type { Message, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import type { Outcome } from '../model/outcome.ts'
import { makeCertificate } from '../testing/certificate.ts'
import { startSmtpServer, type SmtpStandIn } from '../testing/smtp-server.ts'
import { openChannels } from './registry.ts'

const message: Message = { id: 'ntf_7', to: 'dana@example.com', severity: 'high', subject: 'S', text: 'T', html: '<p>T</p>', locale: 'en', possiblyRepeated: false, news: 'firing' }
let server: SmtpStandIn | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** A server on this machine whose certificate is for a name that only the test's resolver knows. */
async function relay(): Promise<{ readonly port: string; readonly ca: string }> {
  const certificate = await makeCertificate(['mail.example'])
  server = await startSmtpServer({ certificate })
  return { port: new URL(server.url).port, ca: certificate.ca }
}

async function send(settings: object, addresses: readonly string[] | Error): Promise<Outcome | undefined> {
  const tools: SendTools = {
    signal: new AbortController().signal, clock: systemClock, inbox: { put: async () => undefined },
    resolve: async () => {
      if (addresses instanceof Error) throw addresses
      return addresses
    },
  }
  const channel = openChannels({ mail: { type: 'email', from: 'tocsin@example.com', ...settings } }).get('mail')?.channel
  const outcome = await channel?.send(message, tools)
  await channel?.close?.()
  return outcome
}

test('where networks are named, the connection goes to an address that was checked, and TLS still asks for the name', async () => {
  const { port, ca } = await relay()
  const named = { url: `smtp://mail.example:${port}`, ca, allowNetworks: ['127.0.0.0/8'] }
  expect(await send(named, ['127.0.0.1'])).toMatchObject({ kind: 'sent' })
  // What does not answer is passed over; whoever answers is believed for the name alone that was asked for.
  expect(await send(named, ['127.0.0.2', '127.0.0.1'])).toMatchObject({ kind: 'sent' })
  expect(await send({ ...named, url: `smtp://other.example:${port}` }, ['127.0.0.1'])).toMatchObject({ kind: 'bad-config' })
})

test('a name that leads inside is not connected to, of several addresses not to one', async () => {
  const { port, ca } = await relay()
  const open = { url: `smtp://mail.example:${port}`, ca, allowNetworks: [] }
  for (const addresses of [['127.0.0.1'], ['10.0.0.1'], ['169.254.169.254'], ['93.184.216.34', '127.0.0.1'], ['::ffff:127.0.0.1']]) expect([addresses, await send(open, addresses)]).toEqual([addresses, expect.objectContaining({ kind: 'bad-config', code: 'address-not-allowed' })])
  expect(await send(open, Object.assign(new Error('no'), { code: 'ENOTFOUND' }))).toMatchObject({ kind: 'retry', code: 'ENOTFOUND' })
  expect(server?.mails).toEqual([])
})

test('what can be known of an address without asking anybody is refused with the settings, and without networks a server may be anywhere', () => {
  const open = (url: string, more: object) => () => openChannels({ mail: { type: 'email', from: 'tocsin@example.com', url, ...more } })
  for (const url of ['smtp://10.0.0.1', 'smtp://127.0.0.1', 'smtp://[::1]', 'smtp://localhost', 'smtp://metadata.google.internal']) {
    expect(open(url, { allowNetworks: [] })).toThrow(/url: expected a public address/)
    expect(open(url, {})).not.toThrow()
  }
  expect(open('smtp://127.0.0.1', { allowNetworks: [], allowInsecure: true })).not.toThrow()
  expect(open('smtp://10.0.0.1', { allowNetworks: ['10.0.0.0/8'] })).not.toThrow()
  expect(open('smtp://10.0.0.1', { allowNetworks: ['everything'] })).toThrow(/expected a network/)
})
