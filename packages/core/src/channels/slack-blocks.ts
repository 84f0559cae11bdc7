import type { CardLink } from '../model/card.ts'
import type { Message } from '../model/channel.ts'
import { actionIdStart } from './slack-callback.ts'
import { chatLinks, chatText, fitFacts, fitPieces, fitText, type ChatText } from './chat-text.ts'

/** Most characters of what happened: Slack refuses a message of about 13,000 in all (`msg_blocks_too_long`) and states no number. */
export const bodyCharsMax = 3_000
const headerCharsMax = 150
const smallCharsMax = 300
const buttonCharsMax = 75
const urlCharsMax = 3_000
const textCharsMax = 600
const factLimits = { countMax: 12, labelCharsMax: 60, valueCharsMax: 300, charsMax: 1_500 }

/** `brief`: what is sent where Slack finds the whole too long. */
export type Length = 'whole' | 'brief'
const briefCharsMax = 700

/**
 * A message as Block Kit (https://docs.slack.dev/reference/block-kit). All that may come from outside stands in `rich_text`
 * or `plain_text`, which hold no markup: no mention, link or format of it takes effect. Only `text`, shown where blocks cannot
 * be, is read as markup, and escaped.
 *
 * @param acts whether what its reader can do is a link to a page, or a button that Slack tells us of
 */
export function slackMessage(message: Message, length: Length, acts: 'links' | 'buttons' = 'links'): Readonly<Record<string, unknown>> {
  const chat = chatText(message)
  const { buttons, lines } = chatLinks(length === 'brief' ? chat.links.filter(({ url }) => url.length <= briefCharsMax) : chat.links, { wordCharsMax: buttonCharsMax, urlCharsMax })
  const facts = length === 'brief' ? [] : factsSection(chat)
  const small = [...lines.filter((line) => line.length <= smallCharsMax), ...chat.small].slice(0, smallMax)
  const blocks = [
    { type: 'header', text: plain(chat.title, headerCharsMax) },
    ...richText([...bodySections(chat, length === 'brief' ? briefCharsMax : bodyCharsMax), ...facts]),
    ...(small.length === 0 ? [] : [{ type: 'context', elements: small.map((one) => plain(one, smallCharsMax)) }]),
    ...(buttons.length === 0 ? [] : [{ type: 'actions', elements: buttons.map((link, index) => button(link, index, acts)) }]),
  ]
  const first = chat.pieces[0]?.text
  const text = fitText(first === undefined ? chat.title : `${chat.title}\n${first}`, textCharsMax, escapeMarkup)
  return { text, blocks, mrkdwn: false, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false }
}

/** A button that acts has no address: Slack tells us who pressed it. See `slack-callback.ts`. */
function button({ word, url, act }: CardLink, index: number, acts: 'links' | 'buttons'): object {
  const text = plain(word, buttonCharsMax)
  return act === undefined || acts === 'links' ? { type: 'button', action_id: `open-${index}`, text, url } : { type: 'button', action_id: `${actionIdStart}${act.action}`, text, value: act.token }
}

/** Elements of a context block. */
const smallMax = 10

type RichText = { readonly type: 'rich_text_section' | 'rich_text_quote'; readonly elements: readonly TextRun[] }
type TextRun = { readonly type: 'text'; readonly text: string; readonly style?: { readonly bold: true } }

function richText(elements: readonly RichText[]): readonly object[] {
  return elements.length === 0 ? [] : [{ type: 'rich_text', elements }]
}

/** Lines one below the other, and each quote as one. */
function bodySections({ pieces, cutNote }: ChatText, charsMax: number): readonly RichText[] {
  const sections: RichText[] = []
  let lines: string[] = []
  const endLines = (): void => {
    if (lines.length > 0) sections.push({ type: 'rich_text_section', elements: [{ type: 'text', text: lines.join('\n') }] })
    lines = []
  }
  for (const [index, text] of fitPieces(pieces, charsMax, (one, kind) => (kind === 'item' ? `• ${one}` : one), cutNote).entries()) {
    if (pieces[index]?.kind !== 'quote') {
      lines.push(text)
      continue
    }
    endLines()
    sections.push({ type: 'rich_text_quote', elements: [{ type: 'text', text }] })
  }
  endLines()
  return sections
}

function factsSection(chat: ChatText): readonly RichText[] {
  const facts = fitFacts(chat.facts, factLimits)
  if (facts.length === 0) return []
  const runs = facts.flatMap(({ label, value }, index): TextRun[] => [
    { type: 'text', text: `${index === 0 ? '' : '\n'}${label}: `, style: { bold: true } },
    { type: 'text', text: value },
  ])
  return [{ type: 'rich_text_section', elements: runs }]
}

function plain(text: string, charsMax: number): object {
  return { type: 'plain_text', text: fitText(text, charsMax, escapeMarkup), emoji: false }
}

/** The three signs by which Slack's markup begins (https://docs.slack.dev/messaging/formatting-message-text#escaping). */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
