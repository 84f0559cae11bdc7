import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Channel, Message, OpenChannel, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { startTwilioServer, type TwilioStandIn } from '../testing/twilio-server.ts'
import { openChannels } from './registry.ts'

const message: Message = { id: 'ntf_7', to: '+8613800000000', severity: 'high', subject: 'x', text: '【Tocsin】重要：refund-bot 失败', locale: 'zh-CN', possiblyRepeated: false, news: 'firing' }
const tools: SendTools = { signal: new AbortController().signal, clock: systemClock, inbox: { put: async () => undefined } }

let server: TwilioStandIn

beforeAll(async () => {
  server = await startTwilioServer()
})
afterAll(async () => {
  await server.close()
})

function open(settings: Readonly<Record<string, unknown>> = {}): OpenChannel {
  const own = { accountSid: server.accountSid, authToken: server.authToken, from: '+15005550006', apiBase: server.apiBase, ca: server.ca, ...settings }
  const opened = openChannels({ texts: { type: 'sms', ...own } }).get('texts')
  if (opened === undefined) throw new Error('not opened')
  return opened
}

async function find(channel: Channel, what: Message, sinceMs: number): Promise<unknown> {
  return (await channel.find?.(what, sinceMs, tools)) ?? 'cannot'
}

describe('a text message', () => {
  test('goes from a number or from a Messaging Service', async () => {
    await open().channel.send(message, tools)
    expect(server.messages.at(-1)).toMatchObject({ from: '+15005550006', to: message.to, body: message.text })
    await open({ from: `MG${'a'.repeat(32)}` }).channel.send(message, tools)
    expect(server.messages.at(-1)).toMatchObject({ from: `MG${'a'.repeat(32)}` })
  })

  test.each([['0138'], ['+0138000000'], ['+861380000000000000'], ['+86 138 0000 0000'], ['dana@example.com'], ['']])('%j is no international number', async (to) => {
    const before = server.requests.length
    expect(await open().channel.send({ ...message, to }, tools)).toMatchObject({ kind: 'bad-address' })
    expect(server.requests).toHaveLength(before)
  })

  test('an empty text is bad content', async () => {
    expect(await open().channel.send({ ...message, text: ' ' }, tools)).toMatchObject({ kind: 'bad-content' })
  })

  test('costs its segments, as they are sent', () => {
    const { limits } = open()
    expect(limits.cost?.({ ...message, text: 'a'.repeat(160) })).toBe(1)
    expect(limits.cost?.({ ...message, text: '败'.repeat(71) })).toBe(2)
    expect(limits.cost?.({ ...message, text: 'a'.repeat(5_000) })).toBe(2)
    expect(open({ segmentsMax: 10 }).limits.cost?.({ ...message, text: '败'.repeat(5_000) })).toBe(10)
    expect(limits.cost?.({ ...message, text: '' })).toBe(1)
  })

  test('is cut to its segments, says so, and keeps its link whole', async () => {
    const url = 'https://t.example.com/p/support/alerts/alt_51'
    await open({ segmentsMax: 1 }).channel.send({ ...message, text: `Tocsin HIGH: “${'refund-bot '.repeat(40)}” ${url}` }, tools)
    const body = server.messages.at(-1)?.body ?? ''
    expect(body).toMatch(/^Tocsin HIGH: "refund-bot .*\[\.\.\.\] https:\/\/t\.example\.com\/p\/support\/alerts\/alt_51$/)
    expect(body.length).toBeGreaterThan(150)
    expect(body.length).toBeLessThanOrEqual(160)
  })

  test('is found again in the list in the form in which it was sent', async () => {
    const { channel } = open({ segmentsMax: 1 })
    const what = { ...message, to: '+491700000009', text: `“quoted” ${'long '.repeat(60)}` }
    const sinceMs = systemClock.nowMs()
    await channel.send(what, tools)
    expect(await find(channel, what, sinceMs)).toBe('arrived')
  })
})

describe('a number of another country than those allowed', () => {
  test.each([
    ['+14155550101', undefined],
    ['+8613800000000', undefined],
    ['+491700000001', 'a number of DE: countries allows US, CN'],
    ['+14165550101', 'a number of CA: countries allows US, CN'],
    ['+18765550101', 'a number of JM: countries allows US, CN'],
    ['+77015550101', 'a number of KZ: countries allows US, CN'],
    ['+881655501010', 'a number of no known country: countries allows US, CN'],
  ])('%s', async (to, detail) => {
    const before = server.messages.length
    const outcome = await open({ countries: ['US', 'CN'] }).channel.send({ ...message, to }, tools)
    expect(outcome).toMatchObject(detail === undefined ? { kind: 'sent' } : { kind: 'bad-address', code: 'country-not-allowed', detail })
    expect(server.messages.length - before).toBe(detail === undefined ? 1 : 0)
  })
})

test('a cap on the segments of a day is a rate beside the others', () => {
  expect(open().limits.rate).toEqual({ count: 30, perMs: 30_000 })
  expect(open({ segmentsPerDay: 200 }).limits.rate).toEqual([{ count: 30, perMs: 30_000 }, { count: 200, perMs: 86_400_000 }])
})

describe('a doubtful message is looked for', () => {
  test('found by receiver, text and time', async () => {
    const { channel } = open()
    const what = { ...message, to: '+491700000001', text: 'in doubt' }
    const sinceMs = systemClock.nowMs()
    expect(await find(channel, what, sinceMs)).toBe('absent')
    server.fail({ reset: 'answer' })
    expect(await channel.send(what, tools)).toMatchObject({ kind: 'in-doubt' })
    expect(await find(channel, what, sinceMs)).toBe('arrived')
    expect(await find(channel, { ...what, text: 'another' }, sinceMs)).toBe('absent')
    expect(await find(channel, { ...what, to: '+491700000002' }, sinceMs)).toBe('absent')
    expect(await find(channel, what, sinceMs + 3_600_000)).toBe('absent')
    expect(server.requests.at(-1)).toMatch(/^GET .*To=%2B491700000001&DateSent%3E=\d{4}-\d\d-\d\d/)
  })

  test('on further pages too, and unknown where there are too many', async () => {
    const own = await startTwilioServer()
    try {
      const { channel } = open({ apiBase: own.apiBase, ca: own.ca })
      const sinceMs = systemClock.nowMs()
      await channel.send({ ...message, text: 'the first' }, tools)
      for (let index = 0; index < 150; index += 1) await channel.send({ ...message, text: `later ${index}` }, tools)
      expect(await find(channel, { ...message, text: 'the first' }, sinceMs)).toBe('arrived')
      for (let index = 150; index < 520; index += 1) await channel.send({ ...message, text: `later ${index}` }, tools)
      expect(await find(channel, { ...message, text: 'the first' }, sinceMs)).toBe('unknown')
    } finally {
      await own.close()
    }
  }, 30_000)

  test('a list that cannot be had says nothing', async () => {
    expect(await find(open({ authToken: 'wrong-token' }).channel, message, 0)).toBe('unknown')
    expect(await find(open({ apiBase: 'https://127.0.0.1:1' }).channel, message, 0)).toBe('unknown')
  })
})

describe('settings', () => {
  test('plain http is for this machine, and only when asked for', async () => {
    const plain = await startTwilioServer({ protocol: 'http' })
    try {
      const { channel } = open({ apiBase: plain.apiBase, allowInsecure: true })
      expect(await channel.send(message, tools)).toMatchObject({ kind: 'sent' })
      expect(refusal({ apiBase: plain.apiBase })).toContain('channels.texts.apiBase: expected https')
      expect(refusal({ apiBase: 'http://api.example.com', allowInsecure: true })).toContain('channels.texts.apiBase: expected https')
    } finally {
      await plain.close()
    }
  })

  test('an unknown certificate is a wrong channel', async () => {
    expect(await open({ ca: undefined }).channel.send(message, tools)).toMatchObject({ kind: 'bad-config', detail: 'no trusted TLS connection: check the address, its certificate and ca' })
  })

  test.each([
    [{ accountSid: 'AC1' }, 'accountSid: expected AC'],
    [{ from: '0138' }, 'from: expected an international number'],
    [{ authToken: '' }, 'authToken'],
    [{ apiBase: 'ftp://example.com' }, 'apiBase'],
    [{ countries: ['US', 'UK'] }, 'countries.1: expected a country of ISO 3166 such as US, CN or DE, found "UK"'],
    [{ countries: [] }, 'countries'],
    [{ segmentsMax: 11 }, 'segmentsMax'],
    [{ segmentsPerDay: 0 }, 'segmentsPerDay'],
  ])('%j is refused', (settings, expected) => {
    expect(refusal(settings)).toContain(`channels.texts.${expected}`)
  })

  function refusal(settings: Readonly<Record<string, unknown>>): string {
    try {
      open(settings)
      return 'accepted'
    } catch (thrown) {
      return thrown instanceof TocsinError ? thrown.message : String(thrown)
    }
  }
})
