import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Card } from '../model/card.ts'
import type { Channel, Message, SendTools } from '../model/channel.ts'
import { TocsinError } from '../model/error.ts'
import { makeBrowser } from '../testing/browser.ts'
import { manualClock, type ManualClock } from '../testing/manual-clock.ts'
import { startPushService, type PushService } from '../testing/push-service.ts'
import { openChannels } from './registry.ts'
import { newKeyPair } from './web-push-vapid.ts'

const card: Card = {
  badge: 'High', heading: '会话失败：refund-bot，OpenAI 配额用尽，3 个会话，$0.42，还有别的，还有别的', lines: ['停在第 7 步（共 9 步）：OpenAI 拒绝调用，配额用尽（429）。'], quotes: [], facts: [], items: [], notes: [],
  links: [{ word: 'Open', url: 'https://tocsin.example.com/p/bots/alerts/alt_51' }], about: { project: 'bots', alerts: [], moreAlerts: 0 },
}
const message: Omit<Message, 'to'> = { id: 'tocsin-bots-7-x', severity: 'high', subject: '[High] x', text: 'long', card, locale: 'zh-CN', possiblyRepeated: false, news: 'firing', thread: 'tocsin-bots-alert-51-x-y' }

let service: PushService
let clock: ManualClock
let tools: SendTools

beforeEach(async () => {
  clock = manualClock(1_795_000_000_000)
  tools = { signal: new AbortController().signal, clock, inbox: { put: async () => undefined } }
  service = await startPushService({ nowMs: () => clock.nowMs() })
})
afterEach(() => service.close())

function open(settings: Readonly<Record<string, unknown>> = {}): Channel {
  const own = { subject: 'mailto:ops@example.com', ...service.vapid, ca: service.ca, allowNetworks: ['127.0.0.0/8'], ...settings }
  const opened = openChannels({ browsers: { type: 'web-push', ...own } }).get('browsers')
  if (opened === undefined) throw new Error('not opened')
  return opened.channel
}

function refusal(settings: Readonly<Record<string, unknown>>): string {
  try {
    open(settings)
    return 'accepted'
  } catch (thrown) {
    return thrown instanceof TocsinError ? `${thrown.code}: ${thrown.message}` : String(thrown)
  }
}

describe('the receiver of these tests', () => {
  test('reads the example of RFC 8291, appendix A', () => {
    const browser = makeBrowser('https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV', { privateKey: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94', auth: 'BTBZMqHH6r4Tts7J_aSIgg' })
    const body = 'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN'
    expect(browser.read(Buffer.from(body, 'base64url'))).toBe('When I grow up, I want to be a watermelon')
  })
})

describe('a notification of a browser', () => {
  test('says what and where, and the cause, and leads to the alert', async () => {
    expect(await open().send({ ...message, to: service.browser.subscription }, tools)).toEqual({ kind: 'sent' })
    const [sent] = service.messages
    expect(JSON.parse(sent?.text ?? '')).toEqual({
      title: '会话失败：refund-bot，OpenAI 配额用尽，3 个会话，$0.42',
      body: '停在第 7 步（共 9 步）：OpenAI 拒绝调用，配额用尽（429）。',
      url: 'https://tocsin.example.com/p/bots/alerts/alt_51',
      tag: sent?.topic,
      severity: 'high',
      id: message.id,
    })
  })

  test.each([['critical', 'firing', '21600', 'high'], ['warning', 'firing', '259200', 'normal'], ['info', 'firing', '259200', 'low'], ['high', 'resolved', '86400', 'normal']] as const)('is kept and hurried as it deserves: %s, %s', async (severity, news, ttl, urgency) => {
    await open().send({ ...message, to: service.browser.subscription, severity, news }, tools)
    expect(service.messages).toMatchObject([{ ttl, urgency }])
  })

  test('takes the place of the earlier one about the same alert, and of no other', async () => {
    const channel = open()
    for (const change of [{}, { id: 'later', news: 'resolved' as const }, { thread: 'another' }, { thread: undefined }]) await channel.send({ ...message, to: service.browser.subscription, ...change }, tools)
    const [first, later, ...others] = service.messages.map(({ topic }) => topic)
    expect(later).toBe(first)
    expect(new Set([first, ...others]).size).toBe(3)
    expect(first).toMatch(/^[\w-]{32}$/)
  })

  test('is encrypted anew each time, and for one browser alone', async () => {
    const channel = open()
    await channel.send({ ...message, to: service.browser.subscription }, tools)
    await channel.send({ ...message, to: service.browser.subscription }, tools)
    const [one, two] = service.requests.map(({ body }) => body)
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(false)
    expect(one?.includes('refund-bot')).toBe(false)
    expect(() => makeBrowser(service.base).read(one ?? Buffer.alloc(0))).toThrow('unable to authenticate data')
  })

  test('fits in what push services take, whatever it holds', async () => {
    const channel = open()
    const wild = fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.constant('\u0001'.repeat(300)), fc.constant('\\"'.repeat(300)), fc.constant('𠮷'.repeat(300)))
    await fc.assert(
      fc.asyncProperty(wild, wild, fc.integer({ min: 0, max: 3_000 }), async (heading, line, urlChars) => {
        const links = [{ word: 'Open', url: `https://example.com/${'x'.repeat(urlChars)}` }]
        expect(await channel.send({ ...message, to: service.browser.subscription, card: { ...card, heading, lines: [line], links } }, tools)).toEqual({ kind: 'sent' })
        expect(service.messages.at(-1)?.bytes).toBeLessThanOrEqual(3_000)
      }),
      { numRuns: 25 },
    )
  })
})

describe('the signature', () => {
  test('holds for half a day from now, whatever day it is', async () => {
    clock.advance(40 * 86_400_000)
    expect(await open().send({ ...message, to: service.browser.subscription }, tools)).toEqual({ kind: 'sent' })
  })

  test('by another key than that of the subscription is a wrong channel, told without the keys', async () => {
    const outcome = await open(newKeyPair()).send({ ...message, to: service.browser.subscription }, tools)
    expect(outcome).toMatchObject({ kind: 'bad-config', code: '403', detail: '403 not the key of this subscription' })
  })
})

describe('a subscription', () => {
  const withKeys = (keys: Readonly<Record<string, string>>): string => JSON.stringify({ endpoint: 'https://push.example.net/x', keys })

  test.each([
    ['is no JSON', 'eyJ'],
    ['has no keys', '{"endpoint":"https://push.example.net/x"}'],
    ['has a key that is too short', withKeys({ p256dh: 'BA', auth: 'BTBZMqHH6r4Tts7J_aSIgg' })],
    ['has a key that is no point of the curve', withKeys({ p256dh: `B${'A'.repeat(86)}`, auth: 'BTBZMqHH6r4Tts7J_aSIgg' })],
    ['leads by plain http', '{"endpoint":"http://push.example.net/x"}'],
  ])('that %s is a bad address', async (_name, to) => {
    expect(await open().send({ ...message, to }, tools)).toMatchObject({ kind: 'bad-address', code: 'subscription' })
  })

  test('that leads into the house is a bad address, and no connection is made', async () => {
    expect(await open({ allowNetworks: [] }).send({ ...message, to: service.browser.subscription }, tools)).toMatchObject({ kind: 'bad-address', code: 'address-not-allowed' })
    const hidden = makeBrowser('https://push.example.net/x').subscription
    expect(await open({ allowNetworks: [] }).send({ ...message, to: hidden }, { ...tools, resolve: async () => ['10.1.2.3'] })).toMatchObject({ kind: 'bad-address', code: 'address-not-allowed' })
    const plain = makeBrowser('http://push.example.net/x').subscription
    expect(await open().send({ ...message, to: plain }, tools)).toMatchObject({ kind: 'bad-address', code: 'url-not-allowed' })
    expect(service.requests).toHaveLength(0)
  })

  test('does not come back in what is told of a refusal', async () => {
    const { keys } = JSON.parse(service.browser.subscription) as { keys: { auth: string } } // as the browser wrote it
    service.fail({ reply: { status: 400, body: `POST ${service.base}/wpush/v2/one ${keys.auth} ${service.vapid.privateKey}` } })
    const { detail } = await open().send({ ...message, to: service.browser.subscription }, tools)
    expect(detail).toBe('400 POST [REDACTED] [REDACTED] [REDACTED]')
  })
})

describe('settings that cannot work', () => {
  test.each([
    [{ privateKey: Buffer.alloc(32, 1).toString('base64url') }, /^config-invalid: channels\.browsers\.privateKey: expected the private key that belongs to publicKey, found another one's; `tocsin vapid` makes a pair$/],
    [{ privateKey: Buffer.alloc(32).toString('base64url') }, /privateKey: expected the 32 bytes/],
    [{ privateKey: 'short' }, /privateKey: expected the 32 bytes/],
    [{ publicKey: 'BAAA' }, /publicKey: expected the 65 bytes/],
    [{ subject: 'ops@example.com' }, /subject: expected where the operator is reached/],
    [{ subject: 'https://localhost' }, /subject: expected where the operator is reached/],
  ])('are told when they are configured: %j', (settings, said) => {
    expect(refusal(settings)).toMatch(said)
  })
})

test('a browser whose push service is not to be trusted is a bad address of its own, and does not stop the channel for others', async () => {
  const other = await startPushService({ nowMs: () => clock.nowMs() })
  try {
    const channel = open()
    expect(await channel.send({ ...message, to: other.browser.subscription }, tools)).toMatchObject({ kind: 'bad-address', detail: expect.stringContaining('TLS') as string })
    expect(other.messages).toEqual([])
    expect(await channel.send({ ...message, to: service.browser.subscription }, tools)).toMatchObject({ kind: 'sent' })
  } finally {
    await other.close()
  }
})
