import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Channel, Message } from '../model/channel.ts'
import { chatMessage, chatTools, hostile, laterNews } from '../testing/chat-messages.ts'
import { discordError, discordSeen, startDiscordServer, type DiscordMessage } from '../testing/discord-server.ts'
import { alertOf, notify, renderAs } from '../testing/rendering.ts'
import { openChannels } from './registry.ts'

let discord: Awaited<ReturnType<typeof startDiscordServer>>

beforeEach(async () => {
  discord = await startDiscordServer()
})
afterEach(() => discord.close())

function open(settings: Readonly<Record<string, unknown>> = {}): Channel {
  const opened = openChannels({ team: { type: 'discord', url: discord.url, ca: discord.ca, allowNetworks: ['127.0.0.0/8'], ...settings } }).get('team')
  if (opened === undefined) throw new Error('not opened')
  return opened.channel
}

async function send(message: Message): Promise<string> {
  const outcome = await open().send(message, chatTools)
  if (outcome.kind !== 'sent' || outcome.providerId === undefined) throw new Error(JSON.stringify(outcome))
  return outcome.providerId
}

const last = (): DiscordMessage => {
  const message = discord.messages.at(-1)
  if (message === undefined) throw new Error('nothing came')
  return message
}

describe('a message', () => {
  test('has a bold subject, the cause, facts, why, buttons, and a colour of its severity', async () => {
    await send(chatMessage({ quotes: ['quota\nused up'], notes: ['Told without cost.'], lines: ['Stopped at step_7_of 9.'] }))
    const { id: _id, ...message } = last()
    expect(message).toEqual({
      content: String.raw`**\[High\] Session failed: refund-bot, OpenAI quota used up**`,
      embeds: [{
        description: 'Stopped at step\\_7\\_of 9.\n> quota\n> used up',
        fields: [{ name: 'Agent', value: 'refund-bot', inline: true }],
        footer: { text: 'Told without cost.\nalt_51. Sent because route “on-call” sends you high alerts.' },
        color: 0xd55e00,
      }],
      components: [{ type: 1, components: [{ type: 2, style: 5, label: 'Open alert', url: 'https://tocsin.example.com/p/bots/alerts/alt_51' }] }],
      allowed_mentions: { parse: [] },
      edits: 0,
    })
    await send(chatMessage({}, { news: 'resolved' }))
    expect(last().embeds[0]?.color).toBe(0x009e73)
  })

  test('calls nobody, links nowhere and has no format, whatever it says', async () => {
    await send(chatMessage({ heading: hostile, lines: [hostile], quotes: [hostile], items: [{ time: '14:02', title: hostile }], facts: [{ label: hostile, value: hostile }] }, { subject: hostile }))
    const { content, embeds } = last()
    const [embed] = embeds
    const parts = [content.slice(2, -2), embed?.description ?? '', ...(embed?.fields ?? []).flatMap(({ name, value }) => [name, value])]
    expect(parts.flatMap((part) => discordSeen(part).live)).toEqual([])
    expect(discordSeen(hostile).live.length).toBeGreaterThan(15)
    expect(discordSeen(embed?.description ?? '').text).toContain('@everyone @here <!channel>')
    expect(JSON.stringify(last())).not.toMatch(/\p{Bidi_Control}/u)
  })

  test('keeps every limit of Discord with the longest text, and says what is cut', async () => {
    const long = '👩‍👩‍👧*_'.repeat(3_000)
    await send(chatMessage({ heading: long, lines: [long], quotes: [long], facts: Array.from({ length: 30 }, () => ({ label: long, value: long })), notes: [long], why: long, links: [{ word: long, url: 'https://example.com/' }] }, { subject: long }))
    const { content, embeds } = last()
    const whole = /^(?:👩‍👩‍👧\*_)*(?:👩‍👩‍👧\*?)?… \(\+\d+\)$/u
    for (const text of [content.slice(2, -2), embeds[0]?.description ?? '', embeds[0]?.fields?.[0]?.name ?? '', embeds[0]?.fields?.[0]?.value ?? '']) expect(discordSeen(text).text).toMatch(whole)
    expect(embeds[0]?.footer?.text).toMatch(whole)
    expect(embeds[0]?.fields?.at(-1)).toMatchObject({ name: '…' })
  })

  test('without anything but a subject has no embed', async () => {
    await send(chatMessage({ heading: 'Hello', lines: [], facts: [], links: [], why: '' }, { subject: 'Hello' }))
    expect(last()).toMatchObject({ content: '**Hello**', embeds: [], components: [] })
  })
})

test('a message with parts that hold nothing is sent without them: Discord refuses an empty field', async () => {
  await send(chatMessage({ lines: [' ', 'Stopped.'], facts: [{ label: 'Agent', value: ' ' }, { label: '', value: 'refund-bot' }], notes: ['\n'], why: ' ' }))
  expect(last().embeds[0]).toEqual({ description: 'Stopped.', fields: [{ name: '…', value: 'refund-bot', inline: true }], color: 0xd55e00 })
})

test.each([['en', String.raw`(\d+) more not shown\)`], ['zh-CN', String.raw`……（还有 (\d+) 未显示）`]])('what takes more room than it had when it was written is cut with a note in the words of the reader: %s', async (locale, note) => {
  const message = renderAs('card', notify([alertOf('custom', { title: 'Log', body: '*'.repeat(3_000) })], locale), { bodyCharsMax: 3_500 })
  await send(message)
  const { text } = discordSeen(last().embeds[0]?.description ?? '')
  expect(Number(new RegExp(`${note}$`).exec(text)?.[1]) + (/\*+/.exec(text)?.[0].length ?? 0)).toBe(3_000)
})

test('names of pictures stay words, and a long link does not take the place of what the reader has to know', async () => {
  const links = [{ word: 'Trace', url: `https://example.com/${'x'.repeat(900)}` }]
  await send(chatMessage({ lines: [':warning: at 14:02:15, a::b :+1:'], notes: ['Possibly repeated.'], links, why: '' }))
  expect(last().embeds[0]).toMatchObject({ description: String.raw`\:warning: at 14:02:15, a::b \:+1:`, footer: { text: 'Possibly repeated.' } })
})

describe('later news', () => {
  test('are new messages, and the first one shows how things stand', async () => {
    const first = await send(chatMessage())
    await send(laterNews(2, 'worse', first))
    await send(laterNews(3, 'over', first, { news: 'resolved' }))
    expect(discord.messages.map(({ content, edits }) => `${content} ${edits}`)).toEqual(['**over** 2', '**worse** 0', '**over** 0'])
    expect(discord.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'PATCH', 'POST', 'PATCH'])
  })

  test('are told where the first message is gone or cannot be changed', async () => {
    const first = await send(chatMessage())
    discord.remove(first)
    expect(await open().send(laterNews(2, 'worse', first), chatTools)).toMatchObject({ kind: 'sent', providerId: last().id, first: 'this', detail: 'the first message could not be changed: 404 Unknown Message' })
    discord.fail({ reply: discordError(400, 50035, 'Invalid Form Body') })
    expect(await open().send(laterNews(3, 'worse', first), chatTools)).toMatchObject({ kind: 'bad-content' })
    // A refused message changes nothing.
    expect(discord.requests.at(-1)?.method).toBe('POST')
  })

  test('that say who has it change the first message and write no other; without one there is nothing to change', async () => {
    const first = await send(chatMessage())
    const taken = laterNews(2, 'taken', first, { news: 'acknowledged' })
    expect(await open().send(taken, chatTools)).toMatchObject({ kind: 'sent' })
    expect(discord.messages.map(({ content, edits }) => `${content} ${edits}`)).toEqual(['**taken** 1'])
    expect(await open().send({ ...taken, follows: 'elsewhere' }, chatTools)).toMatchObject({ kind: 'bad-content', code: 'no-first' })
    discord.remove(first)
    expect(await open().send(taken, chatTools)).toEqual({ kind: 'sent', detail: 'the first message is gone', first: 'gone' })
  })

  test('stay in the thread of the settings', async () => {
    const channel = open({ threadId: '42' })
    const outcome = await channel.send(chatMessage(), chatTools)
    expect(outcome.kind === 'sent' && (await channel.send(laterNews(2, 'over', outcome.providerId ?? ''), chatTools))).toEqual({ kind: 'sent', providerId: last().id })
    expect(discord.messages.map(({ threadId, edits }) => [threadId, edits])).toEqual([['42', 1], ['42', 0]])
  })
})

describe('settings', () => {
  test.each([
    [{ url: 'https://discord.com/channels/1/2' }, 'url: expected an address such as https://discord.com/api/webhooks/'],
    [{ url: 'http://discord.com/api/webhooks/1/token' }, 'url: expected https'],
    [{ url: 'https://10.0.0.1/api/webhooks/1/token', allowNetworks: [] }, 'url: expected a public address'],
    [{ threadId: '#help' }, 'threadId: expected the number of a thread'],
  ])('%j is refused', (settings, expected) => {
    expect(() => open(settings)).toThrow(`channels.team.${expected}`)
  })

  test.each([['https://discord.com/api/webhooks/1/token'], ['https://ptb.discord.com/api/v9/webhooks/1/token'], ['https://discordapp.com/api/webhooks/1/to-k_en']])('%s is taken', (url) => {
    expect(() => open({ url })).not.toThrow()
  })

  test('an address in a private network is not called', async () => {
    expect(await open({ url: 'https://localhost.example.com/api/webhooks/1/token', allowNetworks: [] }).send(chatMessage(), { ...chatTools, resolve: async () => ['127.0.0.1'] })).toMatchObject({ kind: 'bad-config', code: 'address-not-allowed' })
    expect(discord.requests).toHaveLength(0)
  })
})
