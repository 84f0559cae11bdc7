import { useMemo, type ReactElement } from 'react'
import type { Answer } from '../../api/ask'
import { useSay } from '../../words/say'
import { useAmounts } from '../amounts'
import { Chart } from './chart'
import { budgetFigure, type BudgetCourse, type SpendWords } from './spend-figure'
import { sentences } from '../../words/sentences'

export function useSpendWords(): SpendWords {
  const say = useSay()
  return useMemo(() => ({ spent: say('chart.spent'), usual: say('chart.usual'), forecast: say('chart.forecast'), pace: say('chart.pace') }), [say])
}

interface BudgetChartProps {
  readonly budget: Answer<'/api/v1/budgets/{name}/series'>
  readonly course: BudgetCourse
  readonly height?: number
}

/** The burn-down of one budget, or of one of its groups. */
export function BudgetChart({ budget, course, height }: BudgetChartProps): ReactElement {
  const say = useSay()
  const words = useSpendWords()
  const { money, percent, date, time } = useAmounts()
  const figure = useMemo(() => budgetFigure(budget, course, words, percent), [budget, course, words, percent])
  const { forecast } = course
  const spent = say('budget.spent', { spent: money(course.spentNanoUsd), amount: money(budget.amountNanoUsd), share: percent(budget.amountNanoUsd === 0 ? 0 : course.spentNanoUsd / budget.amountNanoUsd) })
  const day = (ms: number): string => (budget.period === 'hour' || budget.period === 'day' ? time(ms) : date(ms))
  const foreseen = forecast === undefined ? '' : forecast.crossesAtMs === undefined ? say('budget.foreseen', { end: money(forecast.nanoUsd), low: money(forecast.lowNanoUsd), high: money(forecast.highNanoUsd) }) : say('budget.foreseen-over', { day: day(forecast.crossesAtMs), end: money(forecast.nanoUsd), low: money(forecast.lowNanoUsd), high: money(forecast.highNanoUsd) })
  const unpriced = course.unpriced === 0 ? '' : say('chart.unpriced', { count: course.unpriced })
  return <Chart figure={figure} name={say('budget.chart', { name: budget.name })} summary={sentences(spent, foreseen, unpriced)} format={money} {...(height !== undefined && { height })} />
}
