import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Card } from '../model/card.ts'
import type { Channel, Message, SendTools } from '../model/channel.ts'
import { TocsinError } from '../model/error.ts'
import { fcmCode, fcmError, makeAccountKey, startFcmServer, tokenSeconds, type FcmMessage, type FcmStandIn } from '../testing/fcm-server.ts'
import { manualClock, type ManualClock } from '../testing/manual-clock.ts'
import { openChannels } from './registry.ts'

const token = `${'d'.repeat(22)}:APA91b${'x'.repeat(134)}`
const card: Card = {
  badge: 'High', heading: 'Session failed: refund-bot, OpenAI quota used up, 3 runs, $0.42', lines: ['Stopped at step 7 of 9: OpenAI refused, quota used up (429).'], quotes: [], facts: [], items: [], notes: ['Possibly repeated.'],
  links: [{ word: 'Open', url: 'https://tocsin.example.com/p/bots/alerts/alt_51' }], about: { project: 'bots', alerts: [], moreAlerts: 0 },
}
const message: Message = { id: 'tocsin-bots-7-x', to: token, severity: 'high', subject: '[High] x', text: 'long', card, locale: 'en', possiblyRepeated: false, news: 'firing', thread: 'tocsin-bots-alert-51-x-y' }

const privateKey = makeAccountKey()
let server: FcmStandIn
let clock: ManualClock
let tools: SendTools

beforeEach(async () => {
  clock = manualClock(1_795_000_000_000)
  tools = { signal: new AbortController().signal, clock, inbox: { put: async () => undefined } }
  server = await startFcmServer({ nowMs: () => clock.nowMs(), privateKey })
})
afterEach(() => server.close())

function open(settings: Readonly<Record<string, unknown>> = {}): Channel {
  const opened = openChannels({ phones: { type: 'push', serviceAccount: server.serviceAccount, apiBase: server.apiBase, tokenUri: server.tokenUri, ca: server.ca, ...settings } }).get('phones')
  if (opened === undefined) throw new Error('not opened')
  return opened.channel
}

async function shown(change: Partial<Message> = {}): Promise<FcmMessage | undefined> {
  expect(await open().send({ ...message, ...change }, tools)).toMatchObject({ kind: 'sent' })
  return server.messages.at(-1)
}

describe('what a device shows', () => {
  test('is what and where, and the cause; a touch leads to the alert', async () => {
    expect(await shown()).toMatchObject({
      token,
      notification: { title: 'Session failed: refund-bot', body: 'Stopped at step 7 of 9: OpenAI refused, quota used up (429).' },
      data: { id: message.id, severity: 'high', news: 'firing', url: 'https://tocsin.example.com/p/bots/alerts/alt_51' },
      webpush: { fcm_options: { link: 'https://tocsin.example.com/p/bots/alerts/alt_51' } },
    })
  })

  test('of a long heading without parts is cut between visible characters', async () => {
    const heading = `会话失败${'👩‍👩‍👧'.repeat(10)}`
    expect((await shown({ card: { ...card, heading } }))?.notification.title).toBe('会话失败👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧…')
  })

  test('of a collection is its lines', async () => {
    const items = [{ time: '14:02', title: 'Session failed: a' }, { time: '14:03', title: 'Session failed: b' }]
    expect((await shown({ card: { ...card, heading: '2 updates', lines: [], items } }))?.notification).toEqual({ title: '2 updates', body: 'Session failed: a\nSession failed: b' })
  })

  test('of what was written without a card is its subject and text', async () => {
    const { card: _card, ...plain } = message
    expect(await open().send({ ...plain, subject: 'Hello', text: 'a body' }, tools)).toEqual({ kind: 'sent', providerId: 'projects/tocsin-test-1234/messages/0:1' })
    expect(server.messages.at(-1)?.notification).toEqual({ title: 'Hello', body: 'a body' })
  })

  test('says that it may be a repetition', async () => {
    expect((await shown({ possiblyRepeated: true }))?.notification.body).toMatch(/^Possibly repeated\.\nStopped/)
  })

  test('is replaced by later news of the same alert, on every system, and by nothing else', async () => {
    const tagsOf = (one: FcmMessage | undefined): readonly unknown[] => [one?.android.collapse_key, one?.android.notification.tag, one?.apns.headers['apns-collapse-id'], one?.webpush.notification.tag, one?.data['tag']]
    const [first, later, other, single] = [await shown(), await shown({ id: 'later', news: 'resolved' }), await shown({ thread: 'another' }), await shown({ thread: undefined })]
    expect(new Set(tagsOf(first)).size).toBe(1)
    expect(tagsOf(later)).toEqual(tagsOf(first))
    expect(new Set([first, other, single].map((one) => one?.data['tag'])).size).toBe(3)
  })

  test.each([
    ['critical', 'firing', 'HIGH', '10', 21_600, 'high'],
    ['high', 'firing', 'HIGH', '10', 86_400, 'high'],
    ['warning', 'firing', 'NORMAL', '5', 259_200, 'normal'],
    ['info', 'firing', 'NORMAL', '5', 259_200, 'low'],
    ['critical', 'resolved', 'NORMAL', '5', 21_600, 'normal'],
  ] as const)('wakes it only when it must: %s, %s', async (severity, news, android, apple, seconds, urgency) => {
    const one = await shown({ severity, news })
    expect(one?.android).toMatchObject({ priority: android, ttl: `${seconds}s` })
    expect(one?.apns.headers).toMatchObject({ 'apns-priority': apple, 'apns-expiration': String(1_795_000_000 + seconds) })
    expect(one?.apns.payload.aps.sound).toBe(android === 'HIGH' ? 'default' : undefined)
    expect(one?.webpush.headers).toEqual({ TTL: String(seconds), Urgency: urgency })
  })

  test('leads by http nowhere that Firebase would refuse, nor to an endless address', async () => {
    const at = (url: string): Partial<Message> => ({ card: { ...card, links: [{ word: 'Open', url }] } })
    expect(await shown(at('http://127.0.0.1:4319/p'))).toMatchObject({ data: { url: 'http://127.0.0.1:4319/p' }, webpush: { notification: {} } })
    expect(server.messages.at(-1)?.webpush.fcm_options).toBeUndefined()
    expect((await shown(at(`https://example.com/${'x'.repeat(2_000)}`)))?.data['url']).toBeUndefined()
  })

  test('fits in what Firebase takes, whatever it holds', async () => {
    const channel = open()
    const wild = fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.string({ unit: 'grapheme', maxLength: 500 }), fc.constant('\u0001'.repeat(300)), fc.constant('\\"'.repeat(300)), fc.constant('𠮷'.repeat(300)))
    await fc.assert(
      fc.asyncProperty(wild, wild, fc.integer({ min: 0, max: 3_000 }), async (heading, line, urlChars) => {
        const outcome = await channel.send({ ...message, card: { ...card, heading, lines: [line], links: [{ word: 'Open', url: `https://example.com/${'x'.repeat(urlChars)}` }] } }, tools)
        expect(outcome).toMatchObject({ kind: 'sent' })
        const { title, body = '' } = server.messages.at(-1)?.notification ?? { title: '' }
        expect([title.length <= 40, body.length <= 120]).toEqual([true, true])
      }),
      { numRuns: 25 },
    )
  })
})

describe('the access token', () => {
  test('is asked for once by many sends at a time, kept, and renewed a minute before its end', async () => {
    const channel = open()
    await Promise.all(Array.from({ length: 5 }, () => channel.send(message, tools)))
    clock.advance((tokenSeconds - 61) * 1_000)
    await channel.send(message, tools)
    expect([server.messages.length, server.granted.length]).toEqual([6, 1])
    clock.advance(1_000)
    await channel.send(message, tools)
    expect([server.messages.length, server.granted.length]).toEqual([7, 2])
  })

  test('that is not taken any more is replaced once', async () => {
    const channel = open()
    await channel.send(message, tools)
    server.revoke()
    expect(await channel.send(message, tools)).toMatchObject({ kind: 'sent' })
    expect(server.granted).toHaveLength(2)
    const refusal = fcmError(401, 'UNAUTHENTICATED', `Bearer ${server.granted[1]} and ya29.c.tocsin-test-3 are not valid`)
    server.fail({ reply: refusal }, { reply: refusal })
    const outcome = await channel.send(message, tools)
    expect(outcome).toMatchObject({ kind: 'bad-config', code: 'UNAUTHENTICATED' })
    expect(outcome.detail).not.toContain('tocsin-test-3')
    expect(server.granted).toHaveLength(3)
  })

  test('is not blamed for keys that Apple does not take', async () => {
    const channel = open()
    await channel.send(message, tools)
    server.fail({ reply: fcmError(401, 'UNAUTHENTICATED', 'Auth error from APNS', [fcmCode('THIRD_PARTY_AUTH_ERROR')]) })
    await channel.send(message, tools)
    expect(server.granted).toHaveLength(1)
  })

  test.each([
    ['a key that was deleted', { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } }, { kind: 'bad-config', code: 'invalid_grant' }],
    ['an account that is disabled', { status: 400, body: { error: 'invalid_grant', error_description: 'Account disabled' } }, { kind: 'bad-config', code: 'invalid_grant' }],
    ['a client that is not known', { status: 401, body: { error: 'invalid_client' } }, { kind: 'bad-config', code: 'invalid_client' }],
    ['an endpoint that is down', { status: 503, headers: { 'retry-after': '12' } }, { kind: 'retry', afterMs: 12_000 }],
    ['an endpoint that is overrun', { status: 429 }, { kind: 'retry', code: '429' }],
    ['an answer that is not the provider’s', { status: 200, body: '<html>Welcome to the airport' }, { kind: 'retry' }],
    ['a success without a token', { status: 204 }, { kind: 'retry' }],
    ['a redirect', { status: 302, headers: { location: 'https://example.com' } }, { kind: 'bad-config' }],
  ])('is refused: %s', async (_name, reply, outcome) => {
    const channel = open()
    server.failToken(reply)
    expect(await channel.send(message, tools)).toMatchObject(outcome)
    expect(server.messages).toHaveLength(0)
    expect(await channel.send(message, tools)).toMatchObject({ kind: 'sent' })
  })

  test('is not granted to another key, nor where nobody answers, and no message goes out', async () => {
    const stranger = await startFcmServer()
    await stranger.close()
    expect(await open({ serviceAccount: stranger.serviceAccount }).send(message, tools)).toMatchObject({ kind: 'bad-config', code: 'invalid_grant' })
    expect(await open({ tokenUri: stranger.tokenUri }).send(message, tools)).toMatchObject({ kind: 'retry', code: 'ECONNREFUSED' })
    const outOfTime = { ...tools, signal: AbortSignal.abort() }
    expect(await open().send(message, outOfTime)).toMatchObject({ kind: 'retry' })
    expect(server.messages).toHaveLength(0)
  })
})

describe('the service account', () => {
  const refusal = (serviceAccount: string): string => {
    try {
      open({ serviceAccount })
      return 'accepted'
    } catch (thrown) {
      return thrown instanceof TocsinError ? `${thrown.code}: ${thrown.message}` : String(thrown)
    }
  }
  const changed = (change: Readonly<Record<string, unknown>>): string => JSON.stringify({ ...Object.fromEntries(Object.entries(JSON.parse(server.serviceAccount) as object)), ...change }) // the stand-in's own key file

  test('may be the path of its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-push-'))
    try {
      const file = join(folder, 'key.json')
      writeFileSync(file, server.serviceAccount)
      expect(await open({ serviceAccount: file }).send(message, tools)).toMatchObject({ kind: 'sent' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('of the wrong kind is named', () => {
    expect(refusal(JSON.stringify({ type: 'authorized_user', refresh_token: 'r-secret' }))).toMatch(/^config-invalid: channels\.phones\.serviceAccount: expected a key file of type service_account, found authorized_user; create one in/)
    expect(refusal(JSON.stringify({ type: 'external_account' }))).toContain('found external_account')
    expect(refusal(JSON.stringify({ type: 'r-secret' }))).not.toContain('r-secret')
    expect(refusal('{}')).toContain('found none')
  })

  test('that cannot work is told when it is configured, without anything of the key', () => {
    expect(refusal('/nowhere/key.json')).toContain('(ENOENT)')
    expect(refusal('{ "type": ')).toContain('not JSON')
    expect(refusal(changed({ project_id: undefined }))).toContain('no usable project_id')
    const broken = refusal(changed({ private_key: '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n' }))
    expect(broken).toContain('expected an RSA key of at least 2,048 bits in PEM')
    const short = generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    expect(refusal(changed({ private_key: short }))).toContain('at least 2,048 bits')
    expect(broken).not.toContain('MIIEvQ')
  })
})

test('sends that wait for a token which another began to fetch go on where the time of that one is over', async () => {
  const channel = open()
  const impatient = new AbortController()
  const sends = [channel.send(message, { ...tools, signal: impatient.signal }), channel.send(message, tools), channel.send(message, tools)]
  impatient.abort()
  expect((await Promise.all(sends)).map(({ kind }) => kind)).toEqual(['retry', 'sent', 'sent'])
  expect([server.granted.length, server.messages.length]).toEqual([1, 2])
})
