import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Channel, Message, OpenChannel } from '../model/channel.ts'
import { chatMessage, chatTools, hostile, laterNews } from '../testing/chat-messages.ts'
import { startTelegramServer, telegramError, telegramSeen, type TelegramMessage } from '../testing/telegram-server.ts'
import { openChannels } from './registry.ts'

let telegram: Awaited<ReturnType<typeof startTelegramServer>>

beforeEach(async () => {
  telegram = await startTelegramServer()
})
afterEach(() => telegram.close())

function open(settings: Readonly<Record<string, unknown>> = {}): OpenChannel {
  const opened = openChannels({ team: { type: 'telegram', botToken: telegram.botToken, apiBase: telegram.apiBase, ca: telegram.ca, ...settings } }).get('team')
  if (opened === undefined) throw new Error('not opened')
  return opened
}

const inGroup = (): Channel => open({ chatId: -1001234567890 }).channel

async function send(channel: Channel, message: Message): Promise<string> {
  const outcome = await channel.send(message, chatTools)
  if (outcome.kind !== 'sent' || outcome.providerId === undefined) throw new Error(JSON.stringify(outcome))
  return outcome.providerId
}

const last = (): TelegramMessage => {
  const message = telegram.messages.at(-1)
  if (message === undefined) throw new Error('nothing came')
  return message
}
const titles = (): readonly string[] => telegram.messages.map(({ text, answers, edits }) => `${text.split('\n')[0]} ${answers ?? '-'} ${edits}`)
const methods = (): readonly string[] => telegram.requests.map(({ path }) => path.split('/')[2] ?? '')

describe('a message', () => {
  test('has a bold subject, the cause, facts, why, and buttons, and shows no preview', async () => {
    await send(inGroup(), chatMessage({ quotes: ['quota\nused up 😀'], notes: ['Told without cost.'] }))
    expect(telegramSeen(last())).toEqual({
      text: '[High] Session failed: refund-bot, OpenAI quota used up\nStopped at step 7 of 9: OpenAI refused.\nquota\nused up 😀\nAgent: refund-bot\nTold without cost.\nalt_51. Sent because route “on-call” sends you high alerts.',
      forms: ['bold [High] Session failed: refund-bot, OpenAI quota used up', 'blockquote quota\nused up 😀', 'bold Agent:', 'italic Told without cost.\nalt_51. Sent because route “on-call” sends you high alerts.'],
      live: [],
    })
    expect(last()).toMatchObject({ link_preview_options: { is_disabled: true }, reply_markup: { inline_keyboard: [[{ text: 'Open alert', url: 'https://tocsin.example.com/p/bots/alerts/alt_51' }]] } })
    expect(telegram.requests.at(-1)?.text).not.toContain('parse_mode')
  })

  test('mentions nobody and makes nothing live, whatever it says', async () => {
    const bad = `${hostile} mail eve@evil.example, call +14155550100, see tg://resolve?domain=x, main.py, t.me/x, 例え.みんな`
    await send(inGroup(), chatMessage({ heading: bad, lines: [bad], quotes: [bad], items: [{ time: '14:02', title: bad }], facts: [{ label: bad, value: bad }], notes: [bad] }, { subject: bad }))
    expect(telegramSeen(last()).live).toEqual([])
    expect(telegramSeen({ text: bad, entities: [] }).live.length).toBeGreaterThan(15)
    // What it says stays.
    expect(telegramSeen(last()).text).toContain('@everyone @here <!channel>')
    expect(last().text).not.toMatch(/\p{Bidi_Control}/u)
  })

  // As the tests of TDLib have them (test/message_entities.cpp): a host may hold any sign, and four numbers are one.
  test.each(['www.🤙.tk', '🤙.tk', 'ÀÁ.com.', 'evile\u0301.com', 'foo~.com', '127.0.0.1', 'see 8.8.8.8/x', '$1INCH', '#te·st', '#·st', '#\u200cst', '$TEST@abc', 'tg://test', '/a@abc', 'TON://x'])('makes nothing live of %s', async (text) => {
    expect(telegramSeen({ text, entities: [] }).live).not.toEqual([])
    await send(inGroup(), chatMessage({ lines: [text] }))
    expect(telegramSeen(last()).live).toEqual([])
    expect(telegramSeen(last()).text).toContain(text)
  })

  test('leaves ordinary text as it is', async () => {
    await send(inGroup(), chatMessage({ lines: ['gpt-4.1 cost $0.42 (3/4), 24/7. Done.', 'a@ b # c'] }))
    expect(last().text).toContain('gpt-4.1 cost $0.42 (3/4), 24/7. Done.\na@ b # c')
  })

  test('keeps every limit of Telegram with the longest text, and says what is cut', async () => {
    const long = '👩‍👩‍👧@ab'.repeat(3_000)
    await send(inGroup(), chatMessage({ heading: long, lines: [long], quotes: [long], facts: Array.from({ length: 30 }, () => ({ label: long, value: long })), notes: [long], why: long, links: [{ word: long, url: 'https://example.com/' }] }, { subject: long }))
    const { text } = telegramSeen(last())
    const whole = /^(?:👩‍👩‍👧@ab)*(?:👩‍👩‍👧@?a?)?… \(\+\d+\)$/u
    const [title = '', body = ''] = text.split('\n')
    expect(title).toMatch(whole)
    expect(body).toMatch(whole)
    expect(text.split('\n').at(-1)).toMatch(whole)
    expect(text).toMatch(/\n…: \+\d+\n/)
    expect(last().text.length).toBeGreaterThan(3_000)
  })

  test('shows a link as text where Telegram would refuse the button, and the whole message with it', async () => {
    await send(inGroup(), chatMessage({ links: [{ word: 'Open', url: 'http://localhost:4319/a' }] }))
    expect(last().reply_markup).toBeUndefined()
    expect(last().text).toContain('Open: http://localhost:4319/a')
  })
})

test('a link that does not fit is left out whole, and never in the place of what the reader has to know', async () => {
  const links = [{ word: 'Trace', url: `http://localhost/${'x'.repeat(3_000)}` }, { word: 'Open', url: 'http://localhost:4319/a' }]
  await send(inGroup(), chatMessage({ notes: ['Possibly repeated.'], links }))
  expect(last().text).toMatch(/\nOpen: http:\/\/localhost:4319\/a\nPossibly repeated.\nalt_51/)
  expect(last().text).not.toContain('xx')
})

test('a message with parts that hold nothing, or half a sign, is sent without them', async () => {
  await send(inGroup(), chatMessage({ lines: [' ', 'a\ud83d'], facts: [{ label: 'Agent', value: '\u202e' }], notes: [' '], why: '\n' }))
  expect(telegramSeen(last()).text).toBe('[High] Session failed: refund-bot, OpenAI quota used up\na\ufffd')
})

describe('later news', () => {
  test('answer the first message, which shows how things stand', async () => {
    const first = await send(inGroup(), chatMessage())
    expect(first).toBe('-1001234567890:41')
    await send(inGroup(), laterNews(2, 'worse', first))
    await send(inGroup(), laterNews(3, 'over', first, { news: 'resolved' }))
    expect(titles()).toEqual(['over - 2', 'worse 41 0', 'over 41 0'])
    expect(methods()).toEqual(['sendMessage', 'sendMessage', 'editMessageText', 'sendMessage', 'editMessageText'])
  })

  test('are told where the first message is gone or cannot be changed', async () => {
    const first = await send(inGroup(), chatMessage())
    telegram.remove(41)
    expect(await inGroup().send(laterNews(2, 'worse', first), chatTools)).toMatchObject({ kind: 'sent', first: 'this', detail: 'the first message could not be changed: 400 Bad Request: message to edit not found' })
    expect(titles()).toEqual(['worse - 0'])
    telegram.fail({ reply: telegramError(403, 'Forbidden: bot was kicked from the supergroup chat') })
    expect(await inGroup().send(laterNews(3, 'worse', first), chatTools)).toMatchObject({ kind: 'bad-address' })
    expect(methods().at(-1)).toBe('sendMessage')
  })

  test('that say who has it change the first message and write no other; without one there is nothing to change', async () => {
    const first = await send(inGroup(), chatMessage())
    const taken = laterNews(2, 'taken', first, { news: 'acknowledged' })
    expect(await inGroup().send(taken, chatTools)).toMatchObject({ kind: 'sent' })
    expect(await inGroup().send(taken, chatTools)).toEqual({ kind: 'sent', detail: 'it says so already' })
    expect(titles()).toEqual(['taken - 1'])
    expect(await inGroup().send({ ...taken, follows: '-100999:1' }, chatTools)).toMatchObject({ kind: 'bad-content', code: 'no-first' })
    telegram.remove(41)
    expect(await inGroup().send(taken, chatTools)).toEqual({ kind: 'sent', detail: 'the first message is gone', first: 'gone' })
  })

  test('an edit that changes nothing is none that failed', async () => {
    const first = await send(inGroup(), chatMessage())
    expect(await inGroup().send(chatMessage({}, { id: 'ntf_8', follows: first }), chatTools)).toEqual({ kind: 'sent', providerId: '-1001234567890:42' })
  })

  test('stand alone in another chat than that of the first', async () => {
    const first = await send(inGroup(), chatMessage())
    await send(open({ chatId: '@ops_alerts' }).channel, laterNews(2, 'worse', first))
    await send(open().channel, laterNews(3, 'worse', first, { to: '123456789' }))
    expect(titles().slice(1)).toEqual(['worse - 0', 'worse - 0'])
    expect(methods()).not.toContain('editMessageText')
  })

  test('stay in the topic of the settings', async () => {
    await send(open({ chatId: -1001234567890, topicId: 7 }).channel, chatMessage())
    expect(last().message_thread_id).toBe(7)
  })
})

describe('a group that became a supergroup', () => {
  test('is followed at once and from then on where it is named in the settings, and the new number is told', async () => {
    const { channel } = open({ chatId: -4111222333 })
    expect(await channel.send(laterNews(2, 'worse', '-4111222333:12'), chatTools)).toEqual({ kind: 'sent', providerId: '-1009998887776:41', first: 'this', detail: 'the group became a supergroup: set chatId to -1009998887776' })
    expect(await channel.send(chatMessage(), chatTools)).toEqual({ kind: 'sent', providerId: '-1009998887776:42' })
    expect(telegram.requests).toHaveLength(3)
    expect(titles()[0]).toBe('worse - 0')
    // Another process, whose settings still name the old one, answers and changes what stands in the new one.
    await open({ chatId: -4111222333 }).channel.send(laterNews(3, 'worst', '-1009998887776:41'), chatTools)
    expect(titles()).toEqual(['worst - 1', expect.any(String), 'worst 41 0'])
  })

  test('is a bad address that names the new number where it belongs to a person', async () => {
    expect(await open().channel.send(chatMessage({}, { to: '-4111222333' }), chatTools)).toEqual({ kind: 'bad-address', code: 'migrated', detail: '400 the group became a supergroup with the number -1009998887776' })
    expect(telegram.requests).toHaveLength(1)
  })
})

test('without a chat in the settings each person is written to, and what is no chat is a bad address without a call', async () => {
  expect([open().address, open({ chatId: 1 }).address]).toEqual(['telegram', 'none'])
  await send(open().channel, chatMessage({}, { to: '123456789' }))
  expect(last().chat).toBe('123456789')
  for (const to of ['', 'dana@example.com', '@x', '12 34']) expect(await open().channel.send(chatMessage({}, { to }), chatTools)).toMatchObject({ kind: 'bad-address' })
  expect(telegram.requests).toHaveLength(1)
})

test.each([
  [{ botToken: 'abc' }, 'botToken: expected the token of a bot'],
  [{ chatId: 'ops alerts' }, 'chatId: '],
  [{ topicId: 7 }, 'topicId: expected no topicId without chatId'],
  [{ apiBase: 'http://api.telegram.org' }, 'apiBase: expected https'],
])('settings %j are refused', (settings, expected) => {
  expect(() => open(settings)).toThrow(`channels.team.${expected}`)
})
