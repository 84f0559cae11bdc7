import type { Event } from '../../model/event.ts'
import { explainDifference, otherValue, type DifferenceFact, type ModelUse, type SpendBreakdown } from '../spend-anomaly/difference.ts'

/** From which sides the spend of a series is seen. */
const dimensions = ['agent', 'model', 'operation', 'user'] as const
/** Values of a side that are kept apart, those with the most spend; the others are one. */
const valuesMax = 8
/** Of a longer name the beginning stands for it. */
const nameCharsMax = 32
/** What came in the last intervals is compared; half an hour of tens of minutes. With these a row has at most some 12,000 characters. */
const recentMax = 3
/** What was usual forgets by half in so many intervals: a day of ten minutes. */
const halfLife = 144
const keptEach = 0.5 ** (1 / halfLife)

interface Sums {
  /** By dimension, by value. */
  spend: Record<string, Record<string, number>>
  /** By model: spend, input, read from the cache, output. */
  models: Record<string, readonly [number, number, number, number]>
}

/** Where the money of a series goes: the last half hour, and what is usual. */
export interface Breakdown {
  /** The interval that is not over, by its index. */
  open: Record<number, Sums>
  recent: readonly Sums[]
  usual: Sums
  /** How many intervals `usual` has learned from, in effect. */
  weight: number
}

export function emptyBreakdown(): Breakdown {
  return { open: {}, recent: [], usual: emptySums(), weight: 0 }
}

function emptySums(): Sums {
  return { spend: {}, models: byName() }
}

/** Adds a call to its interval, in what one batch saw: as many names as it has are kept apart until `mergeOpen`. */
export function addCall(breakdown: Breakdown, index: number, event: Event): void {
  const { llm } = event
  const usd = (llm?.costNanoUsd ?? 0) / 1e9
  if (llm === undefined || usd === 0) return
  const sums = (breakdown.open[index] ??= emptySums())
  const values: Readonly<Record<(typeof dimensions)[number], string | undefined>> = { agent: event.agent, model: llm.model, operation: event.name, user: event.user }
  for (const dimension of dimensions) {
    const value = values[dimension]
    if (value === undefined) continue
    const name = shortName(value)
    const spent = (sums.spend[dimension] ??= byName())
    spent[name] = (spent[name] ?? 0) + usd
  }
  const model = shortName(llm.model)
  const [spend, input, read, output] = sums.models[model] ?? [0, 0, 0, 0]
  if (sums.models[model] === undefined && Object.keys(sums.models).length >= valuesMax) return
  sums.models[model] = [spend + usd, input + (llm.inputTokens ?? 0), read + (llm.cacheReadTokens ?? 0), output + (llm.outputTokens ?? 0)]
}

/** Signs that JSON writes in six characters would make a row as much longer: they stand for nothing here. */
function shortName(name: string): string {
  return name.slice(0, nameCharsMax).replaceAll(/[\p{Cc}\p{Cs}"\\]/gu, '?')
}

/** Puts together what two batches saw of an interval. */
export function mergeOpen(into: Breakdown, from: Breakdown['open']): void {
  for (const [index, sums] of Object.entries(from)) into.open[Number(index)] = scaledSum(into.open[Number(index)] ?? emptySums(), sums, 1, 1)
}

/** An interval is over: it is the newest of the last half hour, and what leaves that becomes usual. */
export function closeInterval(breakdown: Breakdown, index: number): void {
  const sums = breakdown.open[index] ?? emptySums()
  breakdown.open = Object.fromEntries(Object.entries(breakdown.open).filter(([one]) => Number(one) > index))
  breakdown.recent = [...breakdown.recent, sums]
  if (breakdown.recent.length <= recentMax) return
  const [oldest = emptySums(), ...rest] = breakdown.recent
  breakdown.recent = rest
  breakdown.usual = scaledSum(breakdown.usual, oldest, keptEach, 1)
  breakdown.weight = breakdown.weight * keptEach + 1
}

/** What made the difference between the last half hour and what is usual; nothing where nothing is known to be usual. */
export function differenceOf({ recent, usual, weight }: Breakdown): readonly DifferenceFact[] {
  if (weight < 1 || recent.length === 0) return []
  const now = recent.reduce((sum, one) => scaledSum(sum, one, 1, 1), emptySums())
  return explainDifference(asBreakdown(now, recent.length), asBreakdown(usual, weight))
}

function asBreakdown({ spend, models }: Sums, intervals: number): SpendBreakdown {
  return {
    intervals,
    spend: new Map(Object.entries(spend).map(([dimension, values]) => [dimension, new Map(Object.entries(values))])),
    models: new Map(Object.entries(models).map(([model, [usd, inputTokens, cacheReadTokens, outputTokens]]): [string, ModelUse] => [model, { spend: usd, inputTokens, cacheReadTokens, outputTokens }])),
  }
}

function scaledSum(a: Sums, b: Sums, ofA: number, ofB: number): Sums {
  const spend: Sums['spend'] = {}
  for (const dimension of dimensions) {
    const values = byName<number>()
    for (const [value, usd] of Object.entries(a.spend[dimension] ?? {})) values[value] = short(usd * ofA)
    for (const [value, usd] of Object.entries(b.spend[dimension] ?? {})) values[value] = short((values[value] ?? 0) + usd * ofB)
    if (Object.keys(values).length > 0) spend[dimension] = foremost(values)
  }
  const models = byName<readonly [number, number, number, number]>()
  for (const name of [...new Set([...Object.keys(a.models), ...Object.keys(b.models)])].slice(0, valuesMax)) {
    const [x, y] = [ownOf(a.models, name) ?? zero, ownOf(b.models, name) ?? zero]
    models[name] = [short(x[0] * ofA + y[0] * ofB), short(x[1] * ofA + y[1] * ofB), short(x[2] * ofA + y[2] * ofB), short(x[3] * ofA + y[3] * ofB)]
  }
  return { spend, models }
}

const zero = [0, 0, 0, 0] as const

/** An amount to compare by, not to add up money: seven digits are enough and take less room. */
function short(amount: number): number {
  return Number(amount.toPrecision(7))
}

/** Names are anybody's, such as `constructor`: nothing is inherited. */
function byName<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value> // an object without a prototype has no properties but ours
}

function ownOf<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

/** The values with the most, and the others as one. Of equals the first by name stays. */
function foremost(values: Record<string, number>): Record<string, number> {
  const names = Object.keys(values)
  if (names.length <= valuesMax) return values
  const most = Object.entries(values).filter(([name]) => name !== otherValue).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const kept = byName<number>()
  let others = ownOf(values, otherValue) ?? 0
  for (const [place, [name, usd]] of most.entries()) {
    if (place < valuesMax - 1) kept[name] = usd
    else others += usd
  }
  kept[otherValue] = others
  return kept
}
