import type { Translator } from '../locales/catalogue.ts'
import type { Phrase } from '../locales/phrase.ts'
import type { FrameName } from '../locales/shape.ts'
import { alertName, isTaken, type Alert } from '../model/alert.ts'
import type { Notification } from '../model/notification.ts'
import { priorityOf, type Severity } from '../model/severity.ts'
import { addressText, alertValues, partsMissing, safeText, type Reader, valueCharsMax } from './alert-values.ts'
import { anatomies } from './anatomy.ts'
import { batchHeading, collectedLines, totalsOf } from './batch-heading.ts'
import { batchItems, type BatchLine } from './batch-items.ts'
import { linksOf, ruleLinksOf, type ActionLinkUrl, type Link, type LinkSettings } from './links.ts'
import { reportSections, type Section } from './report-sections.ts'
import { standingOf, titleOf, type Standing } from './title.ts'
import { turnNotes } from './turn-notes.ts'

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
  /** The news of a batch, one a line, and for how many alerts each stands. */
  readonly items: readonly BatchLine[]
  /** The tables of a report. */
  readonly sections?: readonly Section[]
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
  /** Where its reader acts; absent: there is nothing to do. */
  readonly action?: ActionLinkUrl | undefined
}

/** The worst severity in it; what is late only informs. */
export function severityOf(notification: Notification): Severity {
  let worst: Severity = 'info'
  for (const { severity, isLate } of totalsOf(notification)) if (!isLate && priorityOf(severity) < priorityOf(worst)) worst = severity
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
    badge: (isOver ? sayFrame(translator, 'resolvedBadge', {}) : isShownTaken(notification) ? sayFrame(translator, 'acknowledgedBadge', {}) : undefined) ?? words.severities[severity],
  }
  if (alert !== undefined && isDirect(notification)) {
    const values = alertValues(alert, reader)
    return { ...frame, heading: titleOf(alert, reader, 'firing', values), lines: said(translator, words.messages.custom.lines, values), quotes: [], facts: [], items: [], links: [], notes: repeatedNotes(context, translator) }
  }
  const around = { notes: [...(alert === undefined ? [] : turnNotes(notification.turn, reader)), ...repeatedNotes(context, translator), ...leftOut(notification, reader)], links: linksOf(context.links, notification.project, alert, translator, context.action), ...whyOf(notification, reader, severity, alert) }
  return alert !== undefined ? { ...frame, ...singleBody(alert, notification, reader, context.links), ...around } : { ...frame, ...batchBody(notification, reader, severity), ...around }
}

function singleBody(alert: Alert, notification: Notification, reader: Reader, links: LinkSettings): Pick<Letter, 'heading' | 'lines' | 'quotes' | 'facts' | 'items' | 'sections'> {
  const { heading, lines, quotes, facts } = alertBody(alert, standingOf(alert, notification.news), reader)
  const owner = addressText(ruleLinksOf(links, alert)?.owner ?? '', reader.redact)
  return {
    heading,
    lines: [...takenLines(notification, reader), ...lines],
    quotes,
    facts: owner === undefined ? facts : [...facts, { label: reader.translator.words.facts.owner.label, value: owner }],
    items: [],
    ...(alert.report !== undefined && { sections: reportSections(alert.report, reader) }),
  }
}

/** What an alert says by itself to this reader. */
export function alertBody(alert: Alert, standing: Standing, reader: Reader): Pick<Letter, 'heading' | 'lines' | 'quotes' | 'facts'> {
  const { translator } = reader
  const { words } = translator
  const values = alertValues(alert, reader)
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
  }
}

function batchBody(notification: Notification, reader: Reader, severity: Severity): Pick<Letter, 'heading' | 'lines' | 'quotes' | 'facts' | 'items' | 'moreItems'> {
  const { translator } = reader
  const heading = batchHeading(notification, reader)
  return {
    heading: notification.news === 'resolved' ? (sayFrame(translator, 'resolved', { title: heading }) ?? heading) : heading,
    // Why they come together is part of what the list is behind.
    lines: [...turnNotes(notification.turn, reader), ...collectedLines(notification, translator), ...batchLines(notification, severity, translator)],
    quotes: [],
    facts: [],
    ...batchItems(notification, reader, severity),
  }
}

/** Why it holds what a collection usually does not: what is late, and what is critical. */
function batchLines({ alerts, late, news }: Notification, severity: Severity, translator: Translator): string[] {
  const summary = severity === 'critical' && news === 'firing' ? sayFrame(translator, 'summaryLine', {}) : undefined
  const older = late === undefined || late.length === alerts.length ? undefined : sayFrame(translator, 'lateLine', { count: late.length })
  return [summary, older].filter((line) => line !== undefined)
}

/** The message is changed to say who has the alert; it was given back meanwhile where it says so no more. */
function isShownTaken({ news, alerts }: Notification): boolean {
  return news === 'acknowledged' && alerts.every(isTaken)
}

function takenLines(notification: Notification, { translator, redact }: Reader): readonly string[] {
  const taken = isShownTaken(notification) ? notification.alerts[0]?.taken : undefined
  if (taken === undefined) return []
  const line = sayFrame(translator, 'acknowledgedLine', { by: safeText(taken.by, redact, 'single', valueCharsMax.name), time: translator.time(taken.atMs) ?? '' })
  return line === undefined ? [] : [line]
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
  const why = sayFrame(translator, alert === undefined ? 'whyBatch' : alert.report !== undefined ? 'whyReport' : alert.announcement?.to === undefined ? 'why' : 'whyNamed', {
    ...(route === '' ? {} : { route, report: route }),
    severityInline: words.severitiesInline[severity],
    ...(alert === undefined ? {} : { kind: words.kinds[alert.kind] }),
  })
  return why === undefined ? {} : { why: alert === undefined ? why : `${alertName(alert.id)}. ${why}` }
}

/** One of the sentences around a message, with these values. */
export function sayFrame(translator: Translator, frame: FrameName, values: Readonly<Record<string, string | number>>): string | undefined {
  return translator.say(translator.words.frames[frame], (name) => values[name])
}
