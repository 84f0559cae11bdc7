import type { Message } from '../model/channel.ts'
import { chatLinks, chatText, fitFacts, fitPieces, fitSmall, fitText, type Piece } from './chat-text.ts'

/** Limits of Discord (https://discord.com/developers/docs/resources/message#embed-object-embed-limits): 4,096 a description, 6,000 an embed in all, its facts and small print included. */
export const bodyCharsMax = 3_500
const titleCharsMax = 300
const smallCharsMax = 800
const buttonCharsMax = 80
const urlCharsMax = 512
const factLimits = { countMax: 12, labelCharsMax: 80, valueCharsMax: 400, charsMax: 1_600 }

/** Told apart also by those who see no difference between red and green. */
const colors = { critical: 0x8e1b2e, high: 0xd55e00, warning: 0xf0b429, info: 0x0072b2 } as const
const overColor = 0x009e73

/** A message as Discord shows it: the subject, then an embed. Nobody is called, and nothing but our own buttons is a link. */
export function discordMessage(message: Message): Readonly<Record<string, unknown>> {
  const chat = chatText(message)
  const { buttons, lines } = chatLinks(chat.links, { wordCharsMax: buttonCharsMax, urlCharsMax })
  const description = fitPieces(chat.pieces, bodyCharsMax, writePiece, chat.cutNote).join('\n')
  const fields = fitFacts(chat.facts, factLimits, escapeMarkdown).map(({ label, value }) => ({ name: label, value, inline: true }))
  const footer = fitSmall(lines, chat.small, smallCharsMax)
  const embed = {
    ...(description === '' ? {} : { description }),
    ...(fields.length === 0 ? {} : { fields }),
    // The one part without markup.
    ...(footer === '' ? {} : { footer: { text: footer } }),
  }
  return {
    content: `**${fitText(chat.title, titleCharsMax, escapeMarkdown)}**`,
    embeds: Object.keys(embed).length === 0 ? [] : [{ ...embed, color: message.news === 'resolved' ? overColor : colors[message.severity] }],
    components: buttons.length === 0 ? [] : [{ type: actionRow, components: buttons.map(({ word, url }) => ({ type: button, style: linkStyle, label: word, url })) }],
    allowed_mentions: { parse: [] },
  }
}

const actionRow = 1
const button = 2
const linkStyle = 5

function writePiece(text: string, kind: Piece['kind']): string {
  const escaped = escapeMarkdown(text)
  if (kind === 'quote') return escaped.replaceAll(/^/gm, '> ')
  return kind === 'item' ? `• ${escaped}` : escaped
}

/** A backslash takes the meaning from any sign: of mentions, formats, links and, where a line begins, headings, lists and quotes. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[\\*_~`|[\]<@]/g, String.raw`\$&`)
    // Addresses, and names of pictures: `:warning:`.
    .replaceAll(/:(?=\/\/|[\w+-]*[a-z+-][\w+-]*:)/gi, String.raw`\:`)
    .replaceAll(/^(\s*)([#>+-])/gm, String.raw`$1\$2`)
    .replaceAll(/^(\s*\d+)\./gm, String.raw`$1\.`)
}
