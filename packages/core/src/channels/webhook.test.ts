import { generateKeyPairSync, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Channel, Message, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { verified } from '../testing/channel-worlds/webhook.ts'
import { startHttpProvider, type HttpProvider, type HttpRequest } from '../testing/http-provider.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { alertOf, notify, renderAs } from '../testing/rendering.ts'
import { openChannels } from './registry.ts'
import { bodyBytesMax } from './webhook-body.ts'

const secretFrom = (words: string): string => `whsec_${Buffer.from(words.padEnd(32, '.')).toString('base64')}`
const secret = secretFrom('the new secret')
const previousSecret = secretFrom('the old secret')
const tools: SendTools = { signal: new AbortController().signal, clock: systemClock, inbox: { put: async () => undefined } }
const links = { publicUrl: 'https://tocsin.example.com' }

let provider: HttpProvider

beforeAll(async () => {
  provider = await startHttpProvider({ answer: () => ({ status: 204 }) })
})
afterAll(() => provider.close())
let before = 0
beforeEach(() => {
  before = provider.taken.length
})

function open(settings: Readonly<Record<string, unknown>> = {}): Channel {
  const own = { url: `${provider.base}/hook`, secret, ca: provider.ca, allowNetworks: ['127.0.0.0/8'], ...settings }
  const opened = openChannels({ hook: { type: 'webhook', ...own } }).get('hook')
  if (opened === undefined) throw new Error('not opened')
  return opened.channel
}

async function sent(message: Message, settings?: Readonly<Record<string, unknown>>): Promise<HttpRequest> {
  expect(await open(settings).send(message, tools)).toMatchObject({ kind: 'sent' })
  const request = provider.taken.at(-1)
  if (request === undefined || provider.taken.length !== before + 1) throw new Error('expected one request')
  before += 1
  return request
}

const firing = (): Message => renderAs('card', notify([alertOf('session.failed', { agent: 'refund-bot', costUsd: 0.42 }, { ends: 'quiet', state: 'firing', sessionId: 's_8f2c', agent: 'refund-bot' })]), { links })

describe('a signature', () => {
  test('is that of both secrets while they rotate, and a receiver needs one of them', async () => {
    const request = await sent(firing(), { previousSecret })
    expect(String(request.headers['webhook-signature']).split(' ')).toHaveLength(2)
    for (const one of [secret, previousSecret]) expect(verified(request, one).type).toBe('alert.firing')
    expect(() => verified(request, secretFrom('another'))).toThrow(/No matching signature/)
  })

  test.each([['body', { text: '{}' }], ['id', { 'webhook-id': 'other' }], ['time', { 'webhook-timestamp': String(Math.floor(systemClock.nowMs() / 1_000) - 1) }]])('fits no other %s', async (_what, forged) => {
    const request = await sent(firing())
    const { text, ...headers } = { text: request.text, 'webhook-id': String(request.headers['webhook-id']), 'webhook-timestamp': String(request.headers['webhook-timestamp']), 'webhook-signature': String(request.headers['webhook-signature']), ...forged }
    expect(() => new StandardWebhook(secret).verify(text, headers)).toThrow(/No matching signature/)
    expect(() => new SvixWebhook(secret).verify(text, headers)).toThrow(/No matching signature/)
  })

  test('can be made by a key of which the receiver has the public half alone, beside secrets or without', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32)
    const whole = Buffer.concat([seed, publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)])
    for (const key of [seed, whole]) {
      const { headers, text } = await sent(firing(), { secret: undefined, signingKey: `whsk_${key.toString('base64')}` })
      const [version, signature = ''] = String(headers['webhook-signature']).split(',')
      expect(version).toBe('v1a')
      expect(verify(null, Buffer.from([headers['webhook-id'], headers['webhook-timestamp'], text].join('.')), publicKey, Buffer.from(signature, 'base64'))).toBe(true)
    }
    const both = await sent(firing(), { signingKey: `whsk_${seed.toString('base64')}` })
    expect(String(both.headers['webhook-signature'])).toMatch(/^v1,\S{44} v1a,\S{88}$/)
    expect(verified(both, secret).type).toBe('alert.firing')
  })

  test('of a second attempt has the id and the body of the first, and its own time', async () => {
    const clock = manualClock(systemClock.nowMs() - 60_000)
    const channel = open()
    await channel.send(firing(), { ...tools, clock })
    clock.advance(60_000)
    await channel.send(firing(), { ...tools, clock })
    const [first, second] = provider.taken.slice(-2)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(second?.text).toBe(first?.text)
    expect(Number(second?.headers['webhook-timestamp']) - Number(first?.headers['webhook-timestamp'])).toBe(60)
  })

  test('holds no dot in its id, which would move the border to the time', async () => {
    const request = await sent({ ...firing(), id: 'tocsin-my.bots-7-abc' })
    expect(request.headers['webhook-id']).toBe('tocsin-my~bots-7-abc')
    expect(verified(request, secret).data.id).toBe('tocsin-my~bots-7-abc')
  })
})

describe('a body', () => {
  const documented = z.fromJSONSchema(JSON.parse(readFileSync(new URL('../../../../docs/guides/webhook.schema.json', import.meta.url), 'utf8')) as Parameters<typeof z.fromJSONSchema>[0]) // A file of this repository.
  const resolved = alertOf('session.failed', { agent: 'refund-bot' }, { ends: 'quiet' })
  const many = Array.from({ length: 3 }, (_none, index) => ({ ...resolved, id: index }))

  test.each([
    ['alert.firing', firing()],
    ['alert.firing', renderAs('card', notify([alertOf('custom', { title: 'Refund of $900', body: 'waits' }, { state: 'firing' })], 'zh-CN'))],
    ['alert.resolved', renderAs('card', notify([resolved], 'en', { news: 'resolved' }), { possiblyRepeated: true })],
    ['digest', renderAs('card', notify(many), { links })],
    ['digest', renderAs('card', notify([resolved], 'en', { late: [51] }))],
    ['digest', renderAs('card', notify([resolved], 'en', { moreAlerts: 4 }))],
    // Written without its words, because rendering failed.
    ['alert.firing', { ...firing(), card: undefined }],
  ] as const)('of %s is as the schema in the documentation says', async (type, { card, ...message }) => {
    const request = await sent({ ...message, ...(card === undefined ? {} : { card }) })
    const body = verified(request, secret)
    expect(documented.safeParse(body).error?.issues ?? []).toEqual([])
    expect(body).toMatchObject({ type, data: { title: card?.heading ?? message.subject, locale: message.locale, possiblyRepeated: message.possiblyRepeated } })
  })

  test('names the alert as it is asked about, why it came, and where to look', async () => {
    const { timestamp, data } = verified(await sent({ ...firing(), thread: 'tocsin-support-alert-51-x' }), secret)
    expect(timestamp).toBe('2026-11-22T14:05:11.000Z')
    expect(data).toMatchObject({ severity: 'high', project: 'support', thread: 'tocsin-support-alert-51-x', url: 'https://tocsin.example.com/p/support/alerts/alt_51', alerts: [{ name: 'alt_51', rule: 'a-rule', sessionId: 's_8f2c', params: { agent: 'refund-bot', costUsd: 0.42 } }] })
    expect(data.reason).toContain('on-call')
  })

  test('that is too large lists fewer alerts and counts them all', async () => {
    const long = Array.from({ length: 100 }, (_none, index) => ({ ...resolved, id: index, params: { errorMessage: '失败'.repeat(1_000) } }))
    const request = await sent(renderAs('card', notify(long)))
    const { data } = verified(request, secret)
    expect(request.body.byteLength).toBeLessThanOrEqual(bodyBytesMax)
    expect(data.alerts.length).toBeGreaterThan(10)
    expect(data.alerts.length + data.moreAlerts).toBe(100)
  })
})

describe('an address that others may have chosen', () => {
  test.each([
    [{ allowNetworks: [] }, 'bad-config', 'address-not-allowed'],
    [{ allowNetworks: ['10.0.0.0/8'] }, 'bad-config', 'address-not-allowed'],
  ])('is not called where it is no public one: %j', async (settings, kind, code) => {
    const { connections } = provider
    const channel = open({ url: `https://inside.example.com:${new URL(provider.base).port}/hook`, ...settings })
    expect(await channel.send(firing(), { ...tools, resolve: async () => ['93.184.215.14', '127.0.0.1'] })).toMatchObject({ kind, code })
    expect(provider.connections).toBe(connections)
  })

  test('is of this machine and without TLS only where that is asked for', async () => {
    const plain = await startHttpProvider({ protocol: 'http', answer: () => ({ status: 200 }) })
    try {
      expect(await open({ url: plain.base, allowInsecure: true, allowNetworks: [] }).send(firing(), tools)).toMatchObject({ kind: 'sent' })
      expect(refusal({ url: plain.base })).toContain('channels.hook.url: expected https')
    } finally {
      await plain.close()
    }
  })

  test('that redirects is not followed', async () => {
    provider.fail({ reply: { status: 307, headers: { location: `${provider.base}/elsewhere` } } })
    const { requests } = provider
    const count = requests.length
    expect(await open().send(firing(), tools)).toMatchObject({ kind: 'bad-config', code: '307' })
    expect(requests).toHaveLength(count + 1)
  })
})

describe('settings', () => {
  test('headers of your own come along', async () => {
    const { headers } = await sent(firing(), { headers: { Authorization: 'Bearer my-own-token', 'x-team': 'Zürich' } })
    expect(headers).toMatchObject({ authorization: 'Bearer my-own-token', 'x-team': 'Zürich', 'content-type': 'application/json', 'user-agent': 'tocsin' })
  })

  test.each([
    [{ secret: undefined }, 'secret: expected secret, signingKey or both'],
    [{ secret: 'hunter2' }, 'secret: expected whsec_ and 24 to 64 random bytes in base64'],
    [{ secret: `whsec_${Buffer.alloc(23).toString('base64')}` }, 'secret: expected whsec_'],
    [{ secret: `whsec_${Buffer.alloc(65).toString('base64')}` }, 'secret: expected whsec_'],
    [{ previousSecret: 'whsec_!' }, 'previousSecret: expected whsec_'],
    [{ signingKey: `whsk_${Buffer.alloc(33).toString('base64')}` }, 'signingKey: expected whsk_'],
    [{ url: 'https://10.0.0.1/hook' }, 'url: expected a public address'],
    [{ url: 'https://user:secret@example.com/' }, 'url: expected an address without user and password'],
    [{ url: 'ftp://example.com' }, 'url: expected'],
    [{ headers: { Host: 'x' } }, 'headers.Host: expected another header'],
    [{ headers: { 'Webhook-Id': 'x' } }, 'headers.Webhook-Id: expected another header'],
    [{ headers: { 'Content-Length': '1' } }, 'headers.Content-Length: expected another header'],
    [{ headers: { 'transfer-encoding': 'chunked' } }, 'headers.transfer-encoding: expected another header'],
    [{ headers: { 'x-a\r\nx-b': 'x' } }, 'expected the name of a header'],
    [{ headers: { 'x-a': 'x\r\nx-b: y' } }, 'headers.x-a: expected one line'],
    [{ headers: { 'x-a': '失败' } }, 'headers.x-a: expected one line'],
    [{ headers: Object.fromEntries(Array.from({ length: 21 }, (_none, index) => [`x-${index}`, ''])) }, 'headers: expected at most 20 headers'],
  ])('%j is refused', (settings, expected) => {
    expect(refusal(settings)).toContain(expected)
    expect(refusal(settings)).not.toMatch(/hunter2|user:secret/)
  })
})

function refusal(settings: Readonly<Record<string, unknown>>): string {
  try {
    open(settings)
    return 'accepted'
  } catch (thrown) {
    return thrown instanceof TocsinError ? thrown.message : String(thrown)
  }
}
