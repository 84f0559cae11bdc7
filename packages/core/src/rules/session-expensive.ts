import type { BuiltInRuleConfig } from '../model/config.ts'
import { nanoFromUsd, usdFromNano } from '../model/money.ts'
import { aboutSession, sessionParams } from './about.ts'
import type { SessionRule } from './rule.ts'

const aboveUsdDefault = 5

/** The calls of one session together cost more than a limit: told when its sum passes the limit, so once a session. */
export function sessionExpensive(settings: BuiltInRuleConfig): SessionRule {
  const limitUsd = settings.aboveUsd ?? aboveUsdDefault
  const limitNanoUsd = nanoFromUsd(limitUsd)
  return {
    name: 'session-expensive',
    looksAt: 'sessions',
    find({ before, after }, { tags }) {
      const spentBefore = before?.costNanoUsd ?? 0
      if (spentBefore > limitNanoUsd || after.costNanoUsd <= limitNanoUsd) return undefined
      return {
        rule: 'session-expensive',
        key: after.sessionId,
        kind: 'cost',
        severity: settings.severity ?? 'high',
        message: 'session.expensive',
        params: { ...sessionParams(after), at: after.lastAtMs, costUsd: usdFromNano(after.costNanoUsd), limitUsd, calls: after.calls, unpriced: after.unpriced },
        ends: 'at-once',
        quietMs: 0,
        evidence: { session: after.sessionId, costNanoUsd: after.costNanoUsd, beforeNanoUsd: spentBefore, limitNanoUsd },
        ...aboutSession(after, tags),
      }
    },
  }
}
