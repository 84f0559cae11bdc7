import type { Figure } from '../../parts/chart/figure'
import type { Backtest } from './use-backtest'

type Chart = NonNullable<Backtest['chart']>
export type Unit = Chart['unit']

/** What a threshold is now, which may be newer than the answer. */
export interface Limit {
  readonly value: number
  readonly label: string
}

/**
 * A backtest as it is drawn: values by the server's steps, where nothing was measured a gap; hatched while it would have fired.
 *
 * @param group which of the series
 */
export function backtestFigure({ fromMs, untilMs, cutMs, chart, alerts }: Backtest, group: number, limits: readonly Limit[], words: { readonly value: string; readonly expected: string }): Figure {
  const endMs = cutMs ?? untilMs
  const strips = alerts.map(({ atMs, overAtMs }) => ({ fromMs: atMs, untilMs: overAtMs ?? (chart === undefined ? atMs : endMs) }))
  if (chart === undefined) return { times: [fromMs, untilMs], lines: [], strips }
  const { stepMs, kind } = chart
  const points = new Map(chart.series[group]?.points.map((point) => [Math.ceil((point.atMs - fromMs) / stepMs), point]))
  const buckets = Array.from({ length: Math.ceil((untilMs - fromMs) / stepMs) + 1 }, (_, bucket) => bucket)
  const of = (member: 'value' | 'low' | 'high'): readonly (number | null)[] => buckets.map((bucket) => points.get(bucket)?.[member] ?? null)
  return {
    times: buckets.map((bucket) => Math.min(untilMs, fromMs + bucket * stepMs)),
    lines: [{ label: words.value, kind: 'value', values: of('value') }],
    ...(kind === 'anomaly' && { bands: [{ label: words.expected, kind: 'expected' as const, low: of('low'), high: of('high') }] }),
    levels: limits.map(({ value, label }) => ({ value, label, kind: 'warning' as const })),
    strips,
  }
}

/** The highest and lowest that is drawn; nothing where nothing was measured. */
export function rangeOf({ lines }: Figure): { readonly low: number; readonly high: number } | undefined {
  const values = lines.flatMap(({ values: all }) => all.filter((value) => value !== null))
  return values.length === 0 ? undefined : { low: Math.min(...values), high: Math.max(...values) }
}
