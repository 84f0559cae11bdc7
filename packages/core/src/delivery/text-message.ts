import type { Translator } from '../locales/catalogue.ts'
import type { Notification } from '../model/notification.ts'
import { onTheAir, segmentsOf } from '../model/sms-segments.ts'
import { alertValues, type Reader } from './alert-values.ts'
import { batchHeading } from './batch-heading.ts'
import { isDirect, onlyAlert, sayFrame, severityOf, type LetterContext } from './letter.ts'
import { alertUrl } from './links.ts'
import { shorten } from './shorten.ts'
import { fittingTitle, standingOf, titleOf } from './title.ts'

/** A text message in its two pieces, one line with a space between them. */
export interface ShortForm {
  readonly text: string
  /** Absent where there is none, and where the address leaves no room for what happened. */
  readonly url?: string
}

/**
 * The short form. Our own news aims at one segment of an English text message and two of a Chinese one; a message that
 * somebody wrote by hand is kept whole.
 */
export function shortForm(notification: Notification, reader: Reader, context: LetterContext): ShortForm {
  const { text, url } = piecesOf(notification, reader, context)
  // To look whether there is anything to do takes a fraction of doing it.
  return { text: /\s\s|[^\S ]/.test(text) ? text.replace(/\s+/g, ' ') : text, ...(url === undefined ? {} : { url }) }
}

/** A line with an address at its end, in its two pieces. */
export function asShortForm(line: string): ShortForm {
  const [, text, url] = /^(.*\S)\s+(https?:\/\/\S+)$/.exec(line) ?? []
  return text === undefined || url === undefined ? { text: line } : { text, url }
}

/** Both in one line of at most `charsMax` characters; what is too long is cut before the link, or loses it where nothing else fits. */
export function shortLine({ text, url }: ShortForm, charsMax = Infinity): string {
  const whole = url === undefined ? text : `${text} ${url}`
  if (whole.length <= charsMax) return whole
  const room = url === undefined ? charsMax : charsMax - url.length - 1
  return room < saidCharsMin ? shorten(text, charsMax, '...') : `${shorten(text, room, '...')}${whole.slice(text.length)}`
}

/** A link behind less than this says nothing of what it leads to. */
const saidCharsMin = 30

function piecesOf(notification: Notification, reader: Reader, context: LetterContext): ShortForm {
  const { translator } = reader
  const direct = isDirect(notification) ? onlyAlert(notification) : undefined
  if (direct !== undefined) return { text: repeated(translator.join(translator.words.messages.custom.short, alertValues(direct, reader)), context, translator) }
  const alert = onlyAlert(notification)
  const dress = dressing(notification, context, translator)
  const { publicUrl } = context.links
  // One link alone: where there is something to do, that to do it, which leads on to the alert.
  const url = context.action?.url ?? (publicUrl === undefined ? undefined : alertUrl(publicUrl, notification.project, alert))
  if (alert === undefined) return batchPieces(notification, reader, dress, url)
  const phrases = translator.words.messages[alert.message].short
  const standing = standingOf(alert, notification.news)
  const isAnyLength = alert.message === 'custom'
  const title = (link: string | undefined): string | undefined => {
    const fits = (text: string): boolean => isAnyLength || isShort(shortLine({ text, ...(link === undefined ? {} : { url: link }) }))
    const asLast = isLastStep(notification) ? fittingTitle(alert, reader, standing, phrases, (plain) => dress(sayFrame(translator, 'shortLastStep', { title: plain }) ?? plain), fits) : undefined
    return asLast ?? fittingTitle(alert, reader, standing, phrases, dress, fits)
  }
  const withLink = url === undefined ? undefined : title(url)
  if (url !== undefined && withLink !== undefined) return { text: withLink, url }
  // Where the address of the dashboard leaves no room for what happened, what happened is said without it.
  return { text: title(undefined) ?? fittingTitle(alert, reader, standing, phrases.slice(0, 1), dress, () => true) ?? dress('') }
}

/** Nobody is asked after this reader: that is worth some of what happened. */
function isLastStep({ turn }: Notification): boolean {
  return turn?.kind === 'step' && turn.step === turn.steps
}

function batchPieces(notification: Notification, reader: Reader, dress: (title: string) => string, url: string | undefined): ShortForm {
  const { translator } = reader
  const plain = batchHeading(notification, reader, 'short')
  const heading = notification.news === 'resolved' ? (sayFrame(translator, 'resolved', { title: plain }) ?? plain) : plain
  const last = notification.alerts.at(-1)
  const link = url === undefined ? {} : { url }
  if (last === undefined) return { text: dress(heading), ...link }
  const withLast = { text: dress(sayFrame(translator, 'batchShort', { title: heading, item: titleOf(last, reader, 'firing') }) ?? heading), ...link }
  return isShort(shortLine(withLast)) ? withLast : { text: dress(heading), ...link }
}

/** What stands before the title: the sender and the severity; and the doubt behind it. */
function dressing(notification: Notification, context: LetterContext, translator: Translator): (title: string) => string {
  const severityUpper = translator.words.severities[severityOf(notification)].toUpperCase()
  return (title) => repeated(sayFrame(translator, 'shortPrefix', { severityUpper, title }) ?? title, context, translator)
}

function repeated(text: string, { possiblyRepeated }: LetterContext, translator: Translator): string {
  return possiblyRepeated ? (sayFrame(translator, 'repeated', { title: text }) ?? text) : text
}

/** One segment in GSM-7, two in UCS-2: what a short message aims at. */
function isShort(text: string): boolean {
  if (text.length <= 70) return true // one segment in any alphabet
  const { encoding, count } = segmentsOf(onTheAir(text))
  return count <= (encoding === 'GSM-7' ? 1 : 2)
}
