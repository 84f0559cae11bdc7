import type { Card } from '../model/card.ts'
import type { Message, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'

/** What is handed to a channel in tests that have no engine. */
export const chatTools: SendTools = { signal: new AbortController().signal, clock: systemClock, inbox: { put: async () => undefined } }

/** A message with a card as chats get it: one alert, and what is told of it. */
export function chatMessage(card: Partial<Card> = {}, more: Partial<Message> = {}): Message {
  const heading = card.heading ?? 'Session failed: refund-bot, OpenAI quota used up'
  return {
    id: 'ntf_7', to: '', news: 'firing', severity: 'high', subject: `[High] ${heading}`.slice(0, 78), text: 'as plain text', locale: 'en', possiblyRepeated: false, thread: 'tocsin-bots-alert-51', ...more,
    card: {
      badge: 'High', heading, lines: ['Stopped at step 7 of 9: OpenAI refused.'], quotes: [], facts: [{ label: 'Agent', value: 'refund-bot' }], items: [], notes: [],
      links: [{ word: 'Open alert', url: 'https://tocsin.example.com/p/bots/alerts/alt_51' }], why: 'alt_51. Sent because route “on-call” sends you high alerts.', about: { project: 'bots', alerts: [], moreAlerts: 0 }, ...card,
    },
  }
}

/** News about the same alert: its number, and what it says. */
export function laterNews(number: number, says: string, follows: string, more: Partial<Message> = {}): Message {
  return chatMessage({ heading: says, lines: [`${says}, at length`] }, { id: `ntf_7_${number}`, subject: says, follows, ...more })
}

/** What somebody hostile would write: mentions, links and markup of every chat, marks that turn the direction. */
export const hostile =
  '@everyone @here <!channel> <!here> <@U024BE7LH> <#C024BE91L> <@&123> <http://evil.example|our site> [x](http://evil.example) ![x](http://evil.example/x.png) *bold* _it_ ~s~ `code` ||spoiler|| <b>x</b> <at>all</at> https://evil.example/x www.evil.example evil.example @durov #tag /start $CASH <t:0:R> \u202egnp.exe\u202c \u2066x\u2069\n# heading\n> quote\n- item\n1. one\n-# small'
