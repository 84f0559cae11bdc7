import { usdFromNano } from '../../model/money.ts'
import { forecastOf } from '../budgets/pace.ts'
import { aboutSpending, budgetParams } from '../budgets/seen.ts'
import { builtIn } from '../built-in.ts'
import { groupKey } from '../group-key.ts'
import type { BudgetRule } from '../rule.ts'

/** The amount of a budget will not last until its period ends. News: what comes of it, its thresholds tell. */
export const budgetForecast = builtIn({
  name: 'budget-forecast',
  kind: 'cost',
  severity: 'warning',
  says: {
    en: 'At the present pace a budget is used up before its period ends; once a period, from a tenth of the period and ten calls on, and not after the whole amount is spent. `forecast: false` of a budget switches it off there.',
    'zh-CN': '按目前的速度，预算会在周期结束前用完。每个周期一次，从周期过去十分之一且已有十次调用起；全额用完后不再告知。在预算中写 `forecast: false` 可单独关闭。',
  },
  create({ severity = 'warning' }): BudgetRule {
    return {
      name: 'budget-forecast',
      looksAt: 'budgets',
      look(seen, nowMs) {
        const { budget, scope, period } = seen
        if (!budget.settings.forecast || period === undefined) return undefined
        const forecast = forecastOf(seen, nowMs)
        if (forecast === undefined) return undefined
        const { projectedNanoUsd, crossesAtMs, wholeNanoUsdPerHour, recentNanoUsdPerHour } = forecast
        return {
          isOncePerPeriod: true,
          finding: {
            rule: 'budget-forecast',
            key: groupKey([budget.name, scope, String(period.startMs), budget.epoch]),
            kind: 'cost',
            severity,
            message: 'budget.forecast',
            params: { ...budgetParams(seen), crossesAt: crossesAtMs, projectedUsd: usdFromNano(projectedNanoUsd) },
            ends: 'at-once',
            quietMs: 0,
            evidence: {
              spentNanoUsd: seen.spentNanoUsd, amountNanoUsd: seen.amountNanoUsd, projectedNanoUsd, crossesAtMs, wholeNanoUsdPerHour, recentNanoUsdPerHour,
              periodStartMs: period.startMs, periodEndMs: period.endMs, epoch: budget.epoch, lastEvent: seen.last.id,
            },
            ...aboutSpending(seen),
          },
        }
      },
    }
  },
})
