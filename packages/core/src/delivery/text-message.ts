import type { Translator } from '../locales/catalogue.ts'
import type { Notification } from '../model/notification.ts'
import { alertValues, type Reader } from './alert-values.ts'
import { alertUrl, batchHeading, isDirect, sayFrame, severityOf, type LetterContext } from './letter.ts'
import { shorten } from './shorten.ts'
import { fitsTextMessage, plainSigns } from './text-message-length.ts'
import { fittingTitle, standingOf, titleOf } from './title.ts'

/**
 * The short form: one line. Our own news aims at one part of an English text message and two of a Chinese one; a message that
 * somebody wrote by hand is kept whole up to `charsMax`.
 */
export function textMessage(notification: Notification, reader: Reader, context: LetterContext, charsMax: number): string {
  const { translator } = reader
  const line = lineOf(notification, reader, context).replace(/\s+/g, ' ')
  const plain = translator.locale === 'en' ? plainSigns(line) : line
  return shorten(plain, charsMax, translator.locale === 'en' ? '...' : '…')
}

function lineOf(notification: Notification, reader: Reader, context: LetterContext): string {
  const { translator } = reader
  const [alert] = notification.alerts
  if (alert !== undefined && isDirect(notification)) {
    return repeated(translator.join(translator.words.messages.custom.short, alertValues(alert, reader)), context, translator)
  }
  const dress = dressing(notification, context, translator)
  if (alert === undefined || notification.alerts.length > 1 || notification.moreAlerts > 0) return batchLine(notification, reader, dress)
  const phrases = translator.words.messages[alert.message].short
  const standing = standingOf(alert, notification.news)
  const fits = alert.message === 'custom' ? () => true : (text: string) => fitsTextMessage(translator.locale === 'en' ? plainSigns(text) : text)
  // Where the address of the dashboard leaves no room for what happened, what happened is said without it.
  const dressPlain = dressing(notification, { possiblyRepeated: context.possiblyRepeated }, translator)
  const line = fittingTitle(alert, reader, standing, phrases, dress, fits) ?? fittingTitle(alert, reader, standing, phrases, dressPlain, fits)
  return line ?? fittingTitle(alert, reader, standing, phrases.slice(0, 1), dressPlain, () => true) ?? dressPlain('')
}

function batchLine(notification: Notification, reader: Reader, dress: (title: string) => string): string {
  const { translator } = reader
  const plain = batchHeading(notification, translator)
  const heading = notification.news === 'resolved' ? (sayFrame(translator, 'resolved', { title: plain }) ?? plain) : plain
  const last = notification.alerts.at(-1)
  if (last === undefined) return dress(heading)
  const withLast = dress(sayFrame(translator, 'batchShort', { title: heading, item: titleOf(last, reader, 'firing') }) ?? heading)
  return fitsTextMessage(translator.locale === 'en' ? plainSigns(withLast) : withLast) ? withLast : dress(heading)
}

/** What stands around the title: the sender and the severity before it, the doubt and the link after it. */
function dressing(notification: Notification, context: LetterContext, translator: Translator): (title: string) => string {
  const severityUpper = translator.words.severities[severityOf(notification)].toUpperCase()
  const single = notification.alerts.length === 1 && notification.moreAlerts === 0 ? notification.alerts[0] : undefined
  const url = context.publicUrl === undefined ? undefined : alertUrl(context.publicUrl, notification.project, single)
  return (title) => {
    const prefixed = repeated(sayFrame(translator, 'shortPrefix', { severityUpper, title }) ?? title, context, translator)
    return url === undefined ? prefixed : (sayFrame(translator, 'openShort', { title: prefixed, url }) ?? prefixed)
  }
}

function repeated(text: string, { possiblyRepeated }: LetterContext, translator: Translator): string {
  return possiblyRepeated ? (sayFrame(translator, 'repeated', { title: text }) ?? text) : text
}
