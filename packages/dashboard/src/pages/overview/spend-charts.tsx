import { useMemo, type ReactElement } from 'react'
import { useAsk, type Answer } from '../../api/ask'
import { useAmounts } from '../../parts/amounts'
import { BudgetChart, useSpendWords } from '../../parts/chart/budget-chart'
import { Chart } from '../../parts/chart/chart'
import { spendFigure } from '../../parts/chart/spend-figure'
import { Asked } from '../../parts/states'
import { useLocale, useSay } from '../../words/say'

/** Hours go on while one looks. */
const againMs = 15_000

/** Each hour of the last day, where it usually lies, and what is left of today. */
export function SpendByHour({ height }: { readonly height: number }): ReactElement {
  const say = useSay()
  const { timezone } = useLocale()
  const series = useAsk('/api/v1/spend/series', { query: { step: 'hour', timezone } }, { everyMs: againMs })
  return (
    <Asked of={series} what={say('overview.spend')} rows={4}>
      {(data) => <Hours data={data} height={height} />}
    </Asked>
  )
}

function Hours({ data, height }: { readonly data: Answer<'/api/v1/spend/series'>; readonly height: number }): ReactElement {
  const say = useSay()
  const words = useSpendWords()
  const { money } = useAmounts()
  const figure = useMemo(() => spendFigure(data, words), [data, words])
  const last = data.buckets.at(-1)
  const summary = last === undefined ? say('overview.spend-empty') : say('overview.hour-summary', { spent: money(last.nanoUsd), usual: last.expected === undefined ? say('overview.usual-unknown') : `${money(last.expected.low)}–${money(last.expected.high)}` })
  return <Chart figure={figure} name={say('overview.by-hour')} summary={summary} format={money} height={height} />
}

/** The running period of a budget. */
export function SpendOfBudget({ name, height }: { readonly name: string; readonly height: number }): ReactElement {
  const say = useSay()
  const series = useAsk('/api/v1/budgets/{name}/series', { path: { name } }, { everyMs: againMs })
  return (
    <Asked of={series} what={name} rows={4}>
      {(data) => (data.courses[0] === undefined ? say('overview.spend-empty') : <BudgetChart budget={data} course={data.courses[0]} height={height} />)}
    </Asked>
  )
}
