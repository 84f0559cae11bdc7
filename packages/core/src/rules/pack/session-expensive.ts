import { nanoFromUsd, usdFromNano } from '../../model/money.ts'
import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import type { SessionRule } from '../rule.ts'

/** The calls of one session together cost more than a limit: told when its sum passes the limit, so once a session. */
export const sessionExpensive = builtIn({
  name: 'session-expensive',
  kind: 'cost',
  severity: 'high',
  says: {
    en: 'The calls of one session together passed `aboveUsd`; once a session.',
    'zh-CN': '一个会话的调用费用合计超过 `aboveUsd`；每个会话一次。',
  },
  settings: { aboveUsd: { byDefault: 5, says: { en: 'the price of a session above which it is told', 'zh-CN': '会话费用超过多少时告知' } } },
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
