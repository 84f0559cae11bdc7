import type { Translator } from '../locales/catalogue.ts'
import type { Phrase } from '../locales/phrase.ts'
import type { FrameName } from '../locales/shape.ts'
import { alertName, alertKinds, type Alert } from '../model/alert.ts'
import type { Notification } from '../model/notification.ts'
import { priorityOf, type Severity } from '../model/severity.ts'
import { addressText, alertValues, partsMissing, safeText, type Reader, valueCharsMax } from './alert-values.ts'
import { anatomies } from './anatomy.ts'
import { linksOf, ruleLinksOf, type Link, type LinkSettings } from './links.ts'
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
  /** The only addresses that may be live, the most useful first. */
  readonly links: readonly Link[]
  /** Why this reader gets it, and the name by which it can be asked about. */
  readonly why?: string
}

/** What the words around the message may say of how it is sent. */
export interface LetterContext {
  readonly possiblyRepeated: boolean
  readonly links: LinkSettings
}

/** The worst severity in it; what is late only informs. */
export function severityOf({ alerts, late }: Notification): Severity {
  let worst: Severity = 'info'
  for (const { id, severity } of alerts) if (late?.includes(id) !== true && priorityOf(severity) < priorityOf(worst)) worst = severity
  return worst
}

/** The alert that a message is about where it is about one, and no line of a collection. */
export function onlyAlert({ alerts, moreAlerts, late }: Notification): Alert | undefined {
  return alerts.length === 1 && moreAlerts === 0 && late === undefined ? alerts[0] : undefined
}

/** A message that was given its recipient by hand: shown as it was written, with nothing of ours around it. */
export function isDirect(notification: Notification): boolean {
  return onlyAlert(notification)?.announcement?.direct !== undefined
}

export function writeLetter(notification: Notification, reader: Reader, context: LetterContext): Letter {
  const alert = onlyAlert(notification)
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
  if (alert !== undefined && isDirect(notification)) {
    const values = alertValues(alert, reader)
    return { ...frame, heading: titleOf(alert, reader, 'firing', values), lines: said(translator, words.messages.custom.lines, values), quotes: [], facts: [], items: [], links: [], notes: repeatedNotes(context, translator) }
  }
  const around = { notes: [...repeatedNotes(context, translator), ...leftOut(notification, reader)], links: linksOf(context.links, notification.project, alert, translator), ...whyOf(notification, reader, severity, alert) }
  return alert !== undefined ? { ...frame, ...singleBody(alert, notification, reader, context.links), ...around } : { ...frame, ...batchBody(notification, reader, severity), ...around }
}

function singleBody(alert: Alert, notification: Notification, reader: Reader, links: LinkSettings): Pick<Letter, 'heading' | 'lines' | 'quotes' | 'facts' | 'items'> {
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
  const owner = addressText(ruleLinksOf(links, alert)?.owner ?? '', reader.redact)
  if (owner !== undefined) facts.push({ label: words.facts.owner.label, value: owner })
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
    const stood = standing === 'was' ? (sayFrame(translator, 'overItem', { title: plain }) ?? plain) : plain
    const title = notification.late?.includes(alert.id) === true ? (sayFrame(translator, 'lateItem', { title: stood }) ?? stood) : stood
    const marked = alert.severity === severity ? title : (sayFrame(translator, 'severityPrefix', { severity: translator.words.severities[alert.severity], title }) ?? title)
    return { time: translator.timeBrief(alert.openedAtMs) ?? '', title: cutText(marked, itemCharsMax).trimEnd() }
  })
  const more = notification.moreAlerts > 0 ? sayFrame(translator, 'moreItems', { count: notification.moreAlerts }) : undefined
  return {
    heading: notification.news === 'resolved' ? (sayFrame(translator, 'resolved', { title: heading }) ?? heading) : heading,
    lines: batchLines(notification, severity, translator),
    quotes: [],
    facts: [],
    items,
    ...(more === undefined ? {} : { moreItems: more }),
  }
}

/** Why it holds what a collection usually does not: what is late, and what is critical. */
function batchLines({ alerts, late, news }: Notification, severity: Severity, translator: Translator): string[] {
  const summary = severity === 'critical' && news === 'firing' ? sayFrame(translator, 'summaryLine', {}) : undefined
  const older = late === undefined || late.length === alerts.length ? undefined : sayFrame(translator, 'lateLine', { count: late.length })
  return [summary, older].filter((line) => line !== undefined)
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
  return sayFrame(translator, notification.late?.length === notification.alerts.length ? 'batchLate' : 'batch', { count, kinds: translator.list(kinds.concat(more)) }) ?? ''
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
