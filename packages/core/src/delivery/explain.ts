import { translator, type Translator } from '../locales/catalogue.ts'
import type { Verdict } from '../locales/shape.ts'
import { alertName, type Alert } from '../model/alert.ts'
import type { Decision } from '../model/decision.ts'
import type { DeliveryRecord } from '../model/reader.ts'
import { shownAddress } from '../model/shown-address.ts'
import { addressText, safeText, type Reader } from './alert-values.ts'
import { sayFrame } from './letter.ts'
import { columnsMax, columnsOf, padColumns, wrapColumns } from './terminal-lines.ts'
import { standingOf, titleOf } from './title.ts'

/** Most names in one line of the answer. */
const namesMax = 20

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
 * Who was told about an alert and who was not, and why, for a terminal: what it is, the answer, then a line for each person
 * and reason. Chinese characters count two columns. Structure is ASCII, because ambiguous signs misalign.
 *
 * @param timezone IANA name of the reader's zone. Default UTC
 * @example explainAlert(alert, await read.decisionsOf(51), await read.deliveriesOf(51), 'en').join('\n')
 */
export function explainAlert(
  alert: Alert, decisions: readonly Decision[], deliveries: readonly DeliveryRecord[], locale: string, timezone = 'UTC', family: Family = noFamily,
): string[] {
  // What is read here was redacted before it was stored, and the reader stands at the machine that holds it.
  const reader: Reader = { translator: translator(locale, timezone), redact: (text) => text, without: [] }
  const words = reader.translator
  const title = nameAndTitle(alert, reader)
  const rows = [...deliveries.map((delivery) => deliveryRow(delivery, words)), ...[...decisions].sort((one, other) => one.atMs - other.atMs).map((decision) => decisionRow(decision, alert, words, family.parent === undefined ? undefined : nameAndTitle(family.parent, reader)))]
  // Everybody's lines together, in the order in which people first appear.
  const people = [...new Set(rows.map((row) => row.person))]
  const sorted = people.flatMap((person) => rows.filter((row) => row.person === person))
  return [...wrapColumns(plain(title), columnsMax), ...answer(decisions, deliveries, words).flatMap((line) => wrapColumns(plain(line), columnsMax)), ...(rows.length === 0 ? [] : ['', ...table(sorted)]), ...partsOf(family, reader)]
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
  readonly person: string
  readonly verdict: string
  readonly channel: string
  readonly sentence: string
}

/** Told, waiting, not told: everybody once, by the best that happened to them. */
function answer(decisions: readonly Decision[], deliveries: readonly DeliveryRecord[], words: Translator): string[] {
  const told = new Map<string, string>()
  const waiting = new Map<string, string>()
  for (const delivery of deliveries) {
    const person = nameOf(delivery)
    const by = { person: name(person), channel: name(delivery.channel) }
    const toldBy = delivery.doneAtMs === undefined ? by : { ...by, took: words.duration(delivery.doneAtMs - delivery.createdAtMs) }
    if (delivery.result === 'sent' && !told.has(person)) told.set(person, sayFrame(words, 'explainSince', toldBy) ?? person)
    if (delivery.state !== 'done' && !waiting.has(person)) waiting.set(person, sayFrame(words, 'explainSince', by) ?? person)
  }
  const notTold = new Set<string>()
  for (const person of [...deliveries.map(nameOf), ...decisions.map((decision) => decision.person)]) {
    if (person !== '' && person !== '*' && !told.has(person) && !waiting.has(person)) notTold.add(name(person))
  }
  const line = (frame: 'explainTold' | 'explainWaiting' | 'explainNotTold', names: readonly string[]): string[] => {
    const shown = names.length <= namesMax ? names : [...names.slice(0, namesMax), sayFrame(words, 'more', { count: names.length - namesMax }) ?? '']
    return names.length === 0 ? [] : [sayFrame(words, frame, { list: words.list(shown) }) ?? '']
  }
  const nobody = told.size === 0 && waiting.size === 0 ? [sayFrame(words, 'explainNobody', {}) ?? ''] : []
  return [...line('explainTold', [...told.values()]), ...nobody, ...line('explainWaiting', [...waiting.values()].filter((_, at) => !told.has([...waiting.keys()][at] ?? ''))), ...line('explainNotTold', [...notTold])]
}

function deliveryRow(delivery: DeliveryRecord, words: Translator): Row {
  const { results } = words.words
  const state = delivery.state === 'done' ? (delivery.result ?? 'sent') : delivery.state === 'claimed' ? 'sending' : 'waiting'
  const last = delivery.attempts.at(-1)
  const time = words.time(delivery.doneAtMs ?? delivery.dueMs) ?? ''
  const detail = last === undefined ? '' : last.outcome === 'sent' ? accepted(last.providerId, words) : ` (${safeText([last.outcome, last.code, last.detail].filter(Boolean).join(' '), (text) => text, 'single', 300)})`
  return { person: nameOf(delivery), verdict: results[state], channel: delivery.channel, sentence: `${time}${detail}` }
}

/** By this the provider finds the message: whether it went further than to the provider, only the provider knows. */
function accepted(providerId: string | undefined, words: Translator): string {
  const id = providerId === undefined ? undefined : safeText(providerId, (text) => text, 'single', 100)
  return id === undefined || id === '' ? '' : ` (${sayFrame(words, 'explainProviderId', { id }) ?? id})`
}

function decisionRow(decision: Decision, alert: Alert, words: Translator, parent?: string): Row {
  const verdict = decision.reason.split('.', 1)[0] as Verdict // the part before the dot; a test compares them with the catalogue
  const sentence = words.say(words.words.decisions[decision.reason], (param) => (param === 'parent' && parent !== undefined ? parent : decisionValue(param, decision, alert, words))) ?? decision.reason
  return { person: decision.person, verdict: words.words.verdicts[verdict], channel: decision.channel, sentence: decision.count > 1 ? `${sentence} (x${decision.count})` : sentence }
}

const timeParams: ReadonlySet<string> = new Set(['time', 'until', 'expires'])

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

function table(rows: readonly Row[]): string[] {
  const cells = rows.map((row) => [name(row.person), row.verdict, name(row.channel)] as const)
  const widths = ([0, 1, 2] as const).map((column) => Math.min(columnCharsMax, Math.max(...cells.map((cell) => columnsOf(cell[column])))))
  return rows.flatMap((row, index) => {
    const start = `  ${(cells[index] ?? []).map((cell, column) => padColumns(cell, widths[column] ?? 0)).join('  ')}  `
    const indent = columnsOf(start)
    // Names that leave less than half of the line put the sentence under themselves.
    if (indent > columnsMax / 2) return [...wrapColumns(start.trim(), columnsMax - 2).map((line) => `  ${line}`), ...wrapColumns(plain(row.sentence), columnsMax - 8).map((line) => `        ${line}`)]
    return wrapColumns(plain(row.sentence), columnsMax - indent).map((line, at) => (at === 0 ? start : ' '.repeat(indent)) + line)
  })
}

const columnCharsMax = 20

function nameOf(delivery: DeliveryRecord): string {
  return delivery.person === '' ? shownAddress(delivery.address) : delivery.person
}

function name(text: string): string {
  return plain(addressText(text, (value) => value) ?? '')
}

/** Quotation marks and dashes that terminals draw one or two columns wide. */
function plain(text: string): string {
  return text.replace(/[“”]/g, '"').replace(/[‘’]/g, "'").replaceAll('…', '...')
}
