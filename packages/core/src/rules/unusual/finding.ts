import type { AlertKind } from '../../model/alert.ts'
import type { MessageParams } from '../../model/message.ts'
import type { Severity } from '../../model/severity.ts'
import { aboutGroup, groupParams } from '../groups.ts'
import type { ProjectFinding } from '../rule.ts'
import type { DifferenceFact } from '../spend-anomaly/difference.ts'
import type { Measure } from '../threshold/measure.ts'
import type { Series } from './series.ts'
import type { Seen } from './watch.ts'

/** Where a finding belongs, and what it is about. */
export interface Subject {
  readonly project: string
  readonly rule: string
  readonly key: string
  readonly groupBy: readonly string[]
  readonly kind: AlertKind
  readonly severity: Severity
  readonly measure: Measure
  /** As it was written. */
  readonly measureText: string
  readonly everyMs: number
}

/** What came, what was expected, since when, and what made the difference: enough to judge without looking further. */
export function unusualFinding(subject: Subject, series: Series, seen: Seen, value: number, difference: readonly DifferenceFact[], isAgain: boolean, nowMs: number): ProjectFinding {
  const { project, rule, key, groupBy, measure, everyMs } = subject
  const spanMs = seen.spanMs ?? everyMs
  const came = seen.came ?? value
  const expected = seen.wanted ?? seen.expected
  const [first, second] = difference
  return {
    project, rule, key, kind: subject.kind, severity: subject.severity,
    message: measure.unit === 'usd' ? 'cost.anomaly' : 'rule.anomaly',
    params: {
      rule,
      ...groupParams(groupBy, key, series.values),
      measure: subject.measureText,
      ...amounts(measure, { value: came, expected, low: seen.low, high: seen.high }),
      ...(came < expected && { below: 'yes' }),
      windowMs: spanMs,
      sinceAt: seen.sinceMs ?? nowMs - spanMs,
      at: nowMs,
      ...factParams(first, ''),
      ...factParams(second, '2'),
      ...(isAgain && { again: 'yes' }),
    },
    ends: 'known', quietMs: 0,
    evidence: {
      score: round(seen.score), value: came, expected, low: seen.low, high: seen.high, unit: measure.unit, kind: measure.kind, everyMs, spanMs, late: series.late,
      ...(seen.sign !== undefined && { sign: seen.sign }),
      ...Object.fromEntries(difference.slice(0, 3).map(({ dimension, value: name, from, to, shareOfChange }, index) => [`difference${index + 1}`, `${dimension} ${name}: ${round(from)} to ${round(to)}, ${Math.round(shareOfChange * 100)} % of the change`])),
    },
    ...aboutGroup(groupBy, series.values),
    ...(isAgain && { isAgain }),
  }
}

function factParams(fact: DifferenceFact | undefined, suffix: '' | '2'): MessageParams {
  if (fact === undefined) return {}
  const { dimension, value, shareOfChange } = fact
  // A user is somebody: the name is for those who may see personal data.
  return {
    [`made${suffix}`]: dimension === 'cache-read-share' ? 'cache' : dimension === 'price-per-token' ? 'price' : dimension,
    [dimension === 'user' ? `madeUser${suffix}` : `madeBy${suffix}`]: value,
    [`madePercent${suffix}`]: Math.round(Math.min(1, shareOfChange) * 100),
  }
}

/** Values as messages know them: money apart, because not everybody may see it. */
function amounts({ unit }: Measure, values: Readonly<Record<'value' | 'expected' | 'low' | 'high', number>>): MessageParams {
  const params: Record<string, string | number> = unit === 'plain' || unit === 'usd' ? {} : { unit }
  for (const [name, value] of Object.entries(values)) {
    if (unit === 'usd') params[`${name}Usd`] = round(value)
    else params[name] = unit === 'percent' ? value * 100 : round(value)
  }
  return params
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
