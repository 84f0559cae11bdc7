import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Alert } from '../model/alert.ts'
import type { Channel, Message, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { startPagerDuty, type Incident, type PagerDutyStandIn } from '../testing/pagerduty-server.ts'
import { alertOf, notify, renderAs } from '../testing/rendering.ts'
import { openChannels } from './registry.ts'

const tools: SendTools = { signal: new AbortController().signal, clock: systemClock, inbox: { put: async () => undefined } }
const links = { publicUrl: 'https://tocsin.example.com' }

let server: PagerDutyStandIn

beforeEach(async () => {
  server = await startPagerDuty()
})
afterEach(() => server.close())

function open(settings: Readonly<Record<string, unknown>> = {}): Channel {
  const opened = openChannels({ pager: { type: 'pagerduty', routingKey: server.routingKey, apiBase: server.provider.base, ca: server.provider.ca, ...settings } }).get('pager')
  if (opened === undefined) throw new Error('not opened')
  return opened.channel
}

const failed = (id: number, more: Partial<Alert> = {}): Alert => alertOf('session.failed', { agent: 'refund-bot', causeName: 'gpt-5', costUsd: 0.42 }, { id, rule: 'session-failed', ends: 'quiet', state: 'firing', agent: 'refund-bot', sessionId: 's_8f2c', environment: 'production', ...more })
const firing = (...alerts: readonly Alert[]): Message => renderAs('card', notify(alerts), { links })
const over = (...alerts: readonly Alert[]): Message => renderAs('card', notify(alerts.map((alert) => ({ ...alert, state: 'resolved' as const })), 'en', { news: 'resolved' }))
const statuses = (): readonly string[] => [...server.incidents.values()].map(({ status }) => status)
const only = (): Incident => {
  const [incident] = server.incidents.values()
  if (incident === undefined || server.incidents.size > 1) throw new Error(`expected one incident, found ${server.incidents.size}`)
  return incident
}

describe('an alert', () => {
  test('is an incident with its severity, where it is, and what is known', async () => {
    const outcome = await open().send(firing(failed(51)), tools)
    const [event] = only().events
    expect(outcome).toEqual({ kind: 'sent', providerId: event?.dedup_key })
    expect(event).toMatchObject({
      event_action: 'trigger',
      client_url: 'https://tocsin.example.com/p/support/alerts/alt_51',
      links: [{ href: 'https://tocsin.example.com/p/support/alerts/alt_51', text: 'Open alert' }],
      payload: { severity: 'error', source: 'refund-bot', component: 'gpt-5', group: 'support', class: 'session-failed', timestamp: '2026-11-22T14:05:11.000Z', custom_details: { alert: 'alt_51', rule: 'session-failed', session: 's_8f2c', environment: 'production', count: 1 } },
    })
    expect(event?.payload?.summary).toMatch(/^Session failed: refund-bot/)
    expect(event?.payload?.custom_details?.text).toContain('on-call')
  })

  test.each([['critical', 'critical'], ['high', 'error'], ['warning', 'warning'], ['info', 'info']] as const)('that is %s is %s there', async (severity, expected) => {
    await open().send(firing(failed(51, { severity })), tools)
    expect(only().events[0]?.payload?.severity).toBe(expected)
  })

  test('that somebody has is acknowledged there, once, under its own key; its end resolves it all the same', async () => {
    const channel = open()
    const taken = renderAs('card', notify([failed(51, { state: 'acknowledged', taken: { by: 'dana', atMs: 1_795_000_000_000 } })], 'en', { news: 'acknowledged' }))
    await channel.send(taken, tools)
    expect(statuses()).toEqual([])
    await channel.send(firing(failed(51)), tools)
    const { dedup_key: key } = only().events[0] ?? {}
    expect(await channel.send(taken, tools)).toEqual({ kind: 'sent', providerId: key })
    expect(await channel.send(taken, tools)).toMatchObject({ kind: 'sent' })
    expect(statuses()).toEqual(['acknowledged'])
    expect(only().events.at(-1)).toEqual({ routing_key: server.routingKey, event_action: 'acknowledge', dedup_key: key })
    await channel.send(over(failed(51)), tools)
    expect(statuses()).toEqual(['resolved'])
  })

  test('that ends resolves its incident, and a repeat opens no second one', async () => {
    const channel = open()
    await channel.send(firing(failed(51)), tools)
    await channel.send(firing(failed(51, { count: 7, severity: 'critical' })), tools)
    expect(statuses()).toEqual(['triggered'])
    expect(await channel.send(over(failed(51, { count: 7 })), tools)).toMatchObject({ kind: 'sent' })
    expect(statuses()).toEqual(['resolved'])
    expect(only().events).toHaveLength(3)
  })

  test('that opens anew later is another incident', async () => {
    const channel = open()
    await channel.send(firing(failed(51)), tools)
    await channel.send(firing(failed(52)), tools)
    expect(statuses()).toEqual(['triggered', 'triggered'])
  })
})

describe('a collection', () => {
  test('is an incident for each alert, and each is resolved by its own end', async () => {
    const channel = open()
    const all = Array.from({ length: 12 }, (_none, index) => failed(index + 1, { severity: index === 0 ? 'warning' : 'info', sessionId: `s_${index}` }))
    await channel.send(firing(...all), tools)
    expect(statuses()).toEqual(all.map(() => 'triggered'))
    expect(new Set([...server.incidents.values()].map(({ events }) => events[0]?.payload?.severity))).toEqual(new Set(['warning', 'info']))
    await channel.send(over(failed(1)), tools)
    await channel.send(over(failed(2), failed(3)), tools)
    expect(statuses().filter((status) => status === 'resolved')).toHaveLength(3)
  })

  test('of more alerts than are listed tells the others as one', async () => {
    await open().send(renderAs('card', notify([failed(1), failed(2)], 'en', { moreAlerts: 40 })), tools)
    expect(server.incidents.size).toBe(3)
    expect([...server.incidents.keys()]).toContain('msg-1')
  })

  test('in which one event is refused tells the others, and says so', async () => {
    server.provider.fail({ reply: { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors: ["'payload.source' is invalid"] } } })
    expect(await open().send(firing(failed(1), failed(2), failed(3)), tools)).toEqual({ kind: 'bad-content', code: '400', detail: "400 Event object is invalid: 'payload.source' is invalid" })
    expect(server.incidents.size).toBe(2)
  })

  test('that is broken off is sent whole again, which opens nothing twice', async () => {
    const channel = open()
    const message = firing(...Array.from({ length: 7 }, (_none, index) => failed(index + 1)))
    server.provider.fail({ reply: { status: 429, headers: { 'retry-after': '3' } } })
    expect(await channel.send(message, tools)).toMatchObject({ kind: 'retry', afterMs: 3_000 })
    expect(await channel.send(message, tools)).toMatchObject({ kind: 'sent' })
    expect(statuses()).toEqual(Array.from({ length: 7 }, () => 'triggered'))
  })
})

describe('a message without its words, because rendering failed', () => {
  test('is told by its thread, and resolved by it', async () => {
    const channel = open()
    const { card: _none, ...plain } = { ...firing(failed(51)), thread: 'tocsin-support-alert-51-x' }
    await channel.send(plain, tools)
    await channel.send({ ...plain, news: 'resolved' }, tools)
    expect([...server.incidents.keys()]).toEqual(['tocsin-support-alert-51-x'])
    expect(statuses()).toEqual(['resolved'])
  })
})

describe('bounds', () => {
  test('a long project still gives one short key for the trigger and its end', async () => {
    const channel = open()
    const long = (message: Message): Message => ({ ...message, ...(message.card === undefined ? {} : { card: { ...message.card, heading: 'x'.repeat(3_000), about: { ...message.card.about, project: 'p'.repeat(300) } } }) })
    await channel.send(long(firing(failed(51))), tools)
    await channel.send(long(over(failed(51))), tools)
    expect(statuses()).toEqual(['resolved'])
    expect(only().events[0]?.payload?.summary).toHaveLength(1_024)
  })

  test('an event over 512,000 bytes goes without its details', async () => {
    const message = firing(failed(51))
    const card = message.card === undefined ? {} : { card: { ...message.card, facts: [{ label: 'Quote', value: '败'.repeat(200_000) }] } }
    expect(await open().send({ ...message, ...card }, tools)).toMatchObject({ kind: 'sent' })
    expect(only().events[0]?.payload?.custom_details).toEqual({ notes: 'the details were too long' })
  })
})

describe('settings', () => {
  test('a key that nobody has is a wrong channel', async () => {
    const routingKey = 'f'.repeat(32)
    const outcome = await open({ routingKey }).send(firing(failed(51)), tools)
    expect(outcome).toEqual({ kind: 'bad-config', code: 'routing-key', detail: '400 Invalid routing key' })
  })

  test.each([
    [{ routingKey: 'short' }, 'routingKey: expected the 32 letters and digits'],
    [{ routingKey: `${'a'.repeat(31)}-` }, 'routingKey: expected the 32 letters and digits'],
    [{ apiBase: 'http://events.pagerduty.com' }, 'apiBase: expected https'],
  ])('%j is refused', (settings, expected) => {
    expect(() => open(settings)).toThrow(TocsinError)
    expect(() => open(settings)).toThrow(`channels.pager.${expected}`)
  })
})
