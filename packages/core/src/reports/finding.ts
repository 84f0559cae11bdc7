import type { Finding } from '../model/alert.ts'
import type { ReportConfig } from '../model/attention-config.ts'
import type { MessageParams } from '../model/message.ts'
import { usdFromNano } from '../model/money.ts'
import type { Report } from '../model/report.ts'
import type { Role } from '../model/roles.ts'

/** A report as news to one person: what stands in one line is its parameters, the rest its numbers. */
export function findingOf({ name, every }: Pick<ReportConfig, 'name' | 'every'>, called: string, role: Role, report: Report): Finding {
  return {
    rule: `report:${name}`,
    key: `${called} ${report.fromMs}`,
    kind: 'system',
    severity: 'info',
    message: every === 'day' ? 'report.day' : 'report.week',
    params: { report: name, person: called, role, ...numbersOf(report) },
    ends: 'at-once',
    quietMs: 0,
    evidence: { fromMs: report.fromMs, untilMs: report.untilMs },
    report,
  }
}

function numbersOf({ fromMs, untilMs, countedSinceMs, spend, sessions, failures, told, isForAll, isQuiet, watching }: Report): MessageParams {
  const ended = sessions === undefined ? 0 : sessions.success + sessions.fail + sessions.indeterminate
  const days = { fromDay: fromMs, lastDay: untilMs - 1 }
  if (isQuiet) return { ...days, isQuiet: 'yes', watchedRules: watching.rules, watchedBudgets: watching.budgets, watchedChannels: watching.channels }
  return {
    ...days,
    ...(countedSinceMs !== undefined && { sinceAt: countedSinceMs }),
    // Only what this role may see is there at all.
    ...(spend !== undefined && { costUsd: usdFromNano(spend.nanoUsd), unpriced: spend.unpriced, ...changeOf(spend) }),
    ...(sessions !== undefined && { sessions: ended + sessions.running, failedSessions: sessions.fail }),
    ...(failures !== undefined && { failedCalls: failures.count }),
    ...(isForAll !== true && { told: told.sent }),
  }
}

function changeOf({ nanoUsd, beforeNanoUsd }: NonNullable<Report['spend']>): MessageParams {
  if (beforeNanoUsd === undefined) return {}
  const changeUsd = usdFromNano(nanoUsd - beforeNanoUsd)
  return { changeUsd, ...(beforeNanoUsd > 0 && { changePercent: (100 * (nanoUsd - beforeNanoUsd)) / beforeNanoUsd }) }
}
