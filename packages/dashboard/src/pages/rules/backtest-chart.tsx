import { NativeSelect, Text } from '@mantine/core'
import { useMemo, useState, type ReactElement } from 'react'
import { useAmounts } from '../../parts/amounts'
import { Chart } from '../../parts/chart/chart'
import { LevelHandle } from '../../parts/chart/level-handle'
import { useSay } from '../../words/say'
import type { Tried } from './backtest'
import { backtestFigure, rangeOf, type Unit } from './backtest-figure'
import type { Numbered } from './clusters'
import { MarkLanes } from './mark-lanes'
import type { Backtest, Mark } from './use-backtest'

interface BacktestChartProps {
  readonly result: Backtest
  readonly tried: Tried
  readonly isOld: boolean
  readonly marks: readonly Numbered[]
  readonly chosen: ReadonlySet<number>
  readonly choose: (mark: Mark) => void
}

const drawnPx = 220
/** Without values there is only when. */
const flatPx = 90

/** What was measured, its threshold to be moved, and under it who would have been told when. */
export function BacktestChart({ result, tried: { title, limit }, isOld, marks, chosen, choose }: BacktestChartProps): ReactElement {
  const say = useSay()
  const [chosenGroup, setGroup] = useState(0)
  const { chart } = result
  const series = chart?.series ?? []
  const group = Math.min(chosenGroup, Math.max(0, series.length - 1))
  const unit = chart?.unit ?? 'plain'
  const format = useFormat(unit)
  const value = limit?.value
  const isBelow = limit?.isBelow ?? false
  const measure = chart?.measure ?? ''
  const figure = useMemo(() => {
    const limits = chart?.kind !== 'threshold' ? [] : value === undefined ? chart.thresholds.map((one) => ({ value: one.value, isBelow: one.isBelow })) : [{ value, isBelow }]
    return backtestFigure(result, group, limits.map((one) => ({ value: one.value, label: `${one.isBelow ? '▼' : '▲'} ${format(one.value)}` })), { value: measure, expected: say('rules.expected') })
  }, [result, chart, group, value, isBelow, format, measure, say])
  const range = rangeOf(figure)
  const fired = say(result.alertsTotal === 0 ? 'rules.chart-none' : 'rules.chart-fired', { count: result.alertsTotal })
  const summary = range === undefined ? fired : `${fired} ${say('rules.chart-highest', { high: format(range.high), low: format(range.low) })}`
  const move = limit?.change
  return (
    <div>
      {series.length > 1 && (
        <NativeSelect size="xs" label={say('rules.group')} description={say('rules.groups-shown', { shown: series.length, all: chart?.groups ?? series.length })} w="fit-content" maw="100%" mb={4} value={String(group)} data={series.map((one, index) => ({ value: String(index), label: (one.group ?? '') || `${index + 1}` }))} onChange={(event) => setGroup(Number(event.currentTarget.value))} />
      )}
      {series.length === 1 && series[0]?.group !== undefined && <Text size="xs" c="dimmed">{series[0].group}</Text>}
      <Chart
        figure={figure}
        name={say(chart === undefined ? 'rules.chart-plain' : 'rules.chart', { name: title })}
        summary={summary}
        format={format}
        height={chart === undefined ? flatPx : drawnPx}
        isDimmed={isOld}
        {...(chart?.kind === 'threshold' && value !== undefined && move !== undefined && { over: (frame) => <LevelHandle frame={frame} value={value} label={say('rules.drag', { unit: say(`rules.unit-${unit}`) })} format={format} change={move} /> })}
      >
        {(frame) => <MarkLanes frame={frame} marks={marks} totals={result.markTotals} chosen={chosen} choose={choose} />}
      </Chart>
    </div>
  )
}

function useFormat(unit: Unit): (value: number) => string {
  const { dollars, duration, percent, count } = useAmounts()
  return useMemo(() => ({ usd: dollars, ms: duration, percent, tokens: count, 'per-minute': count, plain: count })[unit], [unit, dollars, duration, percent, count])
}
