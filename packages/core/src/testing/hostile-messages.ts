import type { Card } from '../model/card.ts'
import type { ChannelType, Message } from '../model/channel.ts'
import { alertOf, notify, renderAs } from './rendering.ts'

const emptyCard: Card = { badge: '', heading: '', lines: [], quotes: [], facts: [], items: [], notes: [], links: [], about: { project: '', alerts: [], moreAlerts: 0 } }
/** What a delivery would never hand on: a channel holds out all the same, because a type may be used without one. */
const signs = '😀👩‍👩‍👧\u202e\u2066مرحبا\ud800\udfff\ud83d @everyone <!channel> [x](javascript:alert(1)) *_~`|> \u0000\u0007\r\nBcc: eve@example.com\r\n\r\n.\r\n{"a":"\\'

/** Messages that nobody would write, by what is odd about them; none of them may make a channel throw. */
export function hostileMessages({ shape }: ChannelType, to: string): readonly (readonly [what: string, message: Message])[] {
  const make = (what: string, text: string, card: Card, more: Partial<Message> = {}): readonly [string, Message] => [
    what,
    { id: `hostile-${what.replaceAll(/\W+/g, '-')}`, to, news: 'firing', severity: 'critical', subject: text.slice(0, 78), text, locale: 'en', possiblyRepeated: false, ...(shape === 'mail' ? { html: `<p>${text.length}</p>` } : {}), ...(shape === 'card' ? { card } : {}), ...more },
  ]
  const filled = (text: string): Card => ({
    ...emptyCard, badge: text, heading: text, lines: [text, text], quotes: [text], facts: [{ label: text, value: text }], items: [{ time: text, title: text }], moreItems: text, notes: [text], why: text,
    links: [{ word: text, url: `https://tocsin.example.com/${encodeURIComponent(text.toWellFormed()).slice(0, 1_900)}` }],
  })
  const alerts = Array.from({ length: 100 }, (_, index) => alertOf('session.failed', { agent: `agent-${index}` }, { id: index + 1, ends: 'quiet', state: 'firing', agent: `agent-${index}` }))
  const long = 'a, b，'.repeat(200_000)
  const megabyte = '会话失败 😀\n'.repeat(60_000)
  return [
    make('nothing in it', '', emptyCard),
    make('nothing but blanks', ' \n\t ', filled(' \n ')),
    make('signs that mean something elsewhere', signs, filled(signs)),
    make('a megabyte', megabyte, filled(megabyte)),
    make('a megabyte without a place to cut', 'x'.repeat(1_000_000), filled('x'.repeat(1_000_000))),
    make('a megabyte of commas', long, filled(long)),
    make('one visible sign of a megabyte', `a${'\u0301'.repeat(500_000)}`, filled(`a${'\u0301'.repeat(500_000)}`)),
    make('the end of what nobody was told', 'over', emptyCard, { news: 'resolved', thread: 'never seen' }),
    ['a hundred alerts', { ...renderAs(shape, notify(alerts, 'en', { moreAlerts: 900 })), to }],
  ]
}

/** The same news in Chinese as it is rendered for this type. */
export function chineseMessage({ shape, limits }: ChannelType, to: string): Message {
  const alert = alertOf('session.failed', { agent: '退款助手' }, { id: 77, ends: 'quiet', state: 'firing', agent: '退款助手' })
  return { ...renderAs(shape, notify([alert], 'zh-CN'), { bodyCharsMax: limits.bodyCharsMax }), id: 'suite-zh', to }
}

/** One secret in the forms in which programs write what they were given. */
export function echoesOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const [base64, base64url] = [Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('base64url')]
  const percent = encodeURIComponent(secret)
  return [
    secret, json, json.replaceAll('/', String.raw`\/`), json.replaceAll('=', String.raw`\u003d`).replaceAll('+', String.raw`\u002B`), percent, percent.toLowerCase() === percent ? percent : percent.replaceAll(/%[0-9A-F]{2}/g, (one) => one.toLowerCase()),
    new URLSearchParams({ secret }).toString().slice('secret='.length), base64, base64.replace(/=+$/, ''), base64url, encodeURIComponent(base64), Buffer.from(`user:${secret}`).toString('base64'), `${' '.repeat(1_990)}${secret}`,
  ]
}
