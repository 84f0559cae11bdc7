import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import type { Message, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import type { Outcome } from '../model/outcome.ts'
import { makeCertificate } from '../testing/certificate.ts'
import { startSmtpServer, type SmtpServerOptions, type SmtpStandIn } from '../testing/smtp-server.ts'
import { openChannels } from './registry.ts'

const message: Message = {
  id: 'ntf_7', to: 'dana@example.com', severity: 'high', subject: '【重要】会话失败：refund-bot', text: 'Stopped at step 7.\n.\nAsk 李.', html: '<p>Stopped at step <b>7</b></p>',
  locale: 'zh-CN', possiblyRepeated: false, news: 'firing',
}
const tools: SendTools = { signal: new AbortController().signal, clock: systemClock, inbox: { put: async () => undefined } }
const from = 'Tocsin <noreply@example.com>'

const running: SmtpStandIn[] = []

async function startServer(options?: SmtpServerOptions): Promise<SmtpStandIn> {
  const server = await startSmtpServer(options)
  running.push(server)
  return server
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

function open(settings: Readonly<Record<string, unknown>>): { send(what?: Message): Promise<Outcome>; close(): Promise<void> } {
  const channel = openChannels({ mail: { type: 'email', from, ...settings } }).get('mail')?.channel
  return {
    send: async (what = message) => (await channel?.send(what, tools)) ?? { kind: 'retry', detail: 'not opened' },
    close: async () => channel?.close?.(),
  }
}

function refusal(settings: Readonly<Record<string, unknown>>): string {
  try {
    open(settings)
    return 'accepted'
  } catch (thrown) {
    return thrown instanceof TocsinError ? `${thrown.code} ${thrown.message}` : String(thrown)
  }
}

describe('the mail', () => {
  test('has text and HTML, readable headers in UTF-8, and an id that stays the same', async () => {
    const server = await startServer()
    const mail = open({ url: server.url, ca: server.ca })
    await mail.send()
    await mail.send()
    await mail.close()
    const [first, second] = server.mails
    expect(first?.parsed).toMatchObject({ subject: message.subject, text: message.text, html: message.html, messageId: '<ntf_7@example.com>' })
    expect(first?.parsed.from?.text).toBe('"Tocsin" <noreply@example.com>')
    expect(first?.parsed.headers.get('auto-submitted')).toBe('auto-generated')
    expect(first?.parsed.headers.get('content-language')).toBe('zh-CN')
    expect(first?.parsed.headers.get('content-type')).toMatchObject({ value: 'multipart/alternative' })
    expect(second?.parsed.messageId).toBe(first?.parsed.messageId)
    // Headers are 7 bit on the line.
    const headers = first?.raw.split('\r\n\r\n')[0] ?? ''
    expect(Buffer.byteLength(headers)).toBe(headers.length)
  })

  test.each([
    ['two addresses', 'dana@example.com, eve@example.com'],
    ['a line break', 'dana@example.com\r\nRCPT TO:<eve@example.com>'],
    ['a name beside it', 'Dana <dana@example.com>'],
    ['nothing', ''],
    ['no domain', 'dana'],
  ])('an address with %s is a bad address and goes nowhere', async (_name, to) => {
    const server = await startServer()
    const mail = open({ url: server.url, ca: server.ca })
    expect(await mail.send({ ...message, to })).toMatchObject({ kind: 'bad-address' })
    expect(server.connections).toBe(0)
  })

  test('goes into the thread of its alert, and stands alone without one', async () => {
    const server = await startServer()
    const mail = open({ url: server.url, ca: server.ca })
    for (const [id, thread] of [['ntf_1', 'alert 1\r\nBcc: eve@example.com'], ['ntf_2', 'alert 1\r\nBcc: eve@example.com'], ['ntf_3', 'alert 2'], ['ntf_4', undefined]] as const) {
      await mail.send({ ...message, id, ...(thread === undefined ? {} : { thread }) })
    }
    await mail.close()
    const one = '<alert-1--Bcc--eve-example.com@example.com>'
    expect(server.mails.map(({ parsed }) => [parsed.messageId, parsed.inReplyTo, parsed.references])).toEqual([
      ['<ntf_1@example.com>', one, one],
      ['<ntf_2@example.com>', one, one],
      ['<ntf_3@example.com>', '<alert-2@example.com>', '<alert-2@example.com>'],
      ['<ntf_4@example.com>', undefined, undefined],
    ])
    expect(server.mails.every(({ parsed }) => !parsed.headers.has('bcc'))).toBe(true)
  })

  test('says where a reader asks for less, where the settings do', async () => {
    const server = await startServer()
    for (const unsubscribe of ['mailto:ops@example.com?subject=less', 'https://tocsin.example.com/me', undefined]) {
      const mail = open({ url: server.url, ca: server.ca, unsubscribe })
      await mail.send()
      await mail.close()
    }
    expect(server.mails.map(({ parsed }) => parsed.headers.get('list'))).toEqual([{ unsubscribe: { mail: 'ops@example.com?subject=less' } }, { unsubscribe: { url: 'https://tocsin.example.com/me' } }, undefined])
    expect(server.mails.map(({ raw }) => /^List-Unsubscribe: (.*)\r$/m.exec(raw)?.[1])).toEqual(['<mailto:ops@example.com?subject=less>', '<https://tocsin.example.com/me>', undefined])
    for (const unsubscribe of ['ops@example.com', 'http://example.com', 'mailto:a@example.com>\r\nBcc: eve@example.com', 'https://example.com/> <https://evil.example']) expect(refusal({ url: server.url, unsubscribe })).toContain('channels.mail.unsubscribe: expected mailto:')
  })

  test.each([
    ['Тревога «Tocsin»', 'Тревога «Tocsin»'],
    ['警报', '警报'],
    ['🚨 Ops\u202e', '🚨 Ops\u202e'],
    ['"Ops, \\"night\\""', 'Ops, "night"'],
  ])('comes from a sender named in any script: %s', async (name, expected) => {
    const server = await startServer()
    const mail = open({ url: server.url, ca: server.ca, from: `${name} <noreply@b\u00fccher.example>` })
    expect(await mail.send()).toMatchObject({ kind: 'sent', providerId: 'ntf_7@xn--bcher-kva.example' })
    await mail.close()
    expect(server.mails[0]?.parsed.from?.value).toEqual([{ name: expected, address: 'noreply@b\u00fccher.example' }])
    // Readers show the domain in its own script; over the line it goes in ASCII.
    expect(server.mails[0]?.raw).toMatch(/^From: .*(?:\r\n .*)*<noreply@xn--bcher-kva\.example>\r$/m)
    expect(server.mails[0]?.parsed.messageId).toBe('<ntf_7@xn--bcher-kva.example>')
  })

  test('goes to a domain in any script by its name in ASCII', async () => {
    const server = await startServer()
    const mail = open({ url: server.url, ca: server.ca })
    for (const to of ['dana@b\u00fccher.example', 'dana@例子.测试', 'dana@EXAMPLE.com']) expect(await mail.send({ ...message, to })).toMatchObject({ kind: 'sent' })
    await mail.close()
    expect(server.mails.map(({ to }) => to)).toEqual([['dana@b\u00fccher.example'], ['dana@例子.测试'], ['dana@example.com']])
    expect(server.mails.map(({ raw }) => /^To: (.*)\r$/m.exec(raw)?.[1])).toEqual(['dana@xn--bcher-kva.example', 'dana@xn--fsqu00a.xn--0zwm56d', 'dana@example.com'])
  })

  test.each([
    ['a mailbox of another script', '用户@example.com', 'mailbox-not-ascii'],
    ['a mailbox with an accent', 'd\u00e4na@example.com', 'mailbox-not-ascii'],
    ['a mailbox with a mark of direction', 'dana\u202e@example.com', 'mailbox-not-ascii'],
    ['a control character', 'dana\u0007@example.com', 'mailbox-not-ascii'],
    ['a domain that is none', 'dana@exa%mple', 'domain'],
    ['a null character in the domain', 'dana@exam\u0000ple.com', 'domain'],
  ])('%s is a bad address that says why, before anything is sent', async (_what, to, code) => {
    const server = await startServer()
    const mail = open({ url: server.url, ca: server.ca })
    expect(await mail.send({ ...message, to })).toMatchObject({ kind: 'bad-address', code })
    expect(server.connections).toBe(0)
  })

  test('is never split by what an agent wrote into subject or locale', async () => {
    const server = await startServer()
    const mail = open({ url: server.url, ca: server.ca })
    await mail.send({ ...message, subject: 'a\r\nBcc: eve@example.com\u2028b', locale: 'en\r\nX-Evil: 1' })
    await mail.close()
    const headers = server.mails[0]?.parsed.headers
    expect(headers?.has('bcc')).toBe(false)
    expect(headers?.has('x-evil')).toBe(false)
  })
})

describe('the connection', () => {
  test('is kept for the next mail, and one that the server ended is replaced without loss', async () => {
    const server = await startServer({ login: { user: 'apikey', password: 'p@ss:w/rd' } })
    const mail = open({ url: server.url, ca: server.ca })
    await mail.send()
    await mail.send()
    expect(server.connections).toBe(1)
    server.dropConnections()
    expect(await mail.send()).toMatchObject({ kind: 'sent' })
    expect(server.connections).toBe(2)
    expect(server.mails.map(({ user }) => user)).toEqual(['apikey', 'apikey', 'apikey'])
    await mail.close()
  })

  test('does not hold a process that has nothing else to do', async () => {
    const server = await startServer()
    const script = `
      import { openChannels } from ${JSON.stringify(new URL('./registry.ts', import.meta.url).href)}
      import { systemClock } from ${JSON.stringify(new URL('../model/clock.ts', import.meta.url).href)}
      const channel = openChannels({ mail: { type: 'email', from: 'a@example.com', url: process.argv[1], ca: process.argv[2] } }).get('mail').channel
      console.log((await channel.send(${JSON.stringify(message)}, { signal: new AbortController().signal, clock: systemClock })).kind)`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, server.url, server.ca], { timeout: 15_000 })
    expect(stdout.trim()).toBe('sent')
  })

  test('with TLS from the start works like STARTTLS', async () => {
    const server = await startServer({ tls: 'implicit' })
    const mail = open({ url: server.url, ca: server.ca })
    expect(await mail.send()).toMatchObject({ kind: 'sent' })
    expect(server.mails[0]?.secure).toBe(true)
    await mail.close()
  })

  test('ca may be a file', async () => {
    const server = await startServer()
    const file = join(mkdtempSync(join(tmpdir(), 'tocsin-ca-')), 'ca.pem')
    writeFileSync(file, server.ca)
    const mail = open({ url: server.url, ca: file })
    expect(await mail.send()).toMatchObject({ kind: 'sent' })
    await mail.close()
    for (const ca of ['/nowhere/ca.pem', '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----', '-----BEGIN NOTHING-----']) {
      expect(refusal({ url: server.url, ca })).toContain('config-invalid channels.mail.ca: expected certificates as PEM text or the path of such a file')
    }
  })
})

describe('nothing goes out in the clear', () => {
  test('a server without STARTTLS is a wrong channel, and gets neither login nor mail', async () => {
    const server = await startServer({ tls: 'none', login: { user: 'apikey', password: 'secret-word' } })
    const mail = open({ url: server.url })
    expect(await mail.send()).toMatchObject({ kind: 'bad-config' })
    expect(server.mails).toEqual([])
  })

  test.each([['starttls'], ['implicit']] as const)('an unknown certificate is a wrong channel (%s)', async (tls) => {
    const server = await startServer({ tls })
    for (const ca of [undefined, (await makeCertificate()).ca]) {
      const mail = open({ url: server.url, ...(ca === undefined ? {} : { ca }) })
      expect(await mail.send()).toMatchObject({ kind: 'bad-config', detail: expect.stringContaining('check the certificate') as unknown })
    }
    expect(server.mails).toEqual([])
  })

  test('a certificate of another host is a wrong channel, though its authority is trusted', async () => {
    const server = await startServer({ certificate: await makeCertificate(['mail.example.com']) })
    expect(await open({ url: server.url, ca: server.ca }).send()).toMatchObject({ kind: 'bad-config', code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(server.mails).toEqual([])
  })

  test('allowInsecure lets plain mail go to this machine, and nowhere else', async () => {
    const server = await startServer({ tls: 'none' })
    const mail = open({ url: server.url, allowInsecure: true })
    expect(await mail.send()).toMatchObject({ kind: 'sent' })
    expect(server.mails[0]?.secure).toBe(false)
    await mail.close()
    const selfSigned = await startServer()
    const own = open({ url: selfSigned.url, allowInsecure: true })
    expect(await own.send()).toMatchObject({ kind: 'sent' })
    expect(selfSigned.mails[0]?.secure).toBe(true)
    await own.close()
    expect(await open({ url: selfSigned.url, allowInsecure: true, ca: (await makeCertificate()).ca }).send()).toMatchObject({ kind: 'bad-config' })
    expect(refusal({ url: 'smtp://mail.example.com:25', allowInsecure: true })).toContain('channels.mail.allowInsecure: expected a loopback address')
    expect(refusal({ url: 'smtp://127.1:25', allowInsecure: true })).toContain('loopback')
    expect(refusal({ url: 'smtp://127.0.0.1.example.com:25', allowInsecure: true })).toContain('loopback')
  })
})

describe('settings', () => {
  test.each([
    ['imap://user:top-secret@mail.example.com'],
    ['smtp://user:top-secret@'],
    ['smtp://user:top%ZZsecret@mail.example.com'],
    ['smtp://user:top-secret@mail.example.com/path'],
    ['top-secret'],
  ])('%s is refused without being shown', (url) => {
    const text = refusal({ url })
    expect(text).toContain('config-invalid channels.mail.url: expected smtp://')
    expect(text).not.toContain('secret')
  })

  test.each([['noreply@example.com, eve@example.com'], ['noreply'], ['a\r\nb <a@example.com>']])('%j is no sender', (sender) => {
    expect(refusal({ url: 'smtp://mail.example.com', from: sender })).toContain('channels.mail.from: expected an address')
  })
})
