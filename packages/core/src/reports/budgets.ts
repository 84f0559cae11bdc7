import { periodAt } from '../model/calendar.ts'
import type { Config } from '../model/config.ts'
import { Budget } from '../rules/budgets/budget.ts'
import type { BudgetAsk } from './gather.ts'

/** Budgets of a calendar period, and which period it is at an instant. A rolling window has no end at which it could be read. */
export function budgetsAt(config: Config, atMs: number): readonly BudgetAsk[] {
  return Object.entries(config.budgets).flatMap(([name, settings]): readonly BudgetAsk[] => {
    const budget = new Budget(name, settings, config.defaults.timezone)
    if (budget.rollingMs !== undefined) return []
    const { startMs } = periodAt(budget.period, settings.timezone ?? config.defaults.timezone, atMs)
    return [{ name, period: budget.period, epoch: budget.counting, periodStartMs: startMs, amountNanoUsd: budget.amountNanoUsd, isGrouped: budget.isGrouped }]
  })
}
