import type { Translator } from '../locales/catalogue.ts'
import type { Phrase } from '../locales/phrase.ts'
import type { FrameName } from '../locales/shape.ts'
import { alertName, alertKinds, type Alert } from '../model/alert.ts'
import type { Notification } from '../model/notification.ts'
import { priorityOf, type Severity } from '../model/severity.ts'
import { alertValues, partsMissing, safeText, type Reader, valueCharsMax } from './alert-values.ts'
import { anatomies } from './anatomy.ts'
import { cutText } from './shorten.ts'
import { standingOf, titleOf } from './title.ts'

/** Everything a reader gets, in pieces: the text and the HTML are made of the same ones. All of it is safe to show. */
export interface Letter {
  readonly locale: string
  readonly severity: Severity
  /** The severity in words, or that it is over. */
  readonly badge: string
  readonly isOver: boolean
  /** What, where, how bad, how much: one line. */
  readonly heading: string
  /** The sentences, and a body that somebody wrote; may hold line breaks. */
  readonly lines: readonly string[]
  /** What somebody else said; may hold line breaks. */
  readonly quotes: readonly string[]
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  /** The news of a batch, one a line. */
  readonly items: readonly { readonly time: string; readonly title: string }[]
  /** What was left out of the items: “and 12 more”. */
  readonly moreItems?: string
  readonly notes: readonly string[]
  readonly open?: { readonly word: string; readonly line: string; readonly url: string }
  /** Why this reader gets it, and the name by which it can be asked about. */
  readonly why?: string
}

/** What the words around the message may say of how it is sent. */
export interface LetterContext {
  readonly possiblyRepeated: boolean
  readonly publicUrl?: string
}

/** The worst severity in it. */
export function severityOf(notification: Notification): Severity {
  let worst: Severity = 'info'
  for (const { severity } of notification.alerts) if (priorityOf(severity) < priorityOf(worst)) worst = severity
  return worst
}

/** A message that was given its recipient by hand: shown as it was written, with nothing of ours around it. */
export function isDirect(notification: Notification): boolean {
  return notification.alerts.length === 1 && notification.moreAlerts === 0 && notification.alerts[0]?.announcement?.direct !== undefined
}

export function writeLetter(notification: Notification, reader: Reader, context: LetterContext): Letter {
  const [alert] = notification.alerts
  const single = notification.alerts.length === 1 && notification.moreAlerts === 0 && alert !== undefined
  const severity = severityOf(notification)
  const { translator } = reader
  const { words } = translator
  const isOver = notification.news === 'resolved'
  const frame = {
    locale: translator.locale,
    severity,
    isOver,
    badge: isOver ? (sayFrame(translator, 'resolvedBadge', {}) ?? '') : words.severities[severity],
  }
  if (single && isDirect(notification)) {
    const values = alertValues(alert, reader)
    return { ...frame, heading: titleOf(alert, reader, 'firing', values), lines: said(translator, words.messages.custom.lines, values), quotes: [], facts: [], items: [], notes: repeatedNotes(context, translator) }
  }
  const around = { notes: [...repeatedNotes(context, translator), ...leftOut(notification, reader)], ...openLink(notification, context, translator, single ? alert : undefined), ...whyOf(notification, reader, severity, single ? alert : undefined) }
  return single ? { ...frame, ...singleBody(alert, notification, reader), ...around } : { ...frame, ...batchBody(notification, reader, severity), ...around }
}

function singleBody(alert: Alert, notification: Notification, reader: Reader): Pick<Letter, 'heading' | 'lines' | 'quotes' | 'facts' | 'items'> {
  const { translator } = reader
  const { words } = translator
  const values = alertValues(alert, reader)
  const standing = standingOf(alert, notification.news)
  const over = standing === 'firing' ? undefined : translator.say(words.frames[standing === 'resolved' ? 'resolvedLine' : 'overLine'], values)
  const anatomy = anatomies[alert.message]
  const facts: { label: string; value: string }[] = []
  for (const name of anatomy.facts) {
    const value = translator.join(words.facts[name].value, values)
    if (value !== '') facts.push({ label: words.facts[name].label, value })
  }
  return {
    heading: titleOf(alert, reader, standing, values),
    lines: [...(over === undefined ? [] : [over]), ...said(translator, words.messages[alert.message].lines, values)],
    quotes: anatomy.quotes.flatMap((name) => translator.say(words.frames.quote, (param) => (param === 'text' ? values(name) : undefined)) ?? []),
    facts,
    items: [],
  }
}

/** Most characters of one line in a list of news. */
const itemCharsMax = 240

function batchBody(notification: Notification, reader: Reader, severity: Severity): Pick<Letter, 'heading' | 'lines' | 'quotes' | 'facts' | 'items' | 'moreItems'> {
  const { translator } = reader
  const heading = batchHeading(notification, translator)
  const items = notification.alerts.map((alert) => {
    const standing = standingOf(alert, notification.news)
    const plain = titleOf(alert, reader, 'firing')
    const title = standing === 'was' ? (sayFrame(translator, 'overItem', { title: plain }) ?? plain) : plain
    const marked = alert.severity === severity ? title : (sayFrame(translator, 'severityPrefix', { severity: translator.words.severities[alert.severity], title }) ?? title)
    return { time: translator.timeBrief(alert.openedAtMs) ?? '', title: cutText(marked, itemCharsMax) }
  })
  const more = notification.moreAlerts > 0 ? sayFrame(translator, 'moreItems', { count: notification.moreAlerts }) : undefined
  return {
    heading: notification.news === 'resolved' ? (sayFrame(translator, 'resolved', { title: heading }) ?? heading) : heading,
    lines: [],
    quotes: [],
    facts: [],
    items,
    ...(more === undefined ? {} : { moreItems: more }),
  }
}

/** “12 updates: 8 on sessions, 3 on models and 1 more”. */
export function batchHeading(notification: Notification, translator: Translator): string {
  const { words } = translator
  const count = notification.alerts.length + notification.moreAlerts
  const kinds = alertKinds.flatMap((kind) => {
    const ofKind = notification.alerts.filter((alert) => alert.kind === kind).length
    return ofKind === 0 ? [] : (translator.say(words.kindCounts[kind], () => ofKind) ?? [])
  })
  const more = notification.moreAlerts === 0 ? [] : (sayFrame(translator, 'more', { count: notification.moreAlerts }) ?? [])
  return sayFrame(translator, 'batch', { count, kinds: translator.list(kinds.concat(more)) }) ?? ''
}

function said(translator: Translator, lines: readonly (readonly Phrase[])[], values: ReturnType<typeof alertValues>): string[] {
  return lines.map((sentences) => translator.sentences(sentences, values)).filter((line) => line !== '')
}

function repeatedNotes({ possiblyRepeated }: LetterContext, translator: Translator): string[] {
  return possiblyRepeated ? [sayFrame(translator, 'repeatedLine', {}) ?? ''] : []
}

function leftOut(notification: Notification, { translator }: Reader): string[] {
  const missing = partsMissing(notification.alerts, notification.without)
  if (missing.length === 0) return []
  const { words } = translator
  const line = sayFrame(translator, 'without', { parts: translator.list(missing.map((part) => words.parts[part])), role: words.roles[notification.recipient.role] })
  return line === undefined ? [] : [line]
}

function openLink(notification: Notification, { publicUrl }: LetterContext, translator: Translator, alert: Alert | undefined): Pick<Letter, 'open'> {
  if (publicUrl === undefined) return {}
  const url = alertUrl(publicUrl, notification.project, alert)
  return { open: { url, word: sayFrame(translator, 'openWord', {}) ?? url, line: sayFrame(translator, 'open', { url }) ?? url } }
}

/** Where an alert can be looked at, or all of a project's. */
export function alertUrl(publicUrl: string, project: string, alert: Alert | undefined): string {
  const base = `${publicUrl.replace(/\/+$/, '')}/p/${encodeURIComponent(project)}/alerts`
  return alert === undefined ? base : `${base}/${alertName(alert.id)}`
}

function whyOf(notification: Notification, { translator, redact }: Reader, severity: Severity, alert: Alert | undefined): Pick<Letter, 'why'> {
  const { words } = translator
  const route = safeText(notification.route, redact, 'single', valueCharsMax.name)
  const why = sayFrame(translator, alert === undefined ? 'whyBatch' : alert.announcement?.to === undefined ? 'why' : 'whyNamed', {
    ...(route === '' ? {} : { route }),
    severityInline: words.severitiesInline[severity],
    ...(alert === undefined ? {} : { kind: words.kinds[alert.kind] }),
  })
  return why === undefined ? {} : { why: alert === undefined ? why : `${alertName(alert.id)}. ${why}` }
}

/** One of the sentences around a message, with these values. */
export function sayFrame(translator: Translator, frame: FrameName, values: Readonly<Record<string, string | number>>): string | undefined {
  return translator.say(translator.words.frames[frame], (name) => values[name])
}
