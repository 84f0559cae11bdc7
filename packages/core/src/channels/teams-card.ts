import type { Message } from '../model/channel.ts'
import { chatLinks, chatText, fitFacts, fitPieces, fitText, type ChatText } from './chat-text.ts'

/** Most characters of what happened. */
export const bodyCharsMax = 4_000
/** Teams takes 28 kB of what it makes of the message, which is up to a fifth more than was sent (MicrosoftDocs/msteams-docs#11274). */
const bytesMax = 22_000
const bodyCharsMin = 250
const titleCharsMax = 300
const smallCharsMax = 300
const buttonCharsMax = 80
const urlCharsMax = 2_000
const factLimits = { countMax: 12, labelCharsMax: 60, valueCharsMax: 300, charsMax: 1_500 }

/** Of a container, which colours it in light and dark themes alike. */
const styles = { critical: 'attention', high: 'attention', warning: 'warning', info: 'accent' } as const

/**
 * A message as an Adaptive Card in the envelope that Workflows expects, no longer than Teams takes. Version 1.4: of a newer one
 * Workflows shows nothing and says nothing. All that may come from outside is text of a `TextRun`, which has no markup.
 */
export function teamsMessage(message: Message): string {
  const chat = chatText(message)
  let charsMax = bodyCharsMax
  let links = chat.links
  // Line breaks cost much more than their character here, so it is the bytes that are looked at.
  for (;;) {
    const body = JSON.stringify(envelope(message, { ...chat, links }, charsMax))
    if (Buffer.byteLength(body) <= bytesMax || (charsMax < bodyCharsMin && links.length === 0)) return body
    if (charsMax < bodyCharsMin) links = links.slice(0, -1)
    else charsMax = Math.floor(charsMax / 2)
  }
}

function envelope(message: Message, chat: ChatText, charsMax: number): object {
  const { buttons, lines } = chatLinks(chat.links, { wordCharsMax: buttonCharsMax, urlCharsMax })
  const title = fitText(chat.title, titleCharsMax)
  const style = message.news === 'resolved' ? 'good' : styles[message.severity]
  const facts = fitFacts(chat.facts, factLimits)
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    // May be read as Markdown.
    fallbackText: title.replaceAll(/[\\`*_~[\]()<>#|!]/g, String.raw`\$&`),
    msteams: { width: 'Full' },
    body: [
      { type: 'Container', style, bleed: true, items: [textBlock([{ text: title, weight: 'Bolder', size: 'Medium' }])] },
      ...bodyBlocks(chat, charsMax),
      ...facts.map(({ label, value }, index) => textBlock([{ text: `${label}: `, weight: 'Bolder' }, { text: value }], index > 0)),
      ...[...lines.filter((line) => line.length <= smallCharsMax), ...chat.small].slice(0, smallMax).map((one, index) => textBlock([{ text: fitText(one, smallCharsMax), isSubtle: true, size: 'Small' }], index > 0)),
    ],
    ...(buttons.length === 0 ? {} : { actions: buttons.map(({ word, url }) => ({ type: 'Action.OpenUrl', title: word, url })) }),
  }
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }] }
}

const smallMax = 6

interface TextRun {
  readonly text: string
  readonly weight?: 'Bolder'
  readonly size?: 'Small' | 'Medium'
  readonly isSubtle?: true
}

/** Lines below each other, quotes in a box. A text run shows no line breaks, so each line is a block. */
function bodyBlocks({ pieces, cutNote }: ChatText, charsMax: number): readonly object[] {
  return fitPieces(pieces, charsMax, (text, kind) => (kind === 'item' ? `• ${text}` : text), cutNote).flatMap((text, index) => {
    const kind = pieces[index]?.kind
    const blocks = text.split('\n').map((line, lineIndex) => textBlock([{ text: line === '' ? '\u00a0' : line }], lineIndex > 0 || (kind === 'item' && index > 0)))
    return kind === 'quote' ? [{ type: 'Container', style: 'emphasis', items: blocks }] : blocks
  })
}

/** @param joined without a space to what stands above */
function textBlock(inlines: readonly TextRun[], joined = false): object {
  return { type: 'RichTextBlock', ...(joined ? { spacing: 'None' } : {}), inlines: inlines.map((run) => ({ type: 'TextRun', ...run, text: inert(run.text) })) }
}

/** Dates are the one thing that cards make of text by themselves (https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features#datetime-formatting-and-localization). */
function inert(text: string): string {
  return text.replaceAll(/\{(?=\{\s*(?:DATE|TIME)\s*\()/gi, '{\u2060')
}
