import type { Message } from '../model/channel.ts'
import { chatLinks, chatText, fitFacts, fitPieces, fitSmall, fitText } from './chat-text.ts'

/** Of the 4,096 characters of a message (https://core.telegram.org/bots/api#sendmessage); the rest is for what stands around it. */
export const bodyCharsMax = 2_500
const titleCharsMax = 300
const smallCharsMax = 450
const buttonCharsMax = 64
const urlCharsMax = 2_000
const factLimits = { countMax: 12, labelCharsMax: 60, valueCharsMax: 250, charsMax: 700 }

/** Where a form begins and how long it is, in UTF-16 code units as Telegram counts. */
interface Entity {
  readonly type: 'bold' | 'italic' | 'blockquote'
  readonly offset: number
  readonly length: number
}

/**
 * A message as Telegram shows it. Its forms are given beside the text and not in it, so nothing in the text is markup; and
 * what Telegram would make live by itself is broken by a sign that cannot be seen.
 */
export function telegramMessage(message: Message): Readonly<Record<string, unknown>> {
  const chat = chatText(message)
  const { buttons, lines } = chatLinks(chat.links, { wordCharsMax: buttonCharsMax, urlCharsMax })
  const writer = new Writer()
  writer.add(fitText(chat.title, titleCharsMax, inert), 'bold')
  for (const [index, text] of fitPieces(chat.pieces, bodyCharsMax, (one, kind) => (kind === 'item' ? `• ${inert(one)}` : inert(one)), chat.cutNote).entries()) {
    writer.add('\n')
    writer.add(text, chat.pieces[index]?.kind === 'quote' ? 'blockquote' : undefined)
  }
  for (const { label, value } of fitFacts(chat.facts, factLimits, inert)) {
    writer.add('\n')
    writer.add(`${label}:`, 'bold')
    writer.add(` ${value}`)
  }
  const small = fitSmall(lines, chat.small, smallCharsMax, inert)
  if (small !== '') {
    writer.add('\n')
    writer.add(small, 'italic')
  }
  return {
    text: writer.text,
    entities: writer.entities,
    link_preview_options: { is_disabled: true },
    ...(buttons.length === 0 ? {} : { reply_markup: { inline_keyboard: buttons.map(({ word, url }) => [{ text: word, url }]) } }),
  }
}

class Writer {
  readonly entities: Entity[] = []
  text = ''

  add(text: string, type?: Entity['type']): void {
    if (type !== undefined && text !== '') this.entities.push({ type, offset: this.text.length, length: text.length })
    this.text += text
  }
}

/**
 * A word joiner behind the sign by which a mention, tag, command, address or number begins: none of them is recognised then. What
 * Telegram recognises stands in td/telegram/MessageEntity.cpp of TDLib: any sign may stand in a host, so every dot before a
 * letter counts, and the first one of four numbers.
 */
function inert(text: string): string {
  return text.replaceAll(/@(?=[\p{L}\p{N}_])|#(?=[^\s#])|\$(?=\p{L}|1INCH)|\+(?=\d)|:(?=\/\/)|(?<![\p{L}\p{N}_/])\/(?=[\p{L}\p{N}_])|\.(?=\p{L})|(?<=(?<![\d.])\d{1,3})\.(?=\d{1,3}\.\d{1,3}\.\d)/gu, '$&\u2060')
}
