import type { BuiltInRuleConfig } from '../model/config.ts'
import type { MessageParams } from '../model/message.ts'
import type { SessionFailure } from '../model/session.ts'
import { aboutSession, sessionParams } from './about.ts'
import type { SessionRule } from './rule.ts'
import { endParams } from './session-ended.ts'

/** A session failed: its reason, and its first cause, the call that failed first and why. */
export function sessionFailed(settings: BuiltInRuleConfig): SessionRule {
  return {
    name: 'session-failed',
    looksAt: 'sessions',
    find({ before, after }, { tags }) {
      if (after.state !== 'fail' || before?.state === 'fail') return undefined
      return {
        rule: 'session-failed',
        key: after.sessionId,
        kind: 'session',
        severity: settings.severity ?? 'high',
        message: 'session.failed',
        params: {
          ...sessionParams(after),
          ...endParams(after),
          startedAt: after.startedAtMs ?? after.firstAtMs,
          ...(after.firstFailure !== undefined && causeParams(after.firstFailure)),
        },
        ends: 'at-once',
        quietMs: 0,
        evidence: {
          session: after.sessionId,
          calls: after.calls,
          errors: after.errors,
          costNanoUsd: after.costNanoUsd,
          ...(after.firstFailure !== undefined && { firstFailure: after.firstFailure.eventId }),
        },
        ...aboutSession(after, tags),
      }
    },
  }
}

function causeParams(cause: SessionFailure): MessageParams {
  return {
    causeStep: cause.step,
    causeKind: cause.type,
    causeName: cause.name,
    causeClass: cause.class,
    causeAt: cause.atMs,
    ...(cause.message !== '' && { causeMessage: cause.message }),
    ...(cause.provider !== undefined && { causeProvider: cause.provider }),
    ...(cause.statusCode !== undefined && { causeStatus: cause.statusCode }),
  }
}
