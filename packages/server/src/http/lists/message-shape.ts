import { severities, type Seen, type SeenMessage } from 'tocsin/engine'
import { z } from 'zod'

const line = z.object({ label: z.string(), value: z.string() })

const cardShape = z
  .object({
    badge: z.string().meta({ description: 'The severity in words, or that it is over.' }),
    heading: z.string(),
    lines: z.array(z.string()).meta({ description: 'Sentences; may hold line breaks.' }),
    quotes: z.array(z.string()).meta({ description: 'What a model, a tool or a provider said.' }),
    facts: z.array(line),
    items: z.array(z.object({ time: z.string(), title: z.string() })).meta({ description: 'Of a collection its news, one a line.' }),
    moreItems: z.string().optional(),
    notes: z.array(z.string()).meta({ description: 'What the reader has to know about the message itself.' }),
    links: z.array(z.object({ word: z.string(), url: z.string() })).meta({ description: 'Those by which one acts lead nowhere here.' }),
    why: z.string().optional(),
  })
  .meta({ id: 'MessageCard', description: 'A message in pieces, as chats and push lay it out.' })

/** A message as its reader sees it. */
export const messageShape = z
  .object({
    channelType: z.string().meta({ description: 'Such as email; empty: the channel is gone.' }),
    shape: z.enum(['mail', 'full', 'card', 'short']).meta({ description: 'mail: subject, text and html; full: subject and text; card: subject, text and card; short: one text.' }),
    severity: z.enum(severities),
    locale: z.string().optional().meta({ description: 'BCP 47; absent: not known of what was kept.' }),
    subject: z.string(),
    text: z.string(),
    html: z.string().optional().meta({ description: 'A whole page, for a frame without scripts and without this origin.' }),
    card: cardShape.optional(),
    segments: z.object({ encoding: z.enum(['GSM-7', 'UCS-2']), count: z.int() }).optional().meta({ description: 'What a text message costs.' }),
    device: z.object({ title: z.string(), body: z.string(), url: z.string().optional() }).optional().meta({ description: 'What a telephone or a browser shows of it.' }),
    payload: z.string().optional().meta({ description: 'What a program gets: JSON as it is sent.' }),
  })
  .meta({ id: 'Message' })

const goneReasons = ['forgotten', 'erased', 'channel-gone', 'role'] as const

/** A message, or why there is none. */
export const seenShape = z
  .object({
    asSent: z.boolean().meta({ description: 'true: these are the words that were sent. false: written again of what is on record now, by what writes messages.' }),
    atMs: z.number().optional().meta({ description: 'When it was sent, or as of when it was written.' }),
    message: messageShape.optional(),
    gone: z.enum(goneReasons).optional().meta({ description: 'There is no message. forgotten: what it told of is not kept any more. erased: its reader was erased. channel-gone: its channel is not configured any more. role: not for who asks.' }),
  })
  .meta({ id: 'SeenMessage' })

export function seenAnswer(seen: Seen): z.infer<typeof seenShape> {
  if ('gone' in seen) return { asSent: false, gone: seen.gone }
  return { asSent: seen.asSent, atMs: seen.atMs, message: messageAnswer(seen.message) }
}

export function messageAnswer({ card, segments, device, ...message }: SeenMessage): z.infer<typeof messageShape> {
  return {
    ...message,
    ...(segments !== undefined && { segments: { ...segments } }),
    ...(device !== undefined && { device: { ...device } }),
    ...(card !== undefined && { card: cardAnswer(card) }),
  }
}

function cardAnswer({ badge, heading, lines, quotes, facts, items, moreItems, notes, links, why }: NonNullable<SeenMessage['card']>): z.infer<typeof cardShape> {
  return {
    badge, heading, lines: [...lines], quotes: [...quotes], facts: facts.map((one) => ({ ...one })), items: items.map((one) => ({ ...one })), notes: [...notes],
    links: links.map(({ word, url }) => ({ word, url })), ...(moreItems !== undefined && { moreItems }), ...(why !== undefined && { why }),
  }
}
