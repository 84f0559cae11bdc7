import type { MessageParams } from '../model/message.ts'
import { usdFromNano } from '../model/money.ts'
import type { Session } from '../model/session.ts'
import type { Severity } from '../model/severity.ts'
import { aboutSession, sessionParams } from './about.ts'
import type { ProjectFinding } from './rule.ts'

/** Longest time until the alert about a session that runs ends by itself, should nothing be heard of the session any more: a day. */
const forgottenMs = 86_400_000

/** What is odd about a session that runs: over when the session goes on or ends, else forgotten after a day. */
export function runningFinding(session: Session, found: { readonly rule: string; readonly severity: Severity; readonly message: 'session.hung' | 'session.long'; readonly params: MessageParams; readonly nowMs: number }): ProjectFinding {
  const { rule, severity, message, params, nowMs } = found
  return {
    project: session.project,
    rule,
    key: session.sessionId,
    kind: 'session',
    severity,
    message,
    params: {
      ...sessionParams(session),
      startedAt: session.startedAtMs ?? session.firstAtMs,
      at: session.lastAtMs,
      calls: session.calls,
      errors: session.errors,
      costUsd: usdFromNano(session.costNanoUsd),
      unpriced: session.unpriced,
      ...params,
    },
    ends: 'told',
    quietMs: forgottenMs,
    evidence: { session: session.sessionId, lastAtMs: session.lastAtMs, judgedAtMs: nowMs },
    ...aboutSession(session, undefined),
  }
}
