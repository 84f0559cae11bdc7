import type { Translator } from '../locales/catalogue.ts'
import type { FrameName } from '../locales/shape.ts'
import { alertKinds, type Alert } from '../model/alert.ts'
import type { BatchTotal, Notification } from '../model/notification.ts'
import { priorityOf, severities } from '../model/severity.ts'
import type { GroupValue } from '../model/turn.ts'
import { safeText, type Reader, valueCharsMax } from './alert-values.ts'
import { titleOf } from './title.ts'

/** “12 alerts on refund-bot: 8 on models and 4 on tools”, of one kind “12 alerts on refund-bot, first: …”; where they have nothing in common “12 updates: 8 on sessions and 4 on models”, of one kind “12 updates, first: …”; that not in the short form, which names the last. */
export function batchHeading(notification: Notification, reader: Reader, form: 'whole' | 'short' = 'whole'): string {
  const { translator } = reader
  const { words } = translator
  const totals = totalsOf(notification)
  const kinds = alertKinds.flatMap((kind) => {
    const ofKind = sum(totals.filter((total) => total.kind === kind))
    return ofKind === 0 ? [] : (translator.say(words.kindCounts[kind], () => ofKind) ?? [])
  })
  // Where what is not listed is not known by kind, it is counted all the same.
  const rest = countOf(notification) - sum(totals)
  const more = rest <= 0 ? [] : (say(translator, 'more', { count: rest }) ?? [])
  const values = { count: countOf(notification), kinds: translator.list(kinds.concat(more)) }
  if (totals.every(({ isLate }) => isLate)) return say(translator, 'batchLate', values) ?? ''
  const common = commonOf(notification, reader)
  const first = worstOf(notification)
  // Of one kind, its number says nothing new.
  const title = kinds.length === 1 && more.length === 0 && first !== undefined ? titleOf(first, reader, 'firing') : undefined
  if (common === '') return (title === undefined || form === 'short' ? undefined : say(translator, 'batchOfKind', { ...values, title })) ?? say(translator, 'batch', values) ?? ''
  return (title === undefined ? undefined : say(translator, 'groupOfKind', { ...values, common, title })) ?? say(translator, 'group', { ...values, common }) ?? ''
}

/** How urgent it is, and since when a group or digest was collected, which nothing else says; not of the few that only inform and come together for seconds. */
export function collectedLines(notification: Notification, translator: Translator): readonly string[] {
  const { turn, createdAtMs } = notification
  if (turn === undefined) return []
  const { words } = translator
  const totals = totalsOf(notification)
  const counts = severities.flatMap((severity) => {
    const count = sum(totals.filter((total) => total.severity === severity))
    return count === 0 ? [] : (say(translator, 'severityCount', { count, severityInline: words.severitiesInline[severity] }) ?? [])
  })
  const isPlanned = turn.kind === 'group' || turn.kind === 'digest'
  const line = say(translator, 'collectedLine', { ...(isPlanned && { since: translator.time(createdAtMs) ?? '' }), counts: translator.list(counts) })
  return line === undefined ? [] : [line]
}

/** What a group has in common, such as the name of an agent; kinds and severities the heading says anyway. */
function commonOf({ turn }: Notification, reader: Reader): string {
  const of = turn?.kind === 'group' || turn?.kind === 'digest' ? (turn.of ?? []) : []
  const shown = ({ name, value }: GroupValue): boolean => value !== '' && name !== 'kind' && name !== 'severity' && !(name === 'key' && reader.without.includes('personalData'))
  return of.filter(shown).map(({ value }) => safeText(value, reader.redact, 'single', valueCharsMax.name)).filter((value) => value !== '').join(' · ')
}

/** The most urgent, and of those the oldest. */
function worstOf({ alerts }: Notification): Alert | undefined {
  return alerts.toSorted((one, other) => priorityOf(one.severity) - priorityOf(other.severity))[0]
}

function countOf({ alerts, moreAlerts }: Notification): number {
  return alerts.length + moreAlerts
}

/** How many of each sort are in it, also beyond those listed where that is known. */
export function totalsOf({ alerts, late, totals, moreAlerts }: Notification): readonly BatchTotal[] {
  if (totals !== undefined && moreAlerts > 0) return totals
  return alerts.map(({ id, kind, severity }) => ({ kind, severity, isLate: late?.includes(id) === true, count: 1 }))
}

function sum(totals: readonly BatchTotal[]): number {
  return totals.reduce((all, { count }) => all + count, 0)
}

function say(translator: Translator, frame: FrameName, values: Readonly<Record<string, string | number>>): string | undefined {
  return translator.say(translator.words.frames[frame], (name) => values[name])
}
