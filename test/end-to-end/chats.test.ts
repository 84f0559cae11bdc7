import { afterAll, beforeAll, expect, test } from 'vitest'
import { discordSeen, startDiscordServer } from '../../packages/core/src/testing/discord-server.ts'
import { seen, startSlackServer, type SlackStandIn } from '../../packages/core/src/testing/slack-server.ts'
import { startTelegramServer } from '../../packages/core/src/testing/telegram-server.ts'
import { openWorld, type World } from './world.ts'

let slack: SlackStandIn
let discord: Awaited<ReturnType<typeof startDiscordServer>>
let telegram: Awaited<ReturnType<typeof startTelegramServer>>
let world: World

beforeAll(async () => {
  ;[slack, discord, telegram] = await Promise.all([startSlackServer(), startDiscordServer(), startTelegramServer()])
  const channels = {
    'slack-room': { type: 'slack', botToken: slack.botToken, channel: '#alerts', apiBase: slack.apiBase, ca: slack.ca },
    'slack-direct': { type: 'slack', botToken: slack.botToken, apiBase: slack.apiBase, ca: slack.ca },
    discord: { type: 'discord', url: discord.url, ca: discord.ca, allowNetworks: ['127.0.0.0/8'] },
    telegram: { type: 'telegram', botToken: telegram.botToken, apiBase: telegram.apiBase, ca: telegram.ca },
  }
  // JSON is YAML too.
  world = await openWorld(`
publicUrl: https://tocsin.example.com
channels: ${JSON.stringify(channels)}
people:
  ana: { role: admin, slack: U024BE7LH, telegram: 123456789, locale: zh-CN }
rules:
  model-failed: false
  failing: { on: llm.call, when: "event.status == 'error'", severity: high, quiet: 10m }
routes:
  - { name: chats, match: "alert.rule == 'failing'", to: [ana], via: [${Object.keys(channels).join(', ')}] }
`)
  const fail = (): Promise<void> => world.happen({ type: 'llm.call', sessionId: 's-1', agent: 'refund-bot', error: { class: 'server', statusCode: 503, message: '@everyone <!channel> overloaded' }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } })
  await fail()
  await world.moveOn(11 * 60_000)
  await fail()
  await world.moveOn(60_000)
}, 60_000)

afterAll(async () => {
  await world.close()
  await Promise.all([slack.close(), discord.close(), telegram.close()])
})

test('Slack: three news of one alert are one thread, in the room and in the conversation with a person, and its first message shows the last', () => {
  for (const channel of ['C024BE91L', 'D024BE7LZ']) {
    const told = slack.messages.filter((one) => one.channel === channel)
    expect(told.map(({ threadTs, edits }) => [threadTs, edits])).toEqual([[undefined, 2], [told[0]?.ts, 0], [told[0]?.ts, 0]])
    const titles = told.map((one) => seen(one).title)
    expect(titles[1]).toContain('已恢复')
    expect(titles[0]).toBe(titles[2])
    expect(titles[0]).not.toContain('已恢复')
    const inRoom = expect.stringMatching(/ https:\/\/tocsin\.example\.com\/a\/[\w-]{20,}(?:\?do=snooze)?$/) as string
    expect(seen(told[0] ?? { text: '', blocks: [] }).buttons).toEqual([expect.stringContaining('https://tocsin.example.com/p/default/alerts/alt_'), inRoom, inRoom])
  }
  expect(slack.messages.flatMap((one) => seen(one).live)).toEqual([])
})

test('Telegram: the later news answer the first, which shows the last', () => {
  const first = telegram.messages[0]
  expect(telegram.messages.map(({ chat, answers, edits }) => [chat, answers, edits])).toEqual([['123456789', undefined, 2], ['123456789', first?.id, 0], ['123456789', first?.id, 0]])
  expect(telegram.messages[1]?.text).toContain('已恢复')
})

test('Discord: the later news stand on their own, and the first shows the last', () => {
  expect(discord.messages.map(({ edits }) => edits)).toEqual([2, 0, 0])
  expect(discord.messages[0]?.content).toBe(discord.messages[2]?.content)
  expect(discord.messages.flatMap(({ embeds }) => discordSeen(embeds[0]?.description ?? '').live)).toEqual([])
})

test('Slack: what is found after a lost answer is followed, and where somebody takes the first message away a new thread begins', async () => {
  const street = await startSlackServer()
  const room = await openWorld(`
publicUrl: https://tocsin.example.com
channels: ${JSON.stringify({ room: { type: 'slack', botToken: street.botToken, channel: 'C024BE91L', apiBase: street.apiBase, ca: street.ca } })}
people: { ana: { role: admin } }
rules:
  model-failed: false
  failing: { on: llm.call, when: "event.status == 'error'", severity: high, quiet: 10m }
routes: [{ name: chats, match: "alert.rule == 'failing'", to: [ana], via: [room] }]
`)
  const news = async (): Promise<void> => {
    await room.happen({ type: 'llm.call', sessionId: 's-1', agent: 'refund-bot', error: { class: 'server', statusCode: 503, message: 'overloaded' }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } })
    await room.moveOn(60_000)
  }
  const over = (): Promise<void> => room.moveOn(11 * 60_000)
  const threads = (): readonly (number | undefined)[] => street.messages.map(({ threadTs }) => (threadTs === undefined ? undefined : street.messages.findIndex(({ ts }) => ts === threadTs)))
  try {
    street.fail({ reset: 'answer' })
    await news()
    await over()
    expect(threads()).toEqual([undefined, 0])
    expect(street.messages[0]?.edits).toBe(1)
    street.remove(street.messages[0]?.ts ?? '')
    await news()
    // The end of the old news is left, the new ones stand alone.
    expect(street.messages.map(({ edits }) => edits)).toEqual([0, 0])
    await over()
    expect(threads().slice(1)).toEqual([undefined, 1])
    expect(street.messages[1]?.edits).toBe(1)
  } finally {
    await room.close()
    await street.close()
  }
}, 60_000)
