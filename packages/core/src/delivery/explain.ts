import { translator, type Translator } from '../locales/catalogue.ts'
import type { FrameName, Verdict } from '../locales/shape.ts'
import { alertName, type Alert } from '../model/alert.ts'
import type { AlertAction, TakenAction } from '../model/attention.ts'
import type { Decision } from '../model/decision.ts'
import type { DeliveryRecord, StoredEvent } from '../model/reader.ts'
import { deliveryName } from '../model/delivery.ts'
import { shownAddress } from '../model/shown-address.ts'
import { addressText, safeText, type Reader } from './alert-values.ts'
import { sayFrame } from './letter.ts'
import { columnsMax, columnsOf, padColumns, wrapColumns } from './terminal-lines.ts'
import { standingOf, titleOf } from './title.ts'

/** Most names in one line of the answer. */
const namesMax = 20

/** One delivery in a line: to whom, by what, and what became of it. */
export function explainDelivery(delivery: DeliveryRecord, locale: string, timezone: string): string[] {
  const words = translator(locale, timezone)
  const { verdict, sentence } = deliveryRow(delivery, words)
  const said = sayFrame(words, 'explainDelivery', { id: sentence, person: name(nameOf(delivery)), channel: name(delivery.channel), route: name(delivery.route), state: verdict })
  const attempts = delivery.attempts.map(({ number, atMs, tookMs, outcome, code, detail }) => `${clockOf(atMs, words)}  ${number}. ${outcome}, ${words.duration(tookMs)}${code === undefined && detail === '' ? '' : ` (${safeText([code, detail].filter(Boolean).join(' '), (text) => text, 'single', 300)})`}`)
  return [...wrapColumns(plain(said ?? sentence), columnsMax), ...attempts.flatMap((line) => wrapColumns(plain(line), columnsMax - 2).map((part) => `  ${part}`))]
}

/** An event in which no rule found anything. */
export function explainEvent(event: Pick<StoredEvent, 'type' | 'agent' | 'atMs'>, locale: string, timezone: string): string[] {
  const words = translator(locale, timezone)
  const said = sayFrame(words, 'explainEvent', { type: event.type, ...(event.agent !== undefined && { agent: name(event.agent) }), time: words.time(event.atMs) ?? '' })
  return [said ?? event.type, sayFrame(words, 'explainNothing', {}) ?? ''].flatMap((line) => wrapColumns(plain(line), columnsMax))
}

/** What an alert is part of, and what is part of it. */
interface Family {
  readonly parent?: Alert | undefined
  /** Newest first. */
  readonly parts: readonly Alert[]
  /** There are more than these. */
  readonly hasMore: boolean
}

/** Most parts of an alert that are listed under it. */
export const partsShownMax = 20

/**
 * The story of an alert, for a terminal: what it is, the answer, then everything that happened to it in order, with its time: that it opened, who was
 * told, held or not told and why, what people did about it, that it is over. Chinese characters count two columns. Structure is ASCII, because ambiguous signs misalign.
 *
 * @param timezone IANA name of the reader's zone. Default UTC
 * @example explainAlert(alert, await read.decisionsOf(51), await read.deliveriesOf(51), 'en').join('\n')
 */
export function explainAlert(
  alert: Alert, decisions: readonly Decision[], deliveries: readonly DeliveryRecord[], locale: string, timezone = 'UTC', family: Family = noFamily, actions: readonly TakenAction[] = [],
): string[] {
  // What is read here was redacted before it was stored, and the reader stands at the machine that holds it.
  const reader: Reader = { translator: translator(locale, timezone), redact: (text) => text, without: [] }
  const words = reader.translator
  const title = nameAndTitle(alert, reader)
  const parent = family.parent === undefined ? undefined : nameAndTitle(family.parent, reader)
  // A decision is taken before what it promises happens.
  const rows = [
    openedRow(alert, words),
    ...decisions.map((decision) => decisionRow(decision, alert, words, parent)),
    ...deliveries.map((delivery) => deliveryRow(delivery, words)),
    ...actions.map((action) => actionRow(action, words)),
    ...overRow(alert, words),
  ].sort((one, other) => one.atMs - other.atMs)
  return [...wrapColumns(plain(title), columnsMax), ...answer(reachedOf(decisions, deliveries), words).flatMap((line) => wrapColumns(plain(line), columnsMax)), '', ...table(rows, words), ...partsOf(family, reader)]
}

const noFamily: Family = { parts: [], hasMore: false }

function nameAndTitle(alert: Alert, reader: Reader): string {
  const { translator: words } = reader
  return `${alertName(alert.id)} ${sayFrame(words, 'severityPrefix', { severity: words.words.severities[alert.severity], title: titleOf(alert, reader, standingOf(alert, 'firing')) }) ?? ''}`
}

function partsOf({ parts, hasMore }: Family, reader: Reader): string[] {
  if (parts.length === 0) return []
  const shown = parts.slice(0, partsShownMax)
  const more = hasMore || parts.length > shown.length ? ['  ...'] : []
  const heading = sayFrame(reader.translator, 'explainParts', {}) ?? ''
  return ['', plain(heading), ...shown.flatMap((part) => wrapColumns(plain(nameAndTitle(part, reader)), columnsMax - 2).map((line) => `  ${line}`)), ...more]
}

interface Row {
  readonly atMs: number
  readonly person: string
  readonly verdict: string
  readonly channel: string
  readonly sentence: string
}

/** What became of an alert for one person: the best that happened to them. */
export interface Reached {
  /** Name in the configuration, or the address as it may be shown where there is none. */
  readonly person: string
  readonly outcome: 'told' | 'waiting' | 'not-told'
  /** Of whom was told, or will be. */
  readonly channel?: string
  readonly route?: string
  /** When they were told, or are to be. */
  readonly atMs?: number
  /** From when it was put into the queue until it was sent. */
  readonly tookMs?: number
}

/** Told, waiting, not told: everybody once, in this order. */
export function reachedOf(decisions: readonly Decision[], deliveries: readonly DeliveryRecord[]): readonly Reached[] {
  const told = new Map<string, Reached>()
  const waiting = new Map<string, Reached>()
  for (const delivery of deliveries) {
    const { channel, route, createdAtMs, doneAtMs, dueMs, result, state } = delivery
    const person = nameOf(delivery)
    if (result === 'sent' && !told.has(person)) told.set(person, { person, outcome: 'told', channel, route, ...(doneAtMs !== undefined && { atMs: doneAtMs, tookMs: doneAtMs - createdAtMs }) })
    if (state !== 'done' && !waiting.has(person)) waiting.set(person, { person, outcome: 'waiting', channel, route, atMs: dueMs })
  }
  const all = new Set([...deliveries.map(nameOf), ...decisions.map(({ person }) => person)].filter((person) => person !== '' && person !== '*'))
  const notTold = [...all].filter((person) => !told.has(person) && !waiting.has(person)).map((person): Reached => ({ person, outcome: 'not-told' }))
  return [...told.values(), ...[...waiting.values()].filter(({ person }) => !told.has(person)), ...notTold]
}

/** The same in a sentence for each. */
export function answer(reached: readonly Reached[], words: Translator): string[] {
  const named = reached.map(({ person, outcome, channel, tookMs }) => {
    const since = outcome === 'not-told' ? undefined : sayFrame(words, 'explainSince', { person: name(person), channel: name(channel ?? ''), ...(tookMs !== undefined && { took: words.duration(tookMs) }) })
    return { outcome, text: since ?? name(person) }
  })
  const line = (frame: 'explainTold' | 'explainWaiting' | 'explainNotTold', of: Reached['outcome']): string[] => {
    const names = named.filter(({ outcome }) => outcome === of).map(({ text }) => text)
    const shown = names.length <= namesMax ? names : [...names.slice(0, namesMax), sayFrame(words, 'more', { count: names.length - namesMax }) ?? '']
    return names.length === 0 ? [] : [sayFrame(words, frame, { list: words.list(shown) }) ?? '']
  }
  const nobody = named.every(({ outcome }) => outcome === 'not-told') ? [sayFrame(words, 'explainNobody', {}) ?? ''] : []
  return [...line('explainTold', 'told'), ...nobody, ...line('explainWaiting', 'waiting'), ...line('explainNotTold', 'not-told')]
}

function deliveryRow(delivery: DeliveryRecord, words: Translator): Row {
  const { results } = words.words
  const state = delivery.state === 'done' ? (delivery.result ?? 'sent') : delivery.state === 'claimed' ? 'sending' : 'waiting'
  const last = delivery.attempts.at(-1)
  // What waits stands where it was put into the queue, and says until when.
  const until = delivery.doneAtMs === undefined ? (sayFrame(words, 'explainDue', { time: words.time(delivery.dueMs) ?? '' }) ?? '') : ''
  const detail = last === undefined ? '' : last.outcome === 'sent' ? accepted(last.providerId, words) : ` (${safeText([last.outcome, last.code, last.detail].filter(Boolean).join(' '), (text) => text, 'single', 300)})`
  return { atMs: delivery.doneAtMs ?? delivery.createdAtMs, person: nameOf(delivery), verdict: results[state], channel: delivery.channel, sentence: `${deliveryName(delivery.id)}${until === '' ? '' : ` ${until}`}${detail}` }
}

/** By this the provider finds the message: whether it went further than to the provider, only the provider knows. */
function accepted(providerId: string | undefined, words: Translator): string {
  const id = providerId === undefined ? undefined : safeText(providerId, (text) => text, 'single', 100)
  return id === undefined || id === '' ? '' : ` (${sayFrame(words, 'explainProviderId', { id }) ?? id})`
}

/** A decision in words, for a table. */
export function decisionRow(decision: Decision, alert: Alert, words: Translator, parent?: string): Row {
  const verdict = decision.reason.split('.', 1)[0] as Verdict // the part before the dot; a test compares them with the catalogue
  const sentence = words.say(words.words.decisions[decision.reason], (param) => (param === 'parent' && parent !== undefined ? parent : decisionValue(param, decision, alert, words))) ?? decision.reason
  return { atMs: decision.atMs, person: decision.person, verdict: words.words.verdicts[verdict], channel: decision.channel, sentence: decision.count > 1 ? `${sentence} (x${decision.count})` : sentence }
}

function openedRow(alert: Alert, words: Translator): Row {
  const said = sayFrame(words, 'explainOpened', { rule: safeText(alert.rule, (text) => text, 'single', 80), count: alert.count - 1, time: words.time(alert.openedAtMs) ?? '' })
  return { atMs: alert.openedAtMs, person: '', verdict: '', channel: '', sentence: said ?? '' }
}

function overRow({ resolvedAtMs, ends }: Alert, words: Translator): readonly Row[] {
  if (resolvedAtMs === undefined || ends === 'at-once') return []
  return [{ atMs: resolvedAtMs, person: '', verdict: '', channel: '', sentence: sayFrame(words, 'explainOver', {}) ?? '' }]
}

const actFrames = {
  acknowledge: 'explainAcknowledged', unacknowledge: 'explainUnacknowledged', snooze: 'explainSnoozed', unsnooze: 'explainUnsnoozed', resolve: 'explainEnded', expected: 'explainExpected', unexpected: 'explainUnexpected',
  'not-useful': 'explainNotUseful', useful: 'explainUseful',
} as const satisfies Record<AlertAction, FrameName>

/** What a person did, in words, for a table. */
export function actionRow({ action, by, via, atMs, untilMs }: TakenAction, words: Translator): Row {
  const said = sayFrame(words, actFrames[action], { by: name(by), via: name(via), until: untilMs === undefined ? '' : (words.time(untilMs) ?? '') })
  return { atMs, person: by, verdict: '', channel: '', sentence: said ?? action }
}

const timeParams: ReadonlySet<string> = new Set(['time', 'until', 'expires', 'date'])

function decisionValue(param: string, decision: Decision, alert: Alert, words: Translator): string | number | undefined {
  const given = decision.params[param] ?? ofDecision(param, decision)
  if (param === 'severityInline') return words.words.severitiesInline[alert.severity]
  if (param === 'kind') return words.words.kinds[alert.kind]
  if (given === undefined || given === '' || given === '*') return undefined
  if (param === 'attempts') return Number.isFinite(Number(given)) ? Number(given) : undefined
  if (timeParams.has(param) && Number.isFinite(Number(given))) return words.time(Number(given))
  if ((param === 'wait' || param === 'period') && typeof given === 'number') return words.duration(given)
  if (param === 'address') return addressText(String(given), (text) => text)
  if (typeof given === 'number') return Number.isFinite(given) ? String(given) : undefined
  return wordOf(param, given, words) ?? safeText(given, (text) => text, 'single', 300)
}

function ofDecision(param: string, decision: Decision): string | undefined {
  if (param === 'person') return decision.person === '*' ? undefined : decision.person
  return param === 'channel' && decision.channel !== '*' ? decision.channel : undefined
}

/** Parts, results and severities are words of the catalogue; a list of parts is given with commas. */
function wordOf(param: string, given: string, { words, list }: Translator): string | undefined {
  const known: Readonly<Record<string, string>> | undefined = param === 'part' || param === 'parts' ? words.parts : param === 'outcome' ? words.results : param === 'newer' ? words.severitiesInline : undefined
  if (known === undefined) return undefined
  const names = given.split(/\s*,\s*/)
  return names.every((word) => Object.hasOwn(known, word)) ? list(names.map((word) => known[word] ?? word)) : undefined
}

function table(rows: readonly Row[], words: Translator): string[] {
  const isOneDay = new Set(rows.map(({ atMs }) => dayOf(atMs, words))).size <= 1
  const cells = rows.map((row) => [isOneDay ? clockOf(row.atMs, words) : (words.timeBrief(row.atMs) ?? ''), name(row.person), row.verdict, name(row.channel)] as const)
  const widths = ([0, 1, 2, 3] as const).map((column) => Math.min(columnCharsMax, Math.max(...cells.map((cell) => columnsOf(cell[column])))))
  return rows.flatMap((row, index) => {
    const start = `  ${(cells[index] ?? []).flatMap((cell, column) => (widths[column] === 0 ? [] : padColumns(cell, widths[column] ?? 0))).join('  ')}  `
    const indent = columnsOf(start)
    // Names that leave too little of the line put the sentence under themselves.
    if (indent > indentMax) return [...wrapColumns(start.trim(), columnsMax - 2).map((line) => `  ${line}`), ...wrapColumns(plain(row.sentence), columnsMax - 8).map((line) => `        ${line}`)]
    return wrapColumns(plain(row.sentence), columnsMax - indent).map((line, at) => (at === 0 ? start : ' '.repeat(indent)) + line)
  })
}

const columnCharsMax = 20
const indentMax = 46

/** Every language ends a brief time with `14:05:11`. */
const clockChars = 8

function clockOf(atMs: number, words: Translator): string {
  return (words.timeBrief(atMs) ?? '').slice(-clockChars)
}

function dayOf(atMs: number, words: Translator): string {
  return (words.timeBrief(atMs) ?? '').slice(0, -clockChars)
}

function nameOf(delivery: DeliveryRecord): string {
  return delivery.person === '' ? shownAddress(delivery.address) : delivery.person
}

function name(text: string): string {
  return plain(addressText(text, (value) => value) ?? '')
}

/** Quotation marks and dashes that terminals draw one or two columns wide. */
export function plain(text: string): string {
  return text.replace(/[“”]/g, '"').replace(/[‘’]/g, "'").replaceAll('…', '...')
}
