import type { ReportWordName } from '../locales/shape.ts'
import { usdFromNano } from '../model/money.ts'
import type { ChannelTrouble, FailureCause, NoisyRule, Ranked, Report, Suggestion } from '../model/report.ts'
import type { Reader } from './alert-values.ts'
import { safeText } from './alert-values.ts'
import { stripInvisible } from './neutralise.ts'

/** One table of a report, in words that are safe to show, with sentences beneath it. */
export interface Section {
  readonly title: string
  /** The first stands left, the others are numbers and stand right. Empty: no table. */
  readonly columns: readonly string[]
  readonly rows: readonly SectionRow[]
  readonly lines: readonly string[]
}

export interface SectionRow {
  readonly cells: readonly string[]
  /** How much of the whole it is, 0 to 1, where that is worth a bar. */
  readonly share?: number
}

/** Longest name in a table, in characters. */
const nameCharsMax = 60

/** The tables of a report; none where nothing happened. What the reader's role may not see was never in it. */
export function reportSections(report: Report, reader: Reader): readonly Section[] {
  if (report.isQuiet) return []
  const say = saying(reader)
  return [
    ...spendSections(report.spend, reader, say),
    ...sessionSection(report.sessions, reader, say),
    ...failureSection(report.failures, reader, say),
    ...toldSection(report, reader, say),
    ...ruleSection(report.rules, reader, say),
    ...channelSection(report.channels ?? [], reader, say),
  ]
}

type Say = (word: ReportWordName, values?: Readonly<Record<string, string | number | undefined>>) => string

function saying({ translator }: Reader): Say {
  return (word, values = {}) => translator.say(translator.words.report[word], (name) => values[name]) ?? ''
}

/** Names come from agents. */
function nameOf(text: string, { redact }: Reader): string | undefined {
  const name = safeText(text, redact, 'single', nameCharsMax).trim()
  return name === '' ? undefined : name
}

function spendSections(spend: Report['spend'], reader: Reader, say: Say): readonly Section[] {
  if (spend === undefined || spend.calls === 0) return []
  const { translator } = reader
  const table = (title: ReportWordName, first: ReportWordName, none: ReportWordName, { top, rest }: Ranked): Section => ({
    title: say(title),
    columns: [say(first), say('calls'), say('spent'), say('share')],
    rows: [...top.map((one) => ({ ...one, name: nameOf(one.name, reader) ?? say(none) })), ...(rest === undefined ? [] : [{ ...rest, name: say('rest', { names: rest.names }) }])].map(({ name, calls, nanoUsd }) => {
      const share = spend.nanoUsd > 0 ? nanoUsd / spend.nanoUsd : 0
      return { cells: [name, numberText(calls, reader), translator.money(usdFromNano(nanoUsd)), translator.percent(100 * share)], share }
    }),
    lines: [],
  })
  const budgets = spend.budgets.map(({ name, period, spentNanoUsd, amountNanoUsd, groups }): SectionRow => {
    const share = spentNanoUsd / amountNanoUsd
    const label = say(groups === undefined ? 'perPeriod' : 'highestOf', { name: nameOf(name, reader), period: translator.words.periods[period], groups })
    return { cells: [label, translator.money(usdFromNano(spentNanoUsd)), translator.money(usdFromNano(amountNanoUsd)), translator.percent(100 * share)], share: Math.min(1, share) }
  })
  return [
    table('agents', 'agent', 'noAgent', spend.agents),
    table('models', 'model', 'noModel', spend.models),
    ...(budgets.length === 0 ? [] : [{ title: say('budgets'), columns: [say('budget'), say('spent'), say('amount'), say('used')], rows: budgets, lines: [] }]),
  ]
}

function sessionSection(sessions: Report['sessions'], reader: Reader, say: Say): readonly Section[] {
  const rows = sessions === undefined ? [] : (['success', 'fail', 'indeterminate', 'running'] as const).flatMap((state) => (sessions[state] === 0 ? [] : [{ cells: [say(state), numberText(sessions[state], reader)] }]))
  return rows.length === 0 ? [] : [{ title: say('sessions'), columns: [say('outcome'), say('count')], rows, lines: [] }]
}

function failureSection(failures: Report['failures'], reader: Reader, say: Say): readonly Section[] {
  if (failures === undefined || (failures.count === 0 && failures.first === undefined)) return []
  const { first, rest } = failures
  const rows = failures.top.map((cause) => ({ cells: [causeText(cause, reader, say), numberText(cause.count, reader)], share: cause.count / failures.count }))
  return [{
    title: say('failures'),
    columns: [say('cause'), say('count')],
    rows: [...rows, ...(rest === 0 ? [] : [{ cells: [say('restCauses'), numberText(rest, reader)] }])],
    lines: first === undefined ? [] : [say('first', { count: first.count, cause: causeText(first, reader, say) })],
  }]
}

function causeText(cause: FailureCause, reader: Reader, say: Say): string {
  const { errorClasses } = reader.translator.words
  const known: Readonly<Record<string, string>> = errorClasses
  return say('causeOf', { provider: nameOf(cause.provider, reader), name: nameOf(cause.name, reader), class: (Object.hasOwn(known, cause.class) ? known[cause.class] : undefined) ?? errorClasses.other })
}

const fates = [['sent', 'sent'], ['held', 'held'], ['merged', 'merged'], ['limited', 'limited'], ['silenced', 'silenced'], ['refused', 'refused'], ['failed', 'lost']] as const

function toldSection({ told, toldAll: all, isForAll }: Report, reader: Reader, say: Say): readonly Section[] {
  const rows = fates.flatMap(([fate, word]) => (told[fate] === 0 && (all?.[fate] ?? 0) === 0 ? [] : [{ cells: [say(word), numberText(told[fate], reader), ...(all === undefined ? [] : [numberText(all[fate], reader)])] }]))
  return rows.length === 0 ? [] : [{ title: say('told'), columns: [say('what'), say(isForAll === true ? 'everybody' : 'you'), ...(all === undefined ? [] : [say('everybody')])], rows, lines: [] }]
}

function ruleSection(rules: readonly NoisyRule[], reader: Reader, say: Say): readonly Section[] {
  if (rules.length === 0) return []
  return [{
    title: say('rules'),
    columns: [say('rule'), say('alerts'), say('messages')],
    rows: rules.map(({ rule, alerts, messages }) => ({ cells: [nameOf(rule, reader) ?? '', numberText(alerts, reader), numberText(messages, reader)] })),
    lines: rules.flatMap((one) => adviceOn(one, reader, say)),
  }]
}

function adviceOn({ rule, alerts, mostly, suggestion }: NoisyRule, reader: Reader, say: Say): readonly string[] {
  if (suggestion === undefined) return []
  const name = nameOf(rule, reader) ?? ''
  const about = mostly === undefined ? say('ofRule', { rule: name, count: alerts }) : say('mostly', { rule: name, count: mostly.alerts, alerts, key: nameOf(mostly.key, reader) })
  return [`${about}${reader.translator.words.punctuation.sentenceGap}${suggestionText(suggestion, reader, say)}`]
}

const suggestionWords: Readonly<Record<Suggestion['kind'], ReportWordName>> = {
  count: 'suggestCount', after: 'suggestAfter', aboveUsd: 'suggestCount', share: 'suggestCount', above: 'suggestCount', quiet: 'suggestQuiet', groupBy: 'suggestGroup', digest: 'suggestDigest', off: 'suggestOff',
}

function suggestionText({ kind, setting, now }: Suggestion, reader: Reader, say: Say): string {
  const { translator } = reader
  const shown = now === undefined ? undefined : kind === 'after' || kind === 'quiet' ? translator.duration(now) : kind === 'aboveUsd' ? translator.money(now) : kind === 'share' ? translator.percent(100 * now) : String(now)
  // A path of the reader's own configuration: to be copied as it stands.
  return say(suggestionWords[kind], { setting: stripInvisible(setting, { lines: 'single' }), now: shown })
}

function channelSection(channels: readonly ChannelTrouble[], reader: Reader, say: Say): readonly Section[] {
  if (channels.length === 0) return []
  const rows = channels.map(({ channel, state, sinceMs, messages }) => ({
    cells: [nameOf(channel, reader) ?? '', say(state, { since: sinceMs === undefined ? undefined : reader.translator.timeBrief(sinceMs), messages })],
  }))
  return [{ title: say('channels'), columns: [say('channel'), say('state')], rows, lines: [] }]
}

function numberText(count: number, { translator }: Reader): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, translator.words.numbers.group)
}
