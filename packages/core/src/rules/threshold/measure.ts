import type { Event } from '../../model/event.ts'
import { compileCondition, numberFieldNames, viewField, type EventView } from '../view.ts'
import { nearest } from '../condition.ts'

/** In what a measured value is told. */
export type Unit = 'usd' | 'ms' | 'tokens' | 'percent' | 'per-minute' | 'plain'

/**
 * What is measured over a window. Values of a field are whole numbers (`scale` of them are one), so that sums do not
 * depend on the order in which events come: nano-dollars, microseconds, tokens.
 */
export type Measure = Counted | Sampled

interface Counted {
  readonly kind: 'count' | 'rate' | 'share'
  readonly unit: Unit
  readonly scale: 1
  /** For `share`: whether an event is one of those that are looked for. Throws where it cannot be evaluated. */
  readonly hits: (view: EventView) => boolean
}

interface Sampled {
  readonly kind: 'sum' | 'avg' | 'min' | 'max' | 'percentile'
  readonly unit: Unit
  readonly scale: number
  /** Above 0, below 1; for `percentile`. */
  readonly quantile: number
  /** A whole number, at least 0; absent where the event does not say. */
  readonly numberOf: (event: Event, view: EventView) => number | undefined
}

export type ParsedMeasure = { readonly ok: true; readonly measure: Measure } | { readonly ok: false; readonly problem: string }

/** Whether a sum of such events says at once that a threshold was passed; the others are judged when a piece of time is over. */
export function isJudgedAtOnce({ kind }: Measure): boolean {
  return kind === 'count' || kind === 'rate' || kind === 'share' || kind === 'sum'
}

/**
 * Reads `count`, `rate`, `share(CONDITION)`, `sum(FIELD)`, `avg`, `min`, `max` and `p50(FIELD)` to `p99(FIELD)`.
 *
 * @example parseMeasure('p95(durationMs)')
 */
export function parseMeasure(text: string): ParsedMeasure {
  const match = /^\s*([A-Za-z][A-Za-z0-9]*)\s*(?:\(([\s\S]*)\))?\s*$/.exec(text)
  const word = match?.[1] ?? ''
  const inner = match?.[2]?.trim()
  if (word === 'count' || word === 'rate') {
    if (inner !== undefined) return wrong(`"${word}" takes nothing in parentheses; use when: to say which events count`)
    return { ok: true, measure: { kind: word, unit: word === 'rate' ? 'per-minute' : 'plain', scale: 1, hits: none } }
  }
  if (word === 'share') return shareOf(inner)
  const percentile = /^p([5-9]\d)$/.exec(word)
  const kind = percentile === null ? sampledKinds.find((known) => known === word) : 'percentile'
  if (kind === undefined) return wrong(unknownWord(word, text))
  if (inner === undefined || inner === '') return wrong(`"${word}" needs a number of the event in parentheses, such as ${word}(durationMs)`)
  const field = inner.startsWith('event.') ? inner.slice('event.'.length) : inner
  if (!numberFieldNames.includes(field)) {
    const near = nearest(field, numberFieldNames)
    return wrong(`an event has no number "${inner}"; ${near === undefined ? `it has ${numberFieldNames.join(', ')}` : `did you mean "${near}"?`}`)
  }
  const { unit, scale } = unitOf(field)
  return { ok: true, measure: { kind, unit, scale, quantile: Number(percentile?.[1] ?? 0) / 100, numberOf: numberOf(field, scale) } }
}

/** What is wrong with a measure or the thresholds on it, and with which of these keys; nothing where it can be judged. */
export function problemOfMeasure(text: string, thresholds: Readonly<Record<string, unknown>>): { readonly key: string; readonly text: string } | undefined {
  const parsed = parseMeasure(text)
  if (!parsed.ok) return { key: 'measure', text: parsed.problem }
  if (parsed.measure.kind !== 'share') return undefined
  const key = ['above', 'below', 'until'].find((name) => Number(thresholds[name] ?? 0) > 1)
  return key === undefined ? undefined : { key, text: `expected a share from 0 to 1, found ${String(thresholds[key])}; half of all is 0.5` }
}

const sampledKinds = ['sum', 'avg', 'min', 'max'] as const
const forms = 'count, rate, share(CONDITION), sum(FIELD), avg(FIELD), min(FIELD), max(FIELD) or p50(FIELD) to p99(FIELD)'

function shareOf(inner: string | undefined): ParsedMeasure {
  if (inner === undefined || inner === '') return wrong(`"share" needs a condition in parentheses, such as share(event.status == 'error')`)
  const condition = compileCondition(inner, 'event')
  return condition.ok ? { ok: true, measure: { kind: 'share', unit: 'percent', scale: 1, hits: condition.test } } : wrong(condition.problem)
}

function unknownWord(word: string, text: string): string {
  const near = nearest(word.toLowerCase(), ['count', 'rate', 'share', ...sampledKinds, 'p50', 'p90', 'p95', 'p99'])
  return `expected ${forms}, found "${text}"${near === undefined || near === word ? '' : `; did you mean "${near}"?`}`
}

function wrong(problem: string): ParsedMeasure {
  return { ok: false, problem }
}

function none(): boolean {
  return false
}

function unitOf(field: string): { readonly unit: Unit; readonly scale: number } {
  if (field === 'costUsd') return { unit: 'usd', scale: 1_000_000_000 }
  if (field.endsWith('Ms')) return { unit: 'ms', scale: 1_000 }
  return { unit: field.endsWith('Tokens') ? 'tokens' : 'plain', scale: 1 }
}

function numberOf(field: string, scale: number): Sampled['numberOf'] {
  // Money is read as it is kept, whole nano-dollars: by way of dollars the last of them would be lost.
  if (field === 'costUsd') return (event) => event.llm?.costNanoUsd
  return (_event, view) => {
    const value = viewField(view, field)
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value * scale) : undefined
  }
}
