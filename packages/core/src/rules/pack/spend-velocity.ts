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
  says: {
    en: 'At the pace of the last five minutes a budget is used up within the hour and before its period ends, and that pace is three times the usual and at least $0.05 a minute; or the whole project spends more than `aboveUsd` a minute.',
    'zh-CN': '按最近五分钟的速度，预算会在一小时内、周期结束前用完，且速度为平常的三倍、每分钟至少 $0.05；或整个项目每分钟支出超过 `aboveUsd`。',
  },
  settings: {
    count: { byDefault: 10, says: { en: 'how many calls there must have been in these five minutes', 'zh-CN': '这五分钟内须有多少次调用' } },
    aboveUsd: { byDefault: 0, says: { en: 'dollars a minute for the whole project above which it fires without any budget; 0: only budgets are watched', 'zh-CN': '整个项目每分钟支出超过多少美元时触发，无需预算；0：只监测预算' } },
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
