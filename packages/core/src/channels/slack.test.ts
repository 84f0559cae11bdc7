import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Channel, Message, OpenChannel } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { chatMessage, chatTools, hostile, laterNews } from '../testing/chat-messages.ts'
import { no, seen, startSlackServer, type SlackStandIn } from '../testing/slack-server.ts'
import { openChannels } from './registry.ts'

let slack: SlackStandIn

beforeEach(async () => {
  slack = await startSlackServer()
})
afterEach(() => slack.close())

function open(settings: Readonly<Record<string, unknown>>): OpenChannel {
  const opened = openChannels({ team: { type: 'slack', apiBase: slack.apiBase, ca: slack.ca, ...settings } }).get('team')
  if (opened === undefined) throw new Error('not opened')
  return opened
}

const bot = (): Channel => open({ botToken: slack.botToken, channel: 'C024BE91L' }).channel
const direct = (): Channel => open({ botToken: slack.botToken }).channel

async function send(channel: Channel, message: Message): Promise<string> {
  const outcome = await channel.send(message, chatTools)
  if (outcome.kind !== 'sent' || outcome.providerId === undefined) throw new Error(JSON.stringify(outcome))
  return outcome.providerId
}

const requests = (): readonly string[] => slack.requests.map(({ path }) => path.replace(/\?.*/, ''))

describe('a message', () => {
  test('has a bold subject, the cause, facts, why, and buttons', async () => {
    await send(bot(), chatMessage({ quotes: ['quota\nused up'], notes: ['Told without cost.'] }))
    expect(seen(slack.messages[0] ?? { text: '', blocks: [] })).toEqual({
      title: '[High] Session failed: refund-bot, OpenAI quota used up',
      body: 'Stopped at step 7 of 9: OpenAI refused.\nquota\nused up\nAgent: refund-bot',
      small: ['Told without cost.', 'alt_51. Sent because route “on-call” sends you high alerts.'],
      buttons: ['Open alert https://tocsin.example.com/p/bots/alerts/alt_51'],
      live: [],
    })
    expect(slack.messages[0]?.text).toBe('[High] Session failed: refund-bot, OpenAI quota used up\nStopped at step 7 of 9: OpenAI refused.')
  })

  test('calls nobody and links nowhere, whatever it says', async () => {
    for (const settings of [{ botToken: slack.botToken, channel: 'C024BE91L' }, { webhookUrl: slack.webhookUrl }]) {
      await open(settings).channel.send(chatMessage({ heading: hostile, lines: [hostile], quotes: [hostile], facts: [{ label: hostile, value: hostile }], notes: [hostile], why: hostile }, { subject: hostile }), chatTools)
      const got = slack.messages.at(-1) ?? { text: '', blocks: [] }
      expect(seen(got).live).toEqual([])
      expect(seen(got).body).toContain('<!channel>')
      expect(JSON.stringify(got)).not.toMatch(/mrkdwn"|"type":"(?:link|user|usergroup|broadcast|channel|emoji)"/)
      expect(JSON.parse(slack.requests.at(-1)?.text ?? '')).toMatchObject({ parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false })
      expect(JSON.stringify(got)).not.toMatch(/\p{Bidi_Control}/u)
    }
  })

  test('keeps every limit of Slack with the longest text, and says what is cut', async () => {
    const long = '👩‍👩‍👧&<'.repeat(3_000)
    await send(bot(), chatMessage({ heading: long, lines: [long, long], quotes: [long], facts: Array.from({ length: 30 }, () => ({ label: long, value: long })), notes: [long], why: long, links: [{ word: long, url: 'https://example.com/' }] }, { subject: long }))
    expect(slack.messages).toHaveLength(1)
    const { title, body, small } = seen(slack.messages[0] ?? { text: '', blocks: [] })
    for (const text of [title, ...small]) expect(text).toMatch(/^(👩‍👩‍👧&<)*(👩‍👩‍👧&?)?… \(\+\d+\)$/u)
    expect(body).toMatch(/… \(\+\d+\)\n…?.*: /u)
  })

  test('goes shorter where Slack finds it too long', async () => {
    slack.fail({ reply: no('msg_blocks_too_long') })
    await send(bot(), chatMessage({ lines: ['x'.repeat(2_000)] }))
    expect(requests()).toEqual(['/api/chat.postMessage', '/api/chat.postMessage'])
    expect(seen(slack.messages[0] ?? { text: '', blocks: [] }).body).toMatch(/^x{600,}… \(\+\d+\)$/)
  })
})

test('a message with parts that hold nothing is sent without them: Slack refuses an empty text', async () => {
  await send(bot(), chatMessage({ lines: ['', ' '], quotes: ['\n'], facts: [{ label: 'Agent', value: '' }, { label: 'Model', value: '\u202e' }], notes: [' ', '\n'], why: ' ', links: [{ word: ' ', url: 'https://example.com/' }] }))
  expect(seen(slack.messages[0] ?? { text: '', blocks: [] })).toMatchObject({ body: '', small: [], buttons: ['https://example.com/ https://example.com/'] })
})

test('addresses are written as they go over the line, and one that is too long for Slack with all the rest is left out', async () => {
  const links = [{ word: 'Runbook', url: 'https://wiki.example.com/My page\n<!channel>' }, ...Array.from({ length: 4 }, () => ({ word: 'Trace', url: `https://example.com/${'x'.repeat(2_900)}` }))]
  await send(bot(), chatMessage({ lines: ['x'.repeat(2_000)], links }))
  expect(requests()).toEqual(['/api/chat.postMessage', '/api/chat.postMessage'])
  expect(seen(slack.messages[0] ?? { text: '', blocks: [] }).buttons).toEqual(['Runbook https://wiki.example.com/My%20page%3C!channel%3E'])
})

describe('later news', () => {
  test('go into the thread of the first message, which shows how things stand', async () => {
    const channel = bot()
    const first = await send(channel, chatMessage())
    expect(first).toBe(`C024BE91L:${slack.messages[0]?.ts}`)
    await send(channel, laterNews(2, 'worse', first, { severity: 'critical' }))
    await send(channel, laterNews(3, 'Resolved: over', first, { news: 'resolved' }))
    expect(slack.messages.map((message) => [seen(message).title, message.threadTs, message.isBroadcast, message.edits])).toEqual([
      ['Resolved: over', undefined, false, 2],
      ['worse', slack.messages[0]?.ts, true, 0],
      ['Resolved: over', slack.messages[0]?.ts, false, 0],
    ])
  })

  test('that say who has it change the first message and write no other; without one there is nothing to change', async () => {
    const first = await send(bot(), chatMessage())
    const taken = laterNews(2, '[Acknowledged] failed', first, { news: 'acknowledged' })
    expect(await bot().send(taken, chatTools)).toMatchObject({ kind: 'sent' })
    expect(await bot().send(taken, chatTools)).toMatchObject({ kind: 'sent' })
    expect(slack.messages.map((message) => [seen(message).title, message.edits])).toEqual([['[Acknowledged] failed', 2]])
    expect(await bot().send({ ...taken, follows: 'C0ELSEWHERE:1.1' }, chatTools)).toMatchObject({ kind: 'bad-content', code: 'no-first' })
    slack.remove(first.split(':')[1] ?? '')
    expect(await bot().send(taken, chatTools)).toMatchObject({ kind: 'sent', first: 'gone' })
    expect(slack.messages).toEqual([])
  })

  test('are told where the first message cannot be changed', async () => {
    const first = await send(bot(), chatMessage())
    slack.fail({ taken: { status: 200, body: { ok: true, channel: 'C024BE91L', ts: '1.1' } } }, { reply: no('cant_update_message') })
    expect(await bot().send(laterNews(2, 'worse', first), chatTools)).toMatchObject({ kind: 'sent', detail: 'the first message could not be changed: 200 cant_update_message' })
    expect(slack.messages).toHaveLength(2)
  })

  test('are told where changing the first message takes longer than there is time', async () => {
    const first = await send(bot(), chatMessage())
    slack.fail({ taken: { status: 200, body: { ok: true, channel: 'C024BE91L', ts: '1.1' } } }, { hang: 'answer' })
    const deadline = new AbortController()
    systemClock.after(300, () => deadline.abort())
    expect(await bot().send(laterNews(2, 'worse', first), { ...chatTools, signal: deadline.signal })).toMatchObject({ kind: 'sent', providerId: 'C024BE91L:1.1' })
  })

  test('stand alone where the first message is gone', async () => {
    const first = await send(bot(), chatMessage())
    slack.remove(first.split(':')[1] ?? '')
    expect(await bot().send(laterNews(2, 'worse', first), chatTools)).toMatchObject({ kind: 'sent', first: 'this', providerId: `C024BE91L:${slack.messages[0]?.ts}` })
    expect(slack.messages.map(({ threadTs }) => threadTs)).toEqual([undefined])
    // What is gone is not changed.
    expect(requests().at(-1)).toBe('/api/chat.postMessage')
  })

  test('say that the first message is gone where its thread is still there', async () => {
    const first = await send(bot(), chatMessage())
    slack.fail({ taken: { status: 200, body: { ok: true, channel: 'C024BE91L', ts: '1.1' } } }, { reply: no('message_not_found') })
    expect(await bot().send(laterNews(2, 'worse', first), chatTools)).toMatchObject({ kind: 'sent', first: 'gone' })
    slack.fail({ taken: { status: 200, body: { ok: true, channel: 'C024BE91L', ts: '1.1' } } }, { reply: { ...no('ratelimited'), status: 429, headers: { 'retry-after': '30' } } })
    expect(await bot().send(laterNews(3, 'worse', first), chatTools)).toEqual({ kind: 'sent', providerId: 'C024BE91L:1.1', detail: 'the first message could not be changed: 429 ratelimited' })
  })

  test('go to the channel that the settings name now, also where this process has not met it yet', async () => {
    const first = await send(open({ botToken: slack.botToken, channel: '#alerts' }).channel, chatMessage())
    expect(first).toMatch(/^C024BE91L:[\d.]+:#alerts$/)
    expect(await open({ botToken: slack.botToken, channel: '#other' }).channel.send(laterNews(2, 'worse', first), chatTools)).toMatchObject({ kind: 'sent', first: 'this' })
    expect(slack.messages.map(({ channel, threadTs }) => [channel, threadTs])).toEqual([['C024BE91L', undefined], ['C0THER000', undefined]])
    await open({ botToken: slack.botToken, channel: 'C024BE91L' }).channel.send(laterNews(3, 'worse', first), chatTools)
    expect(slack.messages.at(-1)).toMatchObject({ channel: 'C024BE91L', threadTs: slack.messages[0]?.ts })
  })

  test('stand alone where the channel of the settings or the account of the person is another one now', async () => {
    const first = await send(bot(), chatMessage())
    await open({ botToken: slack.botToken, channel: 'C0THER000' }).channel.send(laterNews(2, 'worse', first), chatTools)
    expect(slack.messages.at(-1)).toMatchObject({ channel: 'C0THER000' })
    expect(slack.messages.at(-1)?.threadTs).toBeUndefined()
    await direct().send(laterNews(3, 'worse', 'D0OLDER00:1.000100:U0OLDER00', { to: 'U024BE7LH' }), chatTools)
    expect(slack.messages.at(-1)).toMatchObject({ channel: 'D024BE7LZ' })
    expect(slack.messages.at(-1)?.threadTs).toBeUndefined()
  })

  test('are in doubt, and change nothing, where their own answer is lost', async () => {
    const first = await send(bot(), chatMessage())
    slack.fail({ reset: 'answer' })
    expect(await bot().send(laterNews(2, 'worse', first), chatTools)).toMatchObject({ kind: 'in-doubt' })
    expect(requests()).toEqual(['/api/chat.postMessage', '/api/chat.postMessage'])
  })
})

describe('direct messages', () => {
  test('go to the member id of each person, with a thread there', async () => {
    expect(open({ botToken: slack.botToken }).address).toBe('slack')
    expect(open({ botToken: slack.botToken, channel: '#alerts' }).address).toBe('none')
    const first = await send(direct(), chatMessage({}, { to: 'U024BE7LH' }))
    expect(first).toMatch(/^D024BE7LZ:[\d.]+:U024BE7LH$/)
    await direct().send(laterNews(2, 'worse', first, { to: 'U024BE7LH' }), chatTools)
    expect(slack.messages.map(({ channel, threadTs }) => [channel, threadTs])).toEqual([['D024BE7LZ', undefined], ['D024BE7LZ', slack.messages[0]?.ts]])
  })

  test.each(['user_not_found', 'channel_not_found', 'is_archived', 'user_disabled', 'cannot_dm_bot'])('%s is a bad address, and is not told in the outcome', async (code) => {
    slack.fail({ reply: no(code) })
    const outcome = await direct().send(chatMessage({}, { to: 'U024BE7LH' }), chatTools)
    expect(outcome).toMatchObject({ kind: 'bad-address', code })
    expect(JSON.stringify(outcome)).not.toContain('U024BE7LH')
  })

  test('what is no member id is a bad address without a call', async () => {
    expect(await direct().send(chatMessage({}, { to: '#alerts' }), chatTools)).toMatchObject({ kind: 'bad-address' })
    expect(slack.requests).toHaveLength(0)
  })
})

describe('a message whose answer was lost is looked for', () => {
  const find = async (channel: Channel, message: Message, sinceMs = systemClock.nowMs()): Promise<string> => {
    const found = (await channel.find?.(message, sinceMs, chatTools)) ?? 'cannot'
    return typeof found === 'object' ? `arrived ${found.arrived}` : found
  }
  const id = (index: number): string => `${slack.messages.at(index)?.channel}:${slack.messages.at(index)?.ts}`

  test('in the channel by its own mark, on further pages too', async () => {
    const channel = bot()
    expect(await find(channel, chatMessage())).toBe('absent')
    slack.fail({ taken: { status: 200, body: '<html>Welcome to the airport' } })
    expect(await channel.send(chatMessage(), chatTools)).toMatchObject({ kind: 'in-doubt' })
    for (let index = 0; index < 25; index += 1) await send(channel, chatMessage({}, { id: `other-${index}` }))
    // As it would have been told by the answer: later news follow it.
    expect(await find(channel, chatMessage())).toBe(`arrived ${id(0)}`)
    expect(await find(channel, chatMessage({}, { id: 'ntf_8' }))).toBe('absent')
    expect(await find(channel, chatMessage(), systemClock.nowMs() + 3_600_000)).toBe('absent')
    for (let index = 0; index < 60; index += 1) await send(channel, chatMessage({}, { id: `more-${index}` }))
    expect(await find(channel, chatMessage())).toBe('unknown')
  })

  test('in the thread, in direct messages, and in a channel that is named', async () => {
    const first = await send(bot(), chatMessage())
    const later = laterNews(2, 'worse', first)
    expect(await find(bot(), later)).toBe('absent')
    slack.fail({ taken: { status: 200, body: '<html>Welcome to the airport' } })
    await bot().send(later, chatTools)
    expect(await find(bot(), later)).toBe(`arrived ${id(1)}`)
    // With the answer the change of the first message had been lost.
    expect(slack.messages.map((one) => [seen(one).title, one.edits])).toEqual([['worse', 1], ['worse', 0]])
    const message = chatMessage({}, { to: 'U024BE7LH' })
    expect(await find(direct(), message)).toBe('absent')
    await send(direct(), message)
    expect(await find(direct(), message)).toBe(`arrived ${id(-1)}:U024BE7LH`)
    const named = open({ botToken: slack.botToken, channel: '#alerts' }).channel
    expect(await find(named, chatMessage())).toBe('unknown')
    await send(named, chatMessage({}, { id: 'ntf_9' }))
    expect(await find(named, chatMessage())).toBe(`arrived ${id(0)}:#alerts`)
  })

  test('also where ten messages are more than is read of one answer', async () => {
    const long = '会话失败，'.repeat(590)
    await send(bot(), chatMessage({ lines: [long] }))
    for (let index = 0; index < 10; index += 1) await send(bot(), chatMessage({ lines: [long] }, { id: `other-${index}` }))
    expect(await find(bot(), chatMessage())).toBe(`arrived ${id(0)}`)
  })

  test('and nothing is said where the bot may not look, or the server does not answer', async () => {
    slack.scopes.delete('channels:history')
    expect(await find(bot(), chatMessage())).toBe('unknown')
    slack.scopes.delete('im:write')
    expect(await find(direct(), chatMessage({}, { to: 'U024BE7LH' }))).toBe('unknown')
    slack.fail({ reply: { status: 500 } })
    expect(await find(bot(), chatMessage())).toBe('unknown')
  })

  test('a webhook cannot be asked', () => {
    expect(open({ webhookUrl: slack.webhookUrl }).channel.find).toBeUndefined()
  })
})

describe('settings', () => {
  const webhookUrl = 'https://hooks.slack.com/services/T0/B0/xyz'
  test.each([
    [{}, 'webhookUrl: expected either webhookUrl or botToken'],
    [{ webhookUrl, botToken: 'xoxb-123456789012-abc' }, 'webhookUrl: expected either webhookUrl or botToken'],
    [{ webhookUrl, channel: '#alerts' }, 'channel: expected no channel beside webhookUrl'],
    [{ webhookUrl: 'https://example.com/services/T0/B0/xyz' }, 'webhookUrl: expected an address such as https://hooks.slack.com'],
    [{ webhookUrl: 'http://hooks.slack.com/services/T0/B0/xyz' }, 'webhookUrl: expected https'],
    [{ botToken: 'xoxp-123456789012-abc' }, 'botToken: expected the token of a bot, xoxb-'],
    [{ botToken: 'xoxb-123456789012-abc', channel: 'alerts' }, 'channel: expected the id of a channel'],
  ])('%j is refused', (settings, expected) => {
    expect(() => open(settings)).toThrow(TocsinError)
    expect(() => open(settings)).toThrow(`channels.team.${expected}`)
  })

  test.each([[{ webhookUrl }], [{ webhookUrl: 'https://hooks.slack-gov.com/services/T0/B0/xyz' }], [{ botToken: 'xoxb-123456789012-abc', channel: '#报警' }]])('%j is taken', (settings) => {
    expect(() => open(settings)).not.toThrow()
  })
})
