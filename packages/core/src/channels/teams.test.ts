import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Channel, Message } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import { chatMessage, chatTools, hostile, laterNews } from '../testing/chat-messages.ts'
import { startTeamsServer, teamsSeen, type TeamsCard } from '../testing/teams-server.ts'
import { openChannels } from './registry.ts'

let teams: Awaited<ReturnType<typeof startTeamsServer>>

beforeEach(async () => {
  teams = await startTeamsServer()
})
afterEach(() => teams.close())

function open(settings: Readonly<Record<string, unknown>> = {}): Channel {
  const opened = openChannels({ team: { type: 'teams', url: teams.url, ca: teams.ca, allowNetworks: ['127.0.0.0/8'], ...settings } }).get('team')
  if (opened === undefined) throw new Error('not opened')
  return opened.channel
}

async function send(message: Message): Promise<TeamsCard> {
  expect(await open().send(message, chatTools)).toEqual({ kind: 'sent' })
  const card = teams.cards.at(-1)
  if (card === undefined) throw new Error('nothing came')
  return card
}

describe('a message', () => {
  test('has a bold subject, the cause, facts, why, and buttons', async () => {
    expect(teamsSeen(await send(chatMessage({ quotes: ['quota\n\nused up'], notes: ['Told without cost.'] })))).toEqual({
      title: '[High] Session failed: refund-bot, OpenAI quota used up',
      body: 'Stopped at step 7 of 9: OpenAI refused.\nquota\n\nused up',
      facts: ['Agent: refund-bot'],
      small: ['Told without cost.', 'alt_51. Sent because route “on-call” sends you high alerts.'],
      buttons: ['Open alert https://tocsin.example.com/p/bots/alerts/alt_51'],
    })
  })

  test.each([['critical', 'firing', 'attention'], ['warning', 'firing', 'warning'], ['info', 'firing', 'accent'], ['critical', 'resolved', 'good']] as const)('%s %s is coloured as %s', async (severity, news, style) => {
    expect((await send(chatMessage({}, { severity, news }))).body[0]).toMatchObject({ type: 'Container', style })
  })

  test('is text without markup, and mentions nobody, whatever it says', async () => {
    const card = await send(chatMessage({ heading: hostile, lines: [hostile], quotes: [hostile], facts: [{ label: hostile, value: hostile }], notes: [hostile], why: hostile }, { subject: hostile }))
    // No entities: `<at>` in a text is nothing but that.
    expect(card.msteams).toEqual({ width: 'Full' })
    expect(JSON.stringify(card).match(/"type":"[^"]+"/g)?.filter((type) => !/"(?:AdaptiveCard|Container|RichTextBlock|TextRun|Action\.OpenUrl)"/.test(type))).toEqual([])
    expect(teamsSeen(card).body).toContain('[x](http://evil.example)')
    expect(card.actions?.map(({ url }) => url)).toEqual(['https://tocsin.example.com/p/bots/alerts/alt_51'])
    expect(JSON.stringify(card)).not.toMatch(/\p{Bidi_Control}/u)
  })

  test('stays below what Teams takes with the longest text, and says what is cut', async () => {
    const long = '👩‍👩‍👧败"\\'.repeat(3_000)
    const { title, body, facts, small } = teamsSeen(await send(chatMessage({ heading: long, lines: [long], quotes: [long], facts: Array.from({ length: 30 }, () => ({ label: long, value: long })), notes: [long], why: long, links: [{ word: long, url: 'https://example.com/' }] }, { subject: long })))
    const whole = /^(?:👩‍👩‍👧败"\\)*(?:👩‍👩‍👧|👩‍👩‍👧败|👩‍👩‍👧败")?… \(\+\d+\)$/u
    for (const text of [title, body, ...small]) expect(text).toMatch(whole)
    expect(facts.at(-1)).toMatch(/^…: \+\d+$/)
    expect(teams.sizes[0]).toBeLessThan(22_001)
  })

  test('of very many lines stays below it too, and loses lines before it is refused', async () => {
    const { body } = teamsSeen(await send(chatMessage({ lines: ['a\n'.repeat(2_000)] })))
    expect(teams.sizes[0]).toBeLessThan(22_001)
    expect(body).toMatch(/^(a\n)+a?… \(\+\d+\)$/)
  })

  test('of long links stays below it too, and loses links before it is refused', async () => {
    const long = '败'.repeat(3_000)
    const links = Array.from({ length: 5 }, (_, index) => ({ word: `Link ${index} ${long}`, url: `https://example.com/${'x'.repeat(1_970)}` }))
    const { buttons } = teamsSeen(await send(chatMessage({ heading: long, lines: [long], facts: Array.from({ length: 30 }, () => ({ label: long, value: long })), notes: [long, long, long, long, long], why: long, links }, { subject: long })))
    expect(teams.sizes[0]).toBeLessThan(22_001)
    expect(buttons[0]).toMatch(/^Link 0 /)
    expect(buttons.length).toBeLessThan(5)
  })

  test('shows dates that somebody wrote as they were written, and no markup where cards cannot be shown', async () => {
    const card = await send(chatMessage({ lines: ['{{DATE(2017-02-14T06:08:39Z,SHORT)}} {{name}}'], facts: [{ label: 'At', value: '{{TIME(2017-02-14T06:08:39Z)}}' }] }, { subject: '[Pay](http://evil.example) *now*' }))
    expect(JSON.stringify(card)).not.toMatch(/\{\{(?:DATE|TIME)/)
    expect(teamsSeen(card).body.replaceAll('\u2060', '')).toContain('{{DATE(2017-02-14T06:08:39Z,SHORT)}} {{name}}')
    expect(card.fallbackText).toBe(String.raw`\[Pay\]\(http://evil.example\) \*now\*`)
  })

  test('with parts that hold nothing is sent without them: cards refuse an empty text', async () => {
    expect(teamsSeen(await send(chatMessage({ lines: [' ', 'Stopped.'], facts: [{ label: 'Agent', value: '' }], notes: ['\n'], why: ' ' })))).toMatchObject({ body: 'Stopped.', facts: [], small: [] })
  })

  test('about what was told before comes on its own', async () => {
    await send(chatMessage())
    await send(laterNews(2, 'over', 'any', { news: 'resolved' }))
    expect(teams.cards.map((card) => teamsSeen(card).title)).toEqual(['[High] Session failed: refund-bot, OpenAI quota used up', 'over'])
  })
})

test('a success that holds an error, or that breaks off, is in doubt; what a workflow answers of its own is not', async () => {
  const outcomeOf = async (body: string | object): Promise<unknown> => {
    teams.fail({ taken: { status: 200, body } })
    return (await open().send(chatMessage(), chatTools)).kind
  }
  expect([await outcomeOf({ error: { code: 'BadGateway', message: 'x' } }), await outcomeOf({ id: '1' }), await outcomeOf('1'), await outcomeOf('')]).toEqual(['in-doubt', 'sent', 'sent', 'sent'])
  teams.fail({ endless: 'slow' })
  const deadline = new AbortController()
  systemClock.after(300, () => deadline.abort())
  expect(await open().send(chatMessage(), { ...chatTools, signal: deadline.signal })).toMatchObject({ kind: 'in-doubt', code: '200' })
})

test('what is given up before it begins is tried later', async () => {
  const requests = teams.requests.length
  expect(await open().send(chatMessage(), { ...chatTools, signal: AbortSignal.abort() })).toMatchObject({ kind: 'retry' })
  expect(teams.requests).toHaveLength(requests)
})

describe('settings', () => {
  test.each([
    [{ url: 'http://prod-1.westeurope.logic.azure.com/workflows/1' }, 'url: expected https'],
    [{ url: 'https://10.0.0.1/workflows/1', allowNetworks: [] }, 'url: expected a public address'],
  ])('%j is refused', (settings, expected) => {
    expect(() => open(settings)).toThrow(`channels.team.${expected}`)
  })

  test('an address of Workflows is taken, with its port and its signature', () => {
    expect(() => open({ url: 'https://prod-12.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=x-y_z', allowNetworks: [] })).not.toThrow()
  })
})
