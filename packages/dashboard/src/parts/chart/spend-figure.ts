import type { Answer } from '../../api/ask'
import type { Figure } from './figure'

type SpendSeries = Answer<'/api/v1/spend/series'>
type BudgetSeries = Answer<'/api/v1/budgets/{name}/series'>
export type BudgetCourse = BudgetSeries['courses'][number]

/** The names of lines, in the reader's language. */
export interface SpendWords {
  readonly spent: string
  readonly usual: string
  readonly forecast: string
  readonly pace: string
}

/** In nano-dollars. */
const dollar = 1_000_000_000

/** What was spent in each hour or day, where that is usual, and what is foreseen. */
export function spendFigure({ buckets, forecast }: SpendSeries, words: SpendWords): Figure {
  const running = buckets.at(-1)
  const later = forecast.filter(({ fromMs }) => running === undefined || fromMs >= running.untilMs)
  const rest = forecast.find(({ fromMs }) => running !== undefined && fromMs < running.untilMs)
  const spent = running?.nanoUsd ?? 0
  // What is foreseen of the running hour is its rest: it begins at what is spent already.
  const [value, low, high] = rest === undefined ? [spent, spent, spent] : [spent + rest.value, spent + rest.low, spent + rest.high]
  const gap = buckets.map(() => null)
  const lead = [...gap.slice(1), value]
  const has = forecast.length > 0
  return {
    times: [...buckets, ...later].map(({ fromMs }) => fromMs),
    lines: [
      { label: words.spent, kind: 'value', values: [...buckets.map(({ nanoUsd }) => nanoUsd), ...later.map(() => null)] },
      ...(has ? [{ label: words.forecast, kind: 'forecast' as const, values: [...(running === undefined ? [] : lead), ...later.map((one) => one.value)] }] : []),
    ],
    bands: [
      { label: words.usual, kind: 'expected', low: [...buckets.map(({ expected }) => expected?.low ?? null), ...later.map(() => null)], high: [...buckets.map(({ expected }) => expected?.high ?? null), ...later.map(() => null)] },
      ...(has ? [{ label: words.forecast, kind: 'forecast' as const, low: [...(running === undefined ? [] : [...gap.slice(1), low]), ...later.map((one) => one.low)], high: [...(running === undefined ? [] : [...gap.slice(1), high]), ...later.map((one) => one.high)] }] : []),
    ],
    leastHeight: dollar,
    unpricedAt: buckets.filter(({ unpriced }) => unpriced > 0).map(({ fromMs }) => fromMs),
  }
}

/** The running period of a budget: all that was spent from 0, an even pace, its thresholds, and where it leads. */
export function budgetFigure({ startMs, endMs, nowMs, amountNanoUsd, rollingMs }: Pick<BudgetSeries, 'startMs' | 'endMs' | 'nowMs' | 'amountNanoUsd' | 'rollingMs'>, { buckets, thresholds, forecast }: BudgetCourse, words: SpendWords, levelLabel: (share: number) => string): Figure {
  const past = buckets.filter(({ fromMs }) => fromMs <= nowMs)
  const future = forecast?.buckets ?? []
  const last = past.at(-1)?.totalNanoUsd ?? 0
  const nowAt = Math.min(nowMs, endMs)
  // The period is drawn to its end, whether something is foreseen or not.
  const rest = future.length === 0 && rollingMs === undefined && nowAt < endMs ? [endMs] : []
  const times = [startMs, ...past.map(({ untilMs }) => Math.min(untilMs, nowAt)), ...future.map(({ untilMs }) => untilMs), ...rest]
  const known = past.map(() => null)
  const pace = (ms: number): number => (amountNanoUsd * (ms - startMs)) / Math.max(1, endMs - startMs)
  const lines: Figure['lines'] = [
    { label: words.spent, kind: 'value', values: [0, ...past.map(({ totalNanoUsd }) => totalNanoUsd), ...future.map(() => null), ...rest.map(() => null)] },
    // A window that moves on has no end towards which one could spend evenly.
    ...(rollingMs === undefined ? [{ label: words.pace, kind: 'pace' as const, values: times.map(pace) }] : []),
    ...(future.length > 0 ? [{ label: words.forecast, kind: 'forecast' as const, values: [...known, last, ...future.map(({ value }) => value)] }] : []),
  ]
  return {
    times,
    lines,
    ...(future.length > 0 && { bands: [{ label: words.forecast, kind: 'forecast' as const, low: [...known, last, ...future.map(({ low }) => low)], high: [...known, last, ...future.map(({ high }) => high)] }] }),
    levels: thresholds.map(({ share, nanoUsd }) => ({ value: nanoUsd, label: `${share >= 1 ? '◆' : '▲'} ${levelLabel(share)}`, kind: share >= 1 ? ('critical' as const) : ('warning' as const) })),
    leastHeight: dollar,
    unpricedAt: past.filter(({ unpriced }) => unpriced > 0).map(({ untilMs }) => Math.min(untilMs, nowAt)),
  }
}
