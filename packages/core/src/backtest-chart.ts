import type { Config } from './model/config.ts'
import type { Store } from './model/store.ts'
import { unusualSettingsOf } from './rules/anomaly-rule.ts'
import { groupKey } from './rules/group-key.ts'
import { Budget } from './rules/budgets/budget.ts'
import { budgetRule, memoryKey, memoryOf } from './rules/budgets/memory.ts'
import { sumOf } from './rules/budgets/parts.ts'
import { spendAnomaly, spendAnomalySettings } from './rules/pack/spend-anomaly.ts'
import type { Measure, Unit } from './rules/threshold/measure.ts'
import { thresholdReader } from './rules/threshold/threshold-rule.ts'
import { unusualReader } from './rules/unusual/unusual-rule.ts'

/** One point: what was measured in the bucket that ends there, at its most extreme. */
export interface ChartPoint {
  readonly atMs: number
  readonly value: number
  /** What was expected of it, where the rule learns that. */
  readonly low?: number
  readonly expected?: number
  readonly high?: number
}

export interface ChartSeries {
  /** Values of `groupBy`; empty where nothing is told apart, and where all others are together. */
  readonly values: readonly string[]
  /** In the order of time. Where there is none, nothing was measured: a gap stays a gap. */
  readonly points: readonly ChartPoint[]
}

/** What a rule measured, to be drawn. */
export interface BacktestChart {
  readonly kind: 'threshold' | 'anomaly' | 'budget'
  /** As it is written in the rule. */
  readonly measure: string
  /** Of all values: dollars, milliseconds, a share from 0 to 1 (`percent`), and so on. */
  readonly unit: Unit
  readonly stepMs: number
  readonly groupBy: readonly string[]
  /** Of the groups that went furthest, at most five. */
  readonly series: readonly ChartSeries[]
  /** Groups that were looked at. */
  readonly groups: number
  /** Where it fires: above them, or below. `until`: where it is over again. */
  readonly thresholds: readonly { readonly value: number; readonly isBelow: boolean; readonly until?: number; readonly share?: number }[]
}

/** Looks at what a rule keeps while events are replayed. */
export interface ChartWatch {
  /** When it wants to look next; Infinity: not any more. */
  readonly nextMs: number
  look(): Promise<void>
  /** From now on something is known: before it nothing is 0. */
  begin(): void
  chart(): BacktestChart
}

/** Buckets of a chart, looks of a replay, and groups that are followed. */
const bucketsMax = 168
const looksMax = 2_016
const groupsFollowed = 50
const seriesShown = 5
const bucketLeastMs = 60_000

interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** Of a rule that measures something; nothing for the others. Everything is read of what the rule keeps in the replay, by its own code. */
export function watchFor(config: Config, name: string, store: Store, span: Span): ChartWatch | undefined {
  const budget = Object.hasOwn(config.budgets, name) ? config.budgets[name] : undefined
  if (budget !== undefined) return budgetWatch(config, new Budget(name, budget, config.defaults.timezone), store, span)
  const rule = Object.hasOwn(config.rules, name) ? config.rules[name] : undefined
  if (rule === undefined || rule === false) return undefined
  if (typeof rule.on !== 'string') return name === spendAnomaly.name ? unusualWatch(config, spendAnomalySettings({ severity: 'high', aboveUsd: 0, share: 0 }), store, span) : undefined
  if ('anomaly' in rule) return unusualWatch(config, unusualSettingsOf(name, rule), store, span)
  if (!('measure' in rule)) return undefined
  const { threshold, read } = thresholdReader(name, rule)
  const { measure, isBelow, limit, until, cut } = threshold
  const stepMs = stepOf(span)
  const points = new Points(span, stepMs, isBelow ? 'lowest' : 'highest')
  const everyMs = Math.max(cut.sliceMs, stepMs / 12, (span.untilMs - span.fromMs) / looksMax)
  const bySampled = (value: number): number => value / measure.scale
  return watching(config, name, store, { firstMs: span.fromMs + everyMs, nextMs: (atMs) => atMs + everyMs, untilMs: span.untilMs }, (text, atMs) => {
    const measured = read(text, atMs)
    if (measured === undefined || (measured.samples === 0 && threshold.noData !== 'zero')) return
    points.add(measured.values, { atMs, value: bySampled(measured.value) })
  }, (atMs) => {
    // Without data it is 0 by its own rule, where there are no groups of which one would have to know.
    if (threshold.noData === 'zero' && rule.groupBy.length === 0) points.add([], { atMs, value: 0 })
  }, () => ({
    kind: 'threshold', measure: rule.measure, unit: measure.unit, stepMs, groupBy: rule.groupBy, ...points.series(),
    thresholds: [{ value: bySampled(limit), isBelow, until: bySampled(until) }],
  }))
}

function unusualWatch(config: Config, settings: Parameters<typeof unusualReader>[0], store: Store, span: Span): ChartWatch {
  const { name, everyMs, measure, measureText, groupBy } = settings
  const { lookAtMs, read } = unusualReader(settings)
  const stepMs = Math.max(everyMs, Math.ceil(stepOf(span) / everyMs) * everyMs)
  const points = new Points(span, stepMs, 'furthest')
  // Of very many intervals some are looked at: what is between them the rule judged all the same.
  const stride = Math.max(1, Math.ceil((span.untilMs - span.fromMs) / everyMs / looksMax))
  const first = Math.floor(span.fromMs / everyMs)
  let index = first
  return watching(config, name, store, { firstMs: lookAtMs(first), nextMs: () => lookAtMs((index += stride)), untilMs: span.untilMs }, (text) => {
    const judged = read(text, index)
    if (judged === undefined) return
    const { values, value, seen: { expected, low, high, learning } } = judged
    points.add(values, { atMs: (index + 1) * everyMs, value, ...(!learning && { low, expected, high }) })
  }, () => undefined, () => ({ kind: 'anomaly', measure: measureText, unit: unitOf(measure), stepMs, groupBy, ...points.series(), thresholds: [] }))
}

function unitOf({ unit }: Measure): Unit {
  return unit
}

/** What is spent of a budget: from nothing at the beginning of each period, or in its window. */
function budgetWatch({ project }: Config, budget: Budget, store: Store, span: Span): ChartWatch {
  const { name, counting, thresholds, settings, rollingMs } = budget
  const stepMs = stepOf(span)
  const points = new Points(span, stepMs, 'last')
  let nextMs = span.fromMs + stepMs
  return {
    get nextMs() {
      return nextMs <= span.untilMs ? nextMs : Infinity
    },
    async look() {
      const atMs = nextMs
      nextMs += stepMs
      if (rollingMs !== undefined) {
        const [text] = await store.read.ruleTexts(project, budgetRule, [memoryKey(project, name, '').key])
        points.add([], { atMs, value: sumOf(memoryOf(text, budget).parts).nanoUsd / 1e9 })
        return
      }
      // At the border of two periods it is the one that ends.
      const { groups } = await store.read.budgetSums({ project, budget: name, epoch: counting, periodStartMs: budget.intervalOf(atMs - 1).startMs }, groupsFollowed)
      if (groups.length === 0 && !budget.isGrouped) points.add([], { atMs, value: 0 })
      for (const { scope, nanoUsd } of groups) points.add(budget.isGrouped ? [scope] : [], { atMs, value: nanoUsd / 1e9 })
    },
    begin: () => undefined,
    chart: () => ({
      kind: 'budget', measure: 'sum(costUsd)', unit: 'usd', stepMs, groupBy: settings.groupBy, ...points.series(),
      thresholds: thresholds.map(({ share, nanoUsd }) => ({ value: nanoUsd / 1e9, isBelow: false, share })),
    }),
  }
}

interface Looks {
  readonly firstMs: number
  readonly nextMs: (atMs: number) => number
  readonly untilMs: number
}

/** Reads what the rule keeps of each group, so many of them as are followed. */
function watching({ project }: Config, rule: string, store: Store, { firstMs, nextMs, untilMs }: Looks, see: (text: string, atMs: number) => void, seeNothing: (atMs: number) => void, chart: () => BacktestChart): ChartWatch {
  let atMs = firstMs
  let isBegun = false
  return {
    get nextMs() {
      return atMs <= untilMs ? atMs : Infinity
    },
    async look() {
      // Where nothing is told apart the key is empty, and no key comes after itself.
      const [whole] = await store.read.ruleTexts(project, rule, [''])
      if (whole !== undefined) see(whole, atMs)
      else {
        const groups = await store.transaction((tx) => tx.ruleKeys({ project, rule, after: '', limit: groupsFollowed }), { project })
        for (const { value } of groups) see(value, atMs)
        if (groups.length === 0 && isBegun) seeNothing(atMs)
      }
      atMs = nextMs(atMs)
    },
    begin: () => void (isBegun = true),
    chart,
  }
}

function stepOf({ fromMs, untilMs }: Span): number {
  return Math.max(bucketLeastMs, Math.ceil((untilMs - fromMs) / bucketsMax / bucketLeastMs) * bucketLeastMs)
}

/** Points by group and bucket; of several in a bucket one stays. */
class Points {
  readonly #groups = new Map<string, { readonly values: readonly string[]; readonly byBucket: Map<number, ChartPoint> }>()
  readonly #span: Span
  readonly #stepMs: number
  readonly #keeps: 'highest' | 'lowest' | 'furthest' | 'last'

  constructor(span: Span, stepMs: number, keeps: 'highest' | 'lowest' | 'furthest' | 'last') {
    this.#span = span
    this.#stepMs = stepMs
    this.#keeps = keeps
  }

  add(values: readonly string[], point: ChartPoint): void {
    const key = groupKey(values)
    let group = this.#groups.get(key)
    if (group === undefined) this.#groups.set(key, (group = { values, byBucket: new Map() }))
    const bucket = Math.ceil((point.atMs - this.#span.fromMs) / this.#stepMs)
    const kept = group.byBucket.get(bucket)
    if (kept === undefined || this.#isWorse(point, kept)) group.byBucket.set(bucket, point)
  }

  #isWorse(point: ChartPoint, kept: ChartPoint): boolean {
    if (this.#keeps === 'last') return true
    if (this.#keeps === 'furthest') return outside(point) >= outside(kept)
    return this.#keeps === 'highest' ? point.value >= kept.value : point.value <= kept.value
  }

  series(): Pick<BacktestChart, 'series' | 'groups'> {
    const sign = this.#keeps === 'lowest' ? -1 : 1
    const reach = ({ byBucket }: { readonly byBucket: ReadonlyMap<number, ChartPoint> }): number => Math.max(...[...byBucket.values()].map((point) => (this.#keeps === 'furthest' ? outside(point) : sign * point.value)))
    const sorted = [...this.#groups.values()].toSorted((one, other) => reach(other) - reach(one))
    return { groups: sorted.length, series: sorted.slice(0, seriesShown).map(({ values, byBucket }) => ({ values, points: [...byBucket].toSorted(([one], [other]) => one - other).map(([, point]) => point) })) }
  }
}

/** How far it left what was expected; of what nothing was known yet how much it is. */
function outside({ value, low, expected, high }: ChartPoint): number {
  if (expected === undefined || low === undefined || high === undefined) return 0
  return Math.max(value - high, low - value, Math.abs(value - expected) * 1e-6)
}
