import type { Translator } from '../locales/catalogue.ts'
import type { Values } from '../locales/phrase.ts'
import { alertName, type Alert } from '../model/alert.ts'
import type { MessageId } from '../model/message.ts'
import type { Redact } from '../model/redact.ts'
import { partOfParam, type Part } from '../model/roles.ts'
import { defuse, stripInvisible } from './neutralise.ts'
import { cutText } from './shorten.ts'

/** For whom the values of an alert are written. */
export interface Reader {
  readonly translator: Translator
  readonly redact: Redact
  /** Parts of the message this reader may not see. */
  readonly without: readonly Part[]
}

/** Longest value of each sort, in characters; longer ones end in `…`. */
export const valueCharsMax = { name: 80, quote: 2_000, body: 20_000, beforeRedaction: 65_536 } as const

type Value = string | number | undefined

/**
 * The parameters of one alert as this reader sees them: what their role may not see is missing, what came from outside is
 * redacted and neutralised, amounts and times are in their language. Each is worked out once, when it is first asked for.
 *
 * @param nameCharsMax longest name, for lines that must be short
 */
export function alertValues(alert: Alert, reader: Reader, nameCharsMax: number = valueCharsMax.name): Values {
  const known = new Map<string, Value>()
  const values: Values = (name) => {
    if (known.has(name)) return known.get(name)
    const derive = entry(derived, name)
    const value = derive === undefined ? paramValue(name, alert, reader, nameCharsMax) : derive({ alert, reader, nameCharsMax, values })
    known.set(name, value)
    return value
  }
  return values
}

/** Those parts this reader may not see that are in these alerts: only what is missing is worth a word. */
export function partsMissing(alerts: readonly Alert[], without: readonly Part[]): readonly Part[] {
  return without.filter((part) => alerts.some((alert) => Object.keys(alert.params).some((name) => partOf(name) === part)))
}

/** A text from outside, safe to show: invisible signs out, redacted, links and mentions defused, bounded. */
export function safeText(text: string, redact: Redact, lines: 'single' | 'multi', charsMax: number): string {
  const bounded = cutText(text, valueCharsMax.beforeRedaction)
  const safe = defuse(redact(stripInvisible(bounded, { lines })))
  return safe.length <= charsMax ? safe : `${cutText(safe, charsMax - 1).trimEnd()}…`
}

const addressForm = /^(?:[^\s@<>"']{1,64}@[^\s@<>"':/]{1,190}|\+\d{7,15})$/

/** An address of ours, which is no secret to those who may see it: shown as it is where it is nothing but an address. */
export function addressText(address: string, redact: Redact): string | undefined {
  const text = addressForm.test(address) ? stripInvisible(address, { lines: 'single' }) : safeText(address, redact, 'single', valueCharsMax.name)
  return text.trim() === '' ? undefined : text
}

interface Deriving {
  readonly alert: Alert
  readonly reader: Reader
  readonly nameCharsMax: number
  readonly values: Values
}

/** Values that are not parameters themselves but follow from them. */
const derived: Readonly<Record<string, (from: Deriving) => Value>> = {
  who: ({ values }) => values('agent') ?? values('name') ?? values('session'),
  alertName: ({ alert }) => alertName(alert.id),
  severity: ({ alert, reader }) => reader.translator.words.severities[alert.severity],
  severityInline: ({ alert, reader }) => reader.translator.words.severitiesInline[alert.severity],
  severityUpper: ({ alert, reader }) => reader.translator.words.severities[alert.severity].toUpperCase(),
  kind: ({ alert, reader }) => reader.translator.words.kinds[alert.kind],
  causeTool: ({ alert, values }) => (isTool(alert) ? values('causeName') : undefined),
  causeOperation: ({ alert, values }) => (isOperation(alert) ? values('causeName') : undefined),
  causeModel: ({ alert, values }) => (isTool(alert) || isOperation(alert) ? undefined : values('causeName')),
  // A session mostly ends for the reason its first failing call gave: said once.
  endReason: ({ alert, reader, nameCharsMax, values }) => {
    const reason = paramValue('endReason', alert, reader, nameCharsMax)
    return typeof reason === 'string' && String(values('causeMessage') ?? '').includes(reason.replace(/…$/, '')) ? undefined : reason
  },
  call: ({ reader, values }) => reader.translator.say(reader.translator.words.frames.call, values),
  failed: ({ alert, reader, values }) => {
    const { causeClass, errorClass } = alert.params
    const { words, say } = reader.translator
    const failedClass = entry(words.failures, causeClass ?? errorClass)
    if (failedClass !== undefined) return say(failedClass, values)
    return values('causeName') === undefined && values('model') === undefined && values('provider') === undefined ? undefined : say(words.failures.other, values)
  },
  measured: (from) => amountInUnit(from, 'value') ?? from.values('valueUsd'),
  wanted: (from) => amountInUnit(from, 'expected') ?? from.values('expectedUsd'),
  lowest: (from) => amountInUnit(from, 'low') ?? from.values('lowUsd'),
  highest: (from) => amountInUnit(from, 'high') ?? from.values('highUsd'),
  maker: ({ values }) => values('madeBy') ?? values('madeUser'),
  maker2: ({ values }) => values('madeBy2') ?? values('madeUser2'),
  bound: (from) => amountInUnit(from, 'limit') ?? from.values('limitUsd'),
  ended: ({ alert, reader: { translator: { words, say } }, values }) => {
    const clause = entry(words.endings, alert.params.endedHow)
    return clause === undefined ? undefined : say(clause, values)
  },
  endedShort: ({ alert, reader }) => entry(reader.translator.words.endingsShort, alert.params.endedHow) || undefined,
  failure: ({ reader, values }) => reader.translator.say(reader.translator.words.frames.failure, values),
  priceUnknown: ({ alert }) => (alert.params.costUsd === undefined && alert.params.costSource === 'unknown' ? 'yes' : undefined),
  leftUsd: ({ alert, reader, values }) => (values('remainingUsd') === undefined ? undefined : moneyIf(reader, alert.params.remainingUsd, (usd) => usd >= 0)),
  overUsd: ({ alert, reader, values }) => (values('remainingUsd') === undefined ? undefined : moneyIf(reader, alert.params.remainingUsd, (usd) => usd < 0)),
  // Whose budget it is: a user is shown to those who may see one.
  scope: ({ alert, reader, nameCharsMax }) => paramValue('scope', alert, reader, nameCharsMax) ?? paramValue('scopeUser', alert, reader, nameCharsMax),
  fromDay: ({ alert, reader }) => (typeof alert.params.fromDay === 'number' ? reader.translator.day(alert.params.fromDay) : undefined),
  lastDay: ({ alert, reader }) => (typeof alert.params.lastDay === 'number' ? reader.translator.day(alert.params.lastDay) : undefined),
  changeUsd: (from) => signed(from, 'changeUsd'),
  changePercent: (from) => signed(from, 'changePercent'),
  crossesBrief: ({ alert, reader }) => (typeof alert.params.crossesAt === 'number' ? reader.translator.timeBrief(alert.params.crossesAt) : undefined),
  late: ({ alert }) => (alert.params.late === undefined || alert.params.late === 0 || alert.params.late === '' || alert.params.late === 'false' ? undefined : 'yes'),
  // Later findings are counted in the alert; the parameter is what the rule knew when it opened.
  times: ({ alert, values }) => Math.max(Number(values('count') ?? 0), alert.count),
  resolvedAt: ({ alert, reader }) => (alert.resolvedAtMs === undefined ? undefined : reader.translator.time(alert.resolvedAtMs)),
  lasted: ({ alert, reader }) => (alert.resolvedAtMs === undefined ? undefined : reader.translator.duration(alert.resolvedAtMs - alert.openedAtMs)),
}

/** How much more or less it is, with its sign. */
function signed({ alert, reader, nameCharsMax }: Deriving, name: 'changeUsd' | 'changePercent'): Value {
  const given = alert.params[name]
  const said = paramValue(name, alert, reader, nameCharsMax)
  return typeof given === 'number' && given >= 0 && said !== undefined ? `+${said}` : said
}

/** What a rule measured, or its threshold, with its unit. */
function amountInUnit({ alert, reader: { translator }, values }: Deriving, name: 'value' | 'limit' | 'expected' | 'low' | 'high'): Value {
  const amount = alert.params[name]
  const { unit } = alert.params
  if (typeof amount !== 'number' || !Number.isFinite(amount)) return typeof amount === 'string' && amount.trim() !== '' ? values(name) : undefined
  if (unit === 'ms') return translator.duration(amount)
  if (unit === 'percent') return translator.percent(amount)
  const { frames } = translator.words
  return unit === 'tokens' || unit === 'per-minute' ? translator.say(unit === 'tokens' ? frames.tokens : frames.perMinute, () => amount) : String(amount)
}

function isTool(alert: Alert): boolean {
  return String(alert.params.causeKind ?? '').includes('tool')
}

function isOperation(alert: Alert): boolean {
  return alert.params.causeKind === 'agent.step'
}

function moneyIf(reader: Reader, usd: string | number | undefined, holds: (usd: number) => boolean): string | undefined {
  return typeof usd === 'number' && Number.isFinite(usd) && holds(usd) ? reader.translator.money(Math.abs(usd)) : undefined
}

const counts: ReadonlySet<string> = new Set(['calls', 'errors', 'unpriced', 'inputTokens', 'outputTokens', 'retries', 'count', 'waiting', 'failures', 'failedTimes', 'recovered', 'spread', 'beforeTimes', 'repeatedTimes', 'turnTimes', 'relayTimes', 'depth', 'depthMax', 'callsMax', 'modelsMax', 'samples', 'least', 'flaps', 'failedCalls', 'sessions', 'moreVictims', 'failedSessions', 'told', 'watchedRules', 'watchedBudgets', 'watchedChannels'])
const percents: ReadonlySet<string> = new Set(['percent', 'usualPercent', 'madePercent', 'madePercent2', 'changePercent'])
const times: ReadonlySet<string> = new Set(['at', 'startedAt', 'causeAt', 'sinceAt', 'periodStart', 'periodEnd', 'until', 'crossesAt'])
const quotes: ReadonlySet<string> = new Set(['causeMessage', 'errorMessage', 'excerpt', 'cause'])
const longNames: ReadonlySet<string> = new Set(['endReason', 'reason', 'packages', 'title', 'file', 'spreadNames', 'turnTools', 'relayAgents', 'models', 'agents'])

function paramValue(name: string, alert: Alert, reader: Reader, nameCharsMax: number): Value {
  const part = partOf(name)
  if (part !== undefined && reader.without.includes(part)) return undefined
  const given = givenValue(name, alert)
  if (given === undefined || given === '' || (typeof given === 'number' && !Number.isFinite(given))) return undefined
  const { translator, redact } = reader
  if (counts.has(name)) return wholeNumber(given)
  if (times.has(name)) return timeValue(given, reader)
  if (name.endsWith('Usd')) return numberThen(given, translator.money)
  if (name.endsWith('Ms')) return numberThen(given, translator.duration)
  if (percents.has(name)) return numberThen(given, translator.percent)
  if (typeof given === 'number') return String(given)
  const word = wordFor(name, given, translator)
  if (word !== undefined) return word
  if (name === 'address') return addressText(given, redact)
  const text = name === 'body' || name === 'victims' ? safeText(given, redact, 'multi', valueCharsMax.body)
    : quotes.has(name) ? safeText(given, redact, 'multi', valueCharsMax.quote)
    : safeText(given, redact, 'single', longNames.has(name) ? Math.max(300, nameCharsMax) : nameCharsMax)
  return text.trim() === '' ? undefined : text
}

/** The part of a message that a parameter belongs to; nothing where everybody may see it. */
export function partOf(name: string): Part | undefined {
  return entry<Part | undefined>(partOfParam, name)
}

function givenValue(name: string, alert: Alert): Value {
  // Asked by any name of the catalogue; a parameter the alert does not have is missing.
  const given = (alert.params as Readonly<Record<string, Value>>)[name]
  if (given !== undefined || alert.message !== ('custom' satisfies MessageId)) return given
  if (name === 'title') return alert.announcement?.title
  return name === 'body' ? alert.announcement?.body : undefined
}

function wordFor(name: string, given: string, { words }: Translator): string | undefined {
  if (name === 'causeClass' || name === 'errorClass') return entry(words.errorClasses, given) ?? words.errorClasses.other
  if (name === 'endState') return entry(words.endStates, given)
  return name === 'period' ? entry(words.periods, given) : undefined
}

/** The entry of a closed table by a name that may not be in it. */
function entry<T>(table: Readonly<Record<string, T>>, name: string | number | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined
}

function numberThen(given: string | number, show: (value: number) => string): string | undefined {
  const value = Number(given)
  return Number.isFinite(value) ? show(value) : undefined
}

function wholeNumber(given: string | number): number | undefined {
  const value = Math.round(Number(given))
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

function timeValue(given: string | number, { translator }: Reader): string | undefined {
  const atMs = Number(given)
  return Number.isFinite(atMs) ? translator.time(atMs) : undefined
}
