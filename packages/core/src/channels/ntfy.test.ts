import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Channel, Message, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { startNtfy, type Kept, type NtfyOptions, type NtfyStandIn } from '../testing/ntfy-server.ts'
import { alertOf, notify, renderAs } from '../testing/rendering.ts'
import { openChannels } from './registry.ts'

const tools: SendTools = { signal: new AbortController().signal, clock: systemClock, inbox: { put: async () => undefined } }
const links = { publicUrl: 'https://tocsin.example.com', rules: { 'a-rule': { runbook: 'https://wiki.example.com/refunds' } } }
const failed = alertOf('session.failed', { agent: 'refund-bot' }, { ends: 'quiet', state: 'firing' })
const firing = (locale = 'en'): Message => renderAs('card', notify([failed], locale), { links })

let server: NtfyStandIn
const servers: NtfyStandIn[] = []

async function start(options?: NtfyOptions): Promise<NtfyStandIn> {
  const started = await startNtfy(options)
  servers.push(started)
  return started
}

beforeEach(async () => {
  server = await start()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((one) => one.close()))
})

function open(settings: Readonly<Record<string, unknown>> = {}, to = server): Channel {
  const opened = openChannels({ phones: { type: 'ntfy', server: to.provider.base, topic: to.topic, token: to.token, ca: to.provider.ca, allowNetworks: ['127.0.0.0/8'], ...settings } }).get('phones')
  if (opened === undefined) throw new Error('not opened')
  return opened.channel
}

async function kept(message: Message): Promise<Kept> {
  const outcome = await open().send(message, tools)
  const last = server.kept.at(-1)
  expect(outcome).toEqual({ kind: 'sent', providerId: last?.id })
  if (last === undefined) throw new Error('nothing was kept')
  return last
}

describe('a notification', () => {
  test('has a title in any script, a priority, and its links as buttons', async () => {
    const message = firing('zh-CN')
    expect(await kept(message)).toMatchObject({
      title: message.subject, message: message.text, priority: 4, tags: ['red_circle'], sequence_id: 'msg-1', click: 'https://tocsin.example.com/p/support/alerts/alt_51',
      actions: [{ action: 'view', label: '打开告警', url: 'https://tocsin.example.com/p/support/alerts/alt_51' }, { action: 'view', url: 'https://wiki.example.com/refunds' }],
    })
    expect(message.subject).toContain('重要')
  })

  test.each([['critical', 5], ['high', 4], ['warning', 3], ['info', 2]] as const)('that is %s has priority %i, and its end wakes nobody', async (severity, priority) => {
    expect(await kept({ ...firing(), severity })).toMatchObject({ priority })
    expect(await kept({ ...firing(), severity, news: 'resolved' })).toMatchObject({ priority: Math.min(3, priority), tags: ['white_check_mark'] })
  })

  test('has at most three buttons, and none without links', async () => {
    const message = firing()
    const many = Array.from({ length: 5 }, (_none, index) => ({ word: `Open ${index}`, url: `https://example.com/${index}` }))
    expect((await kept({ ...message, ...(message.card === undefined ? {} : { card: { ...message.card, links: many } }) })).actions).toHaveLength(3)
    const { card: _none, ...plain } = message
    expect(await kept(plain)).not.toHaveProperty('click')
  })

  test.each([['Chinese', '会话失败。'.repeat(800)], ['quotes and lines', '"\n'.repeat(2_000)], ['families', '👩‍👩‍👧'.repeat(500)]])('of too much %s is cut by bytes, in the text and in the JSON around it', async (_what, text) => {
    const { message } = await kept({ ...firing(), text })
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_096)
    expect(Buffer.byteLength(message)).toBeGreaterThan(2_000)
    expect(server.provider.taken.at(-1)?.body.byteLength).toBeLessThanOrEqual(8_192)
    expect(message).toMatch(/… \(cut\)$/)
    expect(text.startsWith(message.replace(/\n… \(cut\)$/, ''))).toBe(true)
  })

  test('keeps its sequence within what the server takes, whatever its id', async () => {
    const ids = ['tocsin-my.bots-7-abc', 'tocsin-my-bots-7-abc', `tocsin-${'p'.repeat(64)}-7-abc`]
    const sequences: (string | undefined)[] = []
    for (const id of ids) sequences.push((await kept({ ...firing(), id })).sequence_id)
    expect(new Set(sequences).size).toBe(3)
    expect(sequences[1]).toBe(ids[1])
  })
})

describe('a doubtful notification is looked for in its topic', () => {
  const find = (channel: Channel, message: Message, sinceMs: number, clock = tools.clock): Promise<unknown> => channel.find?.(message, sinceMs, { ...tools, clock }) ?? Promise.resolve('cannot')

  test.each([['from 2.16 on', true], ['before 2.16, by its words', false]])('on a server %s', async (_what, knowsSequences) => {
    const old = await start({ knowsSequences })
    const channel = open({}, old)
    const sinceMs = systemClock.nowMs()
    const message = firing()
    expect(await find(channel, message, sinceMs)).toBe('absent')
    old.provider.fail({ taken: { status: 200, body: '' } })
    expect(await channel.send(message, tools)).toMatchObject({ kind: 'in-doubt' })
    expect(await find(channel, message, sinceMs)).toBe('arrived')
    expect(await find(channel, { ...message, id: 'another', text: 'another' }, sinceMs)).toBe('absent')
    expect(await find(channel, message, sinceMs + 3_600_000)).toBe('absent')
  })

  test('and nothing is said where it cannot be read, is too much, or was thrown away meanwhile', async () => {
    const closed = await start({ mayRead: false })
    const nowMs = systemClock.nowMs()
    expect(await find(open({}, closed), firing(), nowMs)).toBe('unknown')
    expect(await find(open({ server: 'https://127.0.0.1:65000' }), firing(), nowMs)).toBe('unknown')
    const channel = open()
    for (let index = 0; index < 20; index += 1) await channel.send({ ...firing(), id: `id-${index}`, text: 'x'.repeat(4_000) }, tools)
    expect(await find(channel, firing(), nowMs)).toBe('unknown')
    expect(await find(channel, firing(), nowMs, manualClock(nowMs + 12 * 3_600_000))).toBe('unknown')
  })
})

describe('settings', () => {
  test('user and password do as well as a token, and neither comes back', async () => {
    expect(await open({ token: undefined, user: server.user, password: server.password }).send(firing(), tools)).toMatchObject({ kind: 'sent' })
    const wrong = await open({ token: undefined, user: server.user, password: 'wrong-pass-word' }).send(firing(), tools)
    expect(wrong).toMatchObject({ kind: 'bad-config', code: '40101' })
    expect(JSON.stringify(wrong)).not.toContain('wrong-pass-word')
  })

  test('a topic of somebody else is a wrong channel', async () => {
    expect(await open({ topic: 'not-ours' }).send(firing(), tools)).toMatchObject({ kind: 'bad-config', code: '40301' })
  })

  test('a server under a path is asked there', async () => {
    expect(await open({ server: `${server.provider.base}/ntfy` }).send(firing(), tools)).toMatchObject({ kind: 'bad-config', code: '40401' })
    expect(server.provider.requests.at(-1)?.path).toBe('/ntfy/')
  })

  test.each([
    [{ topic: 'a/b' }, 'topic: expected at most 64 letters'],
    [{ topic: 'our-agents', server: 'https://ntfy.example.com/our-agents/' }, 'server: expected the server alone'],
    [{ server: 'https://ntfy.example.com?x=1' }, 'server: expected the server alone'],
    [{ topic: '' }, 'topic: expected'],
    [{ token: 'tk_x\r\nx-evil: 1' }, 'token: expected an access token'],
    [{ user: 'phil' }, 'user: expected user and password, or neither'],
    [{ token: undefined, password: 'x' }, 'user: expected user and password, or neither'],
    [{ user: 'phil', password: 'x' }, 'token: expected a token or user and password, not both'],
    [{ server: 'https://192.168.1.4' }, 'server: expected a public address'],
    [{ server: 'http://ntfy.example.com' }, 'server: expected https'],
  ])('%j is refused', (settings, expected) => {
    expect(() => open(settings)).toThrow(TocsinError)
    expect(() => open(settings)).toThrow(`channels.phones.${expected}`)
  })
})
