import type { Session } from '../../model/session.ts'
import { usdFromNano } from '../../model/money.ts'
import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import type { SessionRule } from '../rule.ts'

/**
 * A session ended otherwise than by failing; failing is told by `session-failed`, or here where that rule is off. That a
 * session fell silent is not told: it may wait for a person. What is told is an end that somebody said, also after silence.
 */
export const sessionEnded = builtIn({
  name: 'session-ended',
  kind: 'session',
  severity: 'info',
  says: {
    en: 'A session ended otherwise than by failing; with `session-failed` off, that too.',
    'zh-CN': '会话结束，且不是失败；关闭 `session-failed` 后，失败也在此告知。',
  },
  create({ severity = 'info' }, config): SessionRule {
    const tellsFailed = config.rules['session-failed'] === false
    return {
      name: 'session-ended',
      looksAt: 'sessions',
      find({ before, after }, { tags }) {
        if (after.endedAtMs === undefined || before?.endedAtMs !== undefined || (after.state === 'fail' && !tellsFailed)) return undefined
        return {
          rule: 'session-ended',
          key: after.sessionId,
          kind: 'session',
          severity,
          message: 'session.ended',
          params: { ...sessionParams(after), ...endParams(after), endState: after.state },
          ends: 'at-once',
          quietMs: 0,
          evidence: { session: after.sessionId, endState: after.state, calls: after.calls, errors: after.errors, costNanoUsd: after.costNanoUsd },
          ...aboutSession(after, tags),
        }
      },
    }
  },
})

/** What is known of a session at its end. */
export function endParams(session: Session): {
  readonly at: number
  readonly durationMs: number
  readonly endReason?: string
  readonly calls: number
  readonly errors: number
  readonly costUsd: number
  readonly unpriced: number
} {
  const endedAtMs = session.endedAtMs ?? session.lastAtMs
  return {
    at: endedAtMs,
    durationMs: Math.max(0, endedAtMs - (session.startedAtMs ?? session.firstAtMs)),
    calls: session.calls,
    errors: session.errors,
    costUsd: usdFromNano(session.costNanoUsd),
    unpriced: session.unpriced,
    ...(session.endReason !== undefined && { endReason: session.endReason }),
  }
}
