import { hash } from 'node:crypto'
import type { Message } from '../model/channel.ts'
import { keepMs, type Severity } from '../model/severity.ts'
import { cutText } from './cut-text.ts'
import { oneLine } from './one-line.ts'

/** What a telephone or a browser shows of a message, and what it needs to show it well. */
export interface DeviceNotice {
  /** What and where, at most 40 characters on one line. */
  readonly title: string
  /** The cause, at most 120 characters; may hold line breaks, or be empty. */
  readonly body: string
  /** Where a touch leads; absent where there is nowhere to lead to. */
  readonly url?: string
  /** 32 signs of base64url: the same for all news about one alert, so that each takes the place of the one before. */
  readonly tag: string
}

const titleCharsMax = 40
const bodyCharsMax = 120
/** What is looked at of a heading; what a renderer writes is far shorter. */
const headingCharsMax = 200
/** A longer link is left out: it would leave the text no room in what a provider takes. */
const urlBytesMax = 1_000

/**
 * The message in the few words that a device shows.
 *
 * @example
 * deviceNotice(message) // { title: 'Session failed: refund-bot', body: 'Stopped at step 7 of 9: …', tag: 'mUt…' }
 */
export function deviceNotice(message: Message): DeviceNotice {
  const { card, thread, id } = message
  const url = card?.links[0]?.url
  return {
    title: titleOf(oneLine(card?.heading ?? message.subject)),
    body: cutText(bodyOf(message), bodyCharsMax, '…'),
    ...(url === undefined || Buffer.byteLength(url) > urlBytesMax ? {} : { url }),
    // Of what nothing follows, a sending that is repeated takes its own place.
    tag: hash('sha256', thread ?? id, 'base64url').slice(0, tagCharsMax),
  }
}

/** Of it what is seen. */
export function shownOnDevice(message: Message): Pick<DeviceNotice, 'title' | 'body' | 'url'> {
  const { tag: _tag, ...seen } = deviceNotice(message)
  return seen
}

/** What a push service takes as a topic (RFC 8030, 5.4); Apple takes 64. */
const tagCharsMax = 32

/** What, where, how bad, how much: of a long heading the last parts go first. */
function titleOf(heading: string): string {
  // Each turn looks through all of it: a heading without end must not take time without end.
  for (let title = heading.slice(0, headingCharsMax); ; ) {
    if (title.length <= titleCharsMax) return title
    const part = /^(.+)(?:, |，)/su.exec(title)?.[1]
    if (part === undefined) return cutText(title, titleCharsMax, '…')
    title = part
  }
}

function bodyOf({ card, text, subject, possiblyRepeated }: Message): string {
  if (card === undefined) return text
  const said = [...card.lines, ...card.quotes, ...card.items.map(({ title }) => title)]
  const pieces = [...(possiblyRepeated ? card.notes.slice(0, 1) : []), ...(said.length > 0 ? said : [card.heading])]
  return pieces.join('\n').trim() || subject
}

/** How much a device should be disturbed: only what is critical or high and not yet over may wake it. */
export function urgencyOf({ severity, news }: Pick<Message, 'severity' | 'news'>): 'high' | 'normal' | 'low' {
  if (news === 'resolved') return severity === 'info' ? 'low' : 'normal'
  return urgencies[severity]
}

const urgencies = { critical: 'high', high: 'high', warning: 'normal', info: 'low' } as const satisfies Record<Severity, string>

/** How long a provider keeps the message for a device that is off, seconds: as long as it would be worth sending. */
export function keepSeconds(severity: Severity): number {
  return keepMs(severity) / 1_000
}
