import { nanoFromUsd, usdFromNano } from '../../model/money.ts'
import { velocityMinutes, velocityOf, type Velocity } from '../budgets/pace.ts'
import { aboutSpending, budgetParams, type SpendingSeen } from '../budgets/seen.ts'
import { builtIn } from '../built-in.ts'
import { groupKey } from '../group-key.ts'
import { quietMs, type BudgetRule } from '../rule.ts'

/** Fewer minutes with spending are a burst, not a pace. */
const minutesMin = 3
/** How much faster than usual, how fast at least, and how near the end of the amount. */
const timesUsual = 3
const leastNanoUsdPerMinute = nanoFromUsd(0.05)
const nearMs = 3_600_000

/** Money goes so fast that somebody should look at once. It ends when it has gone slower for ten minutes. */
export const spendVelocity = builtIn({
  name: 'spend-velocity',
  kind: 'cost',
  severity: 'high',
  says: 'At the pace of the last five minutes a budget is used up within the hour and before its period ends, and that pace is three times the usual and at least $0.05 a minute; or the whole project spends more than `aboveUsd` a minute.',
  settings: {
    count: { byDefault: 10, says: 'how many calls there must have been in these five minutes' },
    aboveUsd: { byDefault: 0, says: 'dollars a minute for the whole project above which it fires without any budget; 0: only budgets are watched' },
  },
  create({ severity = 'high', count, aboveUsd }): BudgetRule {
    const limitNanoUsd = aboveUsd === 0 ? Infinity : nanoFromUsd(aboveUsd)
    return {
      name: 'spend-velocity',
      looksAt: 'budgets',
      ...(aboveUsd > 0 && { watchesProject: true }),
      look(seen, nowMs) {
        const isProject = seen.budget.name === ''
        const velocity = velocityOf(seen, nowMs)
        if (velocity.calls < count || velocity.minutes < minutesMin) return undefined
        if (isProject ? velocity.nanoUsdPerMinute <= limitNanoUsd : !isTooFast(velocity, seen, nowMs)) return undefined
        const { nanoUsdPerMinute, usualNanoUsdPerMinute, toCapMs, calls } = velocity
        const { budget: _none, amountUsd: _noAmount, period: _day, ...params } = budgetParams(seen)
        return {
          finding: {
            rule: 'spend-velocity',
            key: groupKey([seen.budget.name, seen.scope]),
            kind: 'cost',
            severity,
            message: 'spend.velocity',
            params: {
              ...(isProject ? params : { ...budgetParams(seen), toCapMs, crossesAt: nowMs + toCapMs, ...(usualNanoUsdPerMinute > 0 && { usualPerMinuteUsd: usdFromNano(usualNanoUsdPerMinute) }) }),
              perMinuteUsd: usdFromNano(nanoUsdPerMinute),
              calls,
              ...(isProject && { limitUsd: aboveUsd }),
            },
            ends: 'quiet',
            quietMs,
            evidence: { nanoUsdPerMinute, usualNanoUsdPerMinute, minutes: velocityMinutes, calls, spentNanoUsd: seen.spentNanoUsd, lastEvent: seen.last.id, ...(!isProject && { amountNanoUsd: seen.amountNanoUsd, toCapMs }) },
            ...aboutSpending(seen),
          },
        }
      },
    }
  },
})

function isTooFast({ nanoUsdPerMinute, usualNanoUsdPerMinute, evenNanoUsdPerMinute, toCapMs }: Velocity, { period }: SpendingSeen, nowMs: number): boolean {
  if (nanoUsdPerMinute < leastNanoUsdPerMinute || nanoUsdPerMinute < Math.max(usualNanoUsdPerMinute, evenNanoUsdPerMinute) * timesUsual) return false
  return toCapMs <= Math.min(nearMs, period === undefined ? Infinity : period.endMs - nowMs)
}
