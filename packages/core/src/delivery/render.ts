import { translator } from '../locales/catalogue.ts'
import { alertName } from '../model/alert.ts'
import type { ChannelLimits, ChannelType, Message } from '../model/channel.ts'
import { errorText } from '../model/error.ts'
import type { MessageId } from '../model/message.ts'
import { unlistedAlerts, type Notification } from '../model/notification.ts'
import type { Redact } from '../model/redact.ts'
import { safeText, valueCharsMax, type Reader } from './alert-values.ts'
import { cutWithNote, fitLetter } from './letter-text.ts'
import { isDirect, sayFrame, severityOf, writeLetter, type Letter, type LetterContext } from './letter.ts'
import { cardOf } from './card.ts'
import { actionLinkOf, type LinkSettings } from './links.ts'
import { mailHtml } from './mail-html.ts'
import { shorten } from './shorten.ts'
import { TemplateProblem } from './templates/liquid.ts'
import { ownCard, ownForms, type OwnForm } from './templates/own-forms.ts'
import type { Templates } from './templates/templates.ts'
import { templateNameOf, viewOf, type TemplateView } from './templates/view.ts'
import { asShortForm, shortForm, shortLine, type ShortForm } from './text-message.ts'
import { fittingTitle, standingOf } from './title.ts'
import { turnTitle } from './turn-notes.ts'

export interface RendererOptions {
  /** Second pass over every value from outside; never over the finished message. */
  readonly redact: Redact
  /** Absent: messages carry no links. */
  readonly links?: LinkSettings
  /** Of the configuration; absent: all is written by the product. */
  readonly templates?: Templates | undefined
  /** Told when a message could not be written and its plain form was sent. Must not throw. */
  readonly onFailure?: (messageId: string, cause: unknown, about: Unwritten) => void
}

/** What could not be written. Messages of one kind fail alike: there is one trouble for each kind and channel, however many messages. */
export interface Unwritten {
  readonly kind: MessageId | 'batch'
  readonly channel: string
}

export interface RenderContext {
  readonly type: Pick<ChannelType, 'shape'>
  readonly limits: Pick<ChannelLimits, 'bodyCharsMax'>
  /** Stable over retries; becomes `Message.id`. */
  readonly messageId: string
  /** An earlier attempt may have arrived: the message says so. */
  readonly possiblyRepeated: boolean
  readonly nowMs: number
}

/** Writes one notification for one channel in the reader's language and time zone. Total: it never throws. */
export type Render = (notification: Notification, context: RenderContext) => Message

/** Longest subject, in characters (RFC 5322 section 2.1.1). */
const subjectCharsMax = 78

/**
 * The renderer. Every value passes redaction, is neutralised, and only then meets its sentence.
 *
 * @example
 * const render = createRenderer({ redact: (text) => text })
 * render(notification, { type: email, limits: email.limits, messageId: 'ntf-1', possiblyRepeated: false, nowMs: 0 }).subject
 */
export function createRenderer(options: RendererOptions): Render {
  const { redact, links = {}, onFailure } = options
  return (notification, context) => {
    try {
      const letterContext: LetterContext = { possiblyRepeated: context.possiblyRepeated, links, action: actionLinkOf(links, notification, context.nowMs) }
      return write(notification, context, letterContext, options)
    } catch (cause) {
      const kind = notification.alerts[0]?.message ?? 'custom'
      onFailure?.(context.messageId, cause, { kind, channel: notification.channel })
      return plainForm(notification, context, redact)
    }
  }
}

function write(notification: Notification, context: RenderContext, letterContext: LetterContext, options: RendererOptions): Message {
  const { recipient } = notification
  const words = translator(recipient.locale, recipient.timezone)
  const reader: Reader = { translator: words, redact: options.redact, without: notification.without }
  const envelope = { id: context.messageId, to: recipient.address, severity: severityOf(notification), locale: words.locale, possiblyRepeated: context.possiblyRepeated, news: notification.news }
  const charsMax = context.limits.bodyCharsMax
  const { shape } = context.type
  const own = ownFormsOf(notification, context, options)
  const short = (): ShortForm => shortForm(notification, reader, letterContext)
  const view = (letter: Letter, subject: string, isHeadingCut: boolean) => (): TemplateView => viewOf({ letter, notification, reader, subject, isHeadingCut, short: short() })

  if (shape === 'short') {
    const ownLine = own?.('sms', () => {
      const letter = writeLetter(notification, reader, letterContext)
      return view(letter, letter.heading, false)()
    })
    const said = ownLine === undefined ? short() : asShortForm(ownLine)
    return { ...envelope, subject: shorten(said.text, subjectCharsMax, '…'), text: shortLine(said, charsMax) }
  }
  const { sections, ...pieces } = writeLetter(notification, reader, letterContext)
  // Tables need letters of one width, and room: a chat has neither.
  const plain: Letter = { ...pieces, ...(sections !== undefined && shape !== 'card' && { sections }) }
  const heading = own?.('heading', view(plain, plain.heading, false)) ?? plain.heading
  const isOwnHeading = heading !== plain.heading
  const letter = isOwnHeading ? { ...plain, heading: shorten(heading, headingCharsMax, '…') } : plain
  const builtIn = subjectOf(notification, letter, reader, letterContext, isOwnHeading ? 'own' : 'built-in')
  const ownSubject = own?.('subject', view(letter, builtIn.subject, builtIn.isCut))
  const subject = ownSubject === undefined ? builtIn.subject : shorten(ownSubject, subjectCharsMax, '…')
  const fitted = fitLetter(letter, words, charsMax, unlistedAlerts(notification), builtIn.isCut)
  const whole = view(fitted.letter, subject, builtIn.isCut)
  const fit = (text: string): string => (text.length <= charsMax ? text : cutWithNote(text, text.length - charsMax, words))
  const ownText = own?.('text', whole)
  const text = ownText === undefined ? shorten(fitted.text || shorten(letter.heading, charsMax, '…'), charsMax, '…') : fit(ownText)
  if (shape === 'mail') return { ...envelope, subject, text, html: own?.('html', whole) ?? mailHtml(fitted.letter, subject) }
  if (shape !== 'card') return { ...envelope, subject, text }
  const card = cardOf(fitted.letter, notification, reader)
  return { ...envelope, subject, text, card: own === undefined ? card : ownCard(card, own, whole, fit) }
}

const headingCharsMax = 300

/** The forms that the configuration writes; nothing where it writes none, and for what was written by hand to an address. */
function ownFormsOf(notification: Notification, context: RenderContext, { templates, onFailure }: RendererOptions): OwnForm | undefined {
  if (templates === undefined || isDirect(notification)) return undefined
  const kind = templateNameOf(notification)
  return ownForms(templates, kind, (form, cause) => onFailure?.(context.messageId, templateFailed(kind, form, cause), { kind, channel: notification.channel }))
}

function templateFailed(kind: string, form: string, cause: unknown): Error {
  const line = cause instanceof TemplateProblem && cause.line !== undefined ? `, line ${cause.line}` : ''
  return new Error(`template ${kind}.${form}${line}: ${errorText(cause)}`, { cause })
}

/** The heading with its severity, in one line of at most 78 characters; `isCut` where the heading did not fit whole. */
function subjectOf(notification: Notification, letter: Letter, reader: Reader, context: LetterContext, from: 'built-in' | 'own'): { readonly subject: string; readonly isCut: boolean } {
  const direct = isDirect(notification)
  const dress = (plain: string): string => {
    const title = turnTitle(notification.turn, plain, reader.translator)
    const marked = direct || letter.isOver ? title : (sayFrame(reader.translator, 'severityPrefix', { severity: letter.badge, title }) ?? title)
    return context.possiblyRepeated ? (sayFrame(reader.translator, 'repeated', { title: marked }) ?? marked) : marked
  }
  const whole = oneLine(dress(letter.heading))
  if (whole.length <= subjectCharsMax) return { subject: whole, isCut: false }
  const [alert] = notification.alerts
  const fitted = alert === undefined || from === 'own' || letter.items.length > 0 ? undefined
    : fittingTitle(alert, reader, standingOf(alert, notification.news), reader.translator.words.messages[alert.message].subject, dress, (line) => line.length <= subjectCharsMax)
  return { subject: fitted === undefined ? shortDressed(letter.heading, dress) : oneLine(fitted), isCut: true }
}

/** The heading is cut, not what stands around it. */
function shortDressed(heading: string, dress: (title: string) => string): string {
  const room = subjectCharsMax - oneLine(dress('')).length - 1
  return shorten(oneLine(dress(shorten(heading, Math.max(1, room), '…'))), subjectCharsMax, '…')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** What is sent when a message cannot be written: enough to look it up. Made without the catalogue and without parameters. */
function plainForm(notification: Notification, context: RenderContext, redact: Redact): Message {
  const severity = severityOf(notification)
  const names = notification.alerts.slice(0, plainAlertsMax).map((alert) => `${alertName(alert.id)} ${alert.severity} ${alert.kind} ${plainKey(alert.key, redact)}`.trim())
  const subject = shorten(`[${severity}] Tocsin: ${names[0] ?? 'news'}`, subjectCharsMax, '...')
  const text = shorten([...names, `tocsin explain ${notification.alerts[0] === undefined ? '' : alertName(notification.alerts[0].id)}`].join('\n'), context.limits.bodyCharsMax, '...')
  return { id: context.messageId, to: notification.recipient.address, severity, subject, text, locale: 'en', possiblyRepeated: context.possiblyRepeated, news: notification.news }
}

const plainAlertsMax = 20

function plainKey(key: string, redact: Redact): string {
  try {
    return safeText(key, redact, 'single', valueCharsMax.name)
  } catch {
    // A key that cannot be made safe is not shown; what failed was reported already.
    return ''
  }
}
