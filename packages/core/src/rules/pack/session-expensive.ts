import { nanoFromUsd, usdFromNano } from '../../model/money.ts'
import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import type { SessionRule } from '../rule.ts'

/** The calls of one session together cost more than a limit: told when its sum passes the limit, so once a session. */
export const sessionExpensive = builtIn({
  name: 'session-expensive',
  kind: 'cost',
  severity: 'high',
  says: 'The calls of one session together passed `aboveUsd`; once a session.',
  settings: { aboveUsd: { byDefault: 5, says: 'the price of a session above which it is told' } },
  create({ severity = 'high', aboveUsd: limitUsd }): SessionRule {
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
          severity,
          message: 'session.expensive',
          params: { ...sessionParams(after), at: after.lastAtMs, costUsd: usdFromNano(after.costNanoUsd), limitUsd, calls: after.calls, unpriced: after.unpriced },
          ends: 'at-once',
          quietMs: 0,
          evidence: { session: after.sessionId, costNanoUsd: after.costNanoUsd, beforeNanoUsd: spentBefore, limitNanoUsd },
          ...aboutSession(after, tags),
        }
      },
    }
  },
})
