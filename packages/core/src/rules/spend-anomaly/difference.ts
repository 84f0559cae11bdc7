/**
 * What made the difference between two amounts of spend, as facts. Where the money went is found as in Adtributor
 * (Bhagwan et al., NSDI 2014): in each dimension the fewest values that together explain most of the change, and the
 * dimension first whose shares have changed most surprisingly. Why the same work costs more is found for each model
 * from its tokens: the price of a token, and the share of input read from a cache.
 */

/** Spend of one span of time, seen from several sides. Every side adds up to the same total, but for what it does not know. */
export interface SpendBreakdown {
  /** How many intervals the amounts are of, above 0: amounts are compared as means of an interval. */
  readonly intervals: number
  /** By dimension (`agent`, `model`, `tool`, `operation`, a tag), by value: what was spent. */
  readonly spend: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By model: what was spent and for how many tokens, where they are known. @default none */
  readonly models?: ReadonlyMap<string, ModelUse>
}

/** What was spent on a model, and for how many tokens. */
export interface ModelUse {
  readonly spend: number
  /** All tokens of the input, those read from a cache among them. */
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly outputTokens: number
  /** What a token read from a cache costs, in fresh tokens of the input, by the price list. Those of the reference hold for both. @default 0.1 */
  readonly cacheReadWeight?: number
  /** What a token of the output costs, in fresh tokens of the input. @default 5 */
  readonly outputWeight?: number
}

/** One fact about a change of spend. */
export interface DifferenceFact {
  /** A dimension of the breakdown, or `cache-read-share`, or `price-per-token`; then `value` is the model. */
  readonly dimension: string
  readonly value: string
  /** For a dimension: spend an interval. For `cache-read-share`: 0 to 1. For `price-per-token`: money for a fresh input token. */
  readonly from: number
  readonly to: number
  /** How much of the whole change it stands for: 1 all of it, above 1 where something else made up for a part of it. */
  readonly shareOfChange: number
}

/** At most so many values of a dimension are looked at, those with the most spend; the others are one value, {@link otherValue}. */
export const differenceValuesMax = 200
/** At most so many dimensions, in order of their names. */
export const differenceDimensionsMax = 20
/** At most so many facts are given. */
export const differenceFactsMax = 6
/** The name of what lies beyond {@link differenceValuesMax}. */
export const otherValue = 'other'

/** A value that explains less than this of the change is no explanation. */
const shareMin = 0.1
/** A dimension is explained when its values stand for so much of the change. */
const shareEnough = 0.67
/** A price or a cache that stands for so much of the change goes before the places where it shows. */
const causeFirst = 0.5
/** A change of less than this of the larger total is none. */
const changeMin = 1e-6
/** A price that moved by less is none: where the weights are not known, another mix of tokens moves it too. */
const priceChangeMin = 0.25
const defaultWeights: Weights = { cacheRead: 0.1, output: 5 }

/**
 * Says what made the difference. Pure and deterministic: ties go by name. Amounts that are not finite or below 0 count as 0.
 *
 * @param now the span in question
 * @param reference what it is compared with: the hours before, or the same hours of other days
 * @returns the most telling fact first, at most {@link differenceFactsMax}; none where nothing has changed
 *
 * @example
 * const before = { intervals: 6, spend: new Map([['agent', new Map([['writer', 6], ['critic', 6]])]]) }
 * const now = { intervals: 1, spend: new Map([['agent', new Map([['writer', 1], ['critic', 9]])]]) }
 * console.log(explainDifference(now, before)) // [{ dimension: 'agent', value: 'critic', from: 1, to: 9, shareOfChange: 1 }]
 */
export function explainDifference(now: SpendBreakdown, reference: SpendBreakdown): readonly DifferenceFact[] {
  const dimensions = [...new Set([...now.spend.keys(), ...reference.spend.keys()])].sort(byName).slice(0, differenceDimensionsMax)
  const sides = dimensions.map((dimension) => sideOf(dimension, now, reference))
  const from = Math.max(0, ...sides.map((side) => side.from))
  const to = Math.max(0, ...sides.map((side) => side.to))
  const change = to - from
  if (Math.abs(change) <= changeMin * Math.max(from, to)) return []
  const places = sides
    .map((side) => explained(side, change))
    .filter(({ facts }) => facts.length > 0)
    .sort((a, b) => b.surprise - a.surprise || byName(a.dimension, b.dimension))
    .flatMap(({ facts }) => facts)
  const causes = causesOf(now, reference, change)
  const [first, later] = [causes.filter(({ shareOfChange }) => shareOfChange >= causeFirst), causes.filter(({ shareOfChange }) => shareOfChange < causeFirst)]
  return [...first, ...places, ...later].slice(0, differenceFactsMax)
}

interface Value {
  readonly value: string
  readonly from: number
  readonly to: number
}

interface Side {
  readonly dimension: string
  readonly values: readonly Value[]
  readonly from: number
  readonly to: number
}

/** One dimension, as means of an interval, with its smallest values put together. */
function sideOf(dimension: string, now: SpendBreakdown, reference: SpendBreakdown): Side {
  const [before, after] = [reference.spend.get(dimension), now.spend.get(dimension)]
  const values: Value[] = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].map((value) => ({ value, from: mean(before?.get(value), reference), to: mean(after?.get(value), now) }))
  values.sort((a, b) => Math.max(b.from, b.to) - Math.max(a.from, a.to) || byName(a.value, b.value))
  const rest = values.splice(differenceValuesMax)
  if (rest.length > 0) values.push({ value: otherValue, from: sum(rest.map((one) => one.from)), to: sum(rest.map((one) => one.to)) })
  return { dimension, values, from: sum(values.map((one) => one.from)), to: sum(values.map((one) => one.to)) }
}

/** The fewest values of a dimension that explain most of the change, the most surprising first; none if they do not. */
function explained({ dimension, values, from, to }: Side, change: number): { readonly dimension: string; readonly surprise: number; readonly facts: readonly DifferenceFact[] } {
  const telling = values
    .map((one) => ({ ...one, shareOfChange: (one.to - one.from) / change, surprise: divergence(share(one.from, from), share(one.to, to)) }))
    .filter(({ shareOfChange }) => shareOfChange >= shareMin)
    .sort((a, b) => b.surprise - a.surprise || b.shareOfChange - a.shareOfChange || byName(a.value, b.value))
  const facts: DifferenceFact[] = []
  let surprise = 0
  let covered = 0
  for (const { value, from: was, to: is, shareOfChange, surprise: own } of telling) {
    facts.push({ dimension, value, from: was, to: is, shareOfChange })
    surprise += own
    covered += shareOfChange
    if (covered >= shareEnough) return { dimension, surprise, facts: facts.sort((a, b) => b.shareOfChange - a.shareOfChange || byName(a.value, b.value)) }
  }
  return { dimension, surprise: 0, facts: [] }
}

/** What a change of price or of reading from the cache stands for, by model, the greatest first. */
function causesOf(now: SpendBreakdown, reference: SpendBreakdown, change: number): readonly DifferenceFact[] {
  if (!(now.intervals > 0)) return []
  const causes: DifferenceFact[] = []
  for (const [value, after] of now.models ?? []) {
    const before = reference.models?.get(value)
    if (before === undefined) continue
    const weights = weightsOf(before, weightsOf(after, defaultWeights))
    const [priceBefore, priceAfter] = [pricePerToken(before, weights), pricePerToken(after, weights)]
    const [cachedBefore, cachedAfter] = [cacheReadShare(before), cacheReadShare(after)]
    if (priceBefore === 0 || priceAfter === 0) continue
    const missed = (cachedBefore - cachedAfter) * positive(after.inputTokens) * (1 - weights.cacheRead) * priceBefore
    causes.push({ dimension: 'cache-read-share', value, from: cachedBefore, to: cachedAfter, shareOfChange: missed / now.intervals / change })
    if (Math.abs(priceAfter / priceBefore - 1) < priceChangeMin) continue
    causes.push({ dimension: 'price-per-token', value, from: priceBefore, to: priceAfter, shareOfChange: ((priceAfter - priceBefore) * weighed(after, weights)) / now.intervals / change })
  }
  return causes.filter(({ shareOfChange }) => shareOfChange >= shareMin).sort((a, b) => b.shareOfChange - a.shareOfChange || byName(a.dimension, b.dimension) || byName(a.value, b.value))
}

interface Weights {
  readonly cacheRead: number
  readonly output: number
}

function weightsOf({ cacheReadWeight, outputWeight }: ModelUse, otherwise: Weights): Weights {
  return { cacheRead: cacheReadWeight ?? otherwise.cacheRead, output: outputWeight ?? otherwise.output }
}

/** Tokens in fresh tokens of the input. */
function weighed({ inputTokens, cacheReadTokens, outputTokens }: ModelUse, { cacheRead, output }: Weights): number {
  const cached = Math.min(positive(cacheReadTokens), positive(inputTokens))
  return positive(inputTokens) - (1 - cacheRead) * cached + output * positive(outputTokens)
}

function pricePerToken(use: ModelUse, weights: Weights): number {
  const tokens = weighed(use, weights)
  return tokens > 0 ? positive(use.spend) / tokens : 0
}

function cacheReadShare({ inputTokens, cacheReadTokens }: ModelUse): number {
  return Math.min(1, share(positive(cacheReadTokens), positive(inputTokens)))
}

/** How far two shares are apart: the part of the Jensen–Shannon divergence that one value stands for. */
function divergence(p: number, q: number): number {
  const half = (a: number, b: number): number => (a === 0 ? 0 : a * Math.log((2 * a) / (a + b)))
  return 0.5 * (half(p, q) + half(q, p))
}

function mean(amount: number | undefined, { intervals }: SpendBreakdown): number {
  return intervals > 0 ? positive(amount ?? 0) / intervals : 0
}

function positive(amount: number): number {
  return Number.isFinite(amount) && amount > 0 ? amount : 0
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}

/** By code units, so that the order is the same in every place. */
function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
