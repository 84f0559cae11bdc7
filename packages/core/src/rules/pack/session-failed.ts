import { sharedCause } from '../../model/cause.ts'
import type { MessageParams } from '../../model/message.ts'
import type { SessionFailure } from '../../model/session.ts'
import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import type { SessionRule } from '../rule.ts'
import { endParams } from './session-ended.ts'

/** A session failed: its reason, and its first cause, the call that failed first and why. */
export const sessionFailed = builtIn({
  name: 'session-failed',
  kind: 'session',
  severity: 'high',
  says: 'A session failed: its reason, and the call where it began to go wrong.',
  create({ severity = 'high' }): SessionRule {
    return {
      name: 'session-failed',
      looksAt: 'sessions',
      find({ before, after }, { tags }) {
        if (after.state !== 'fail' || before?.state === 'fail') return undefined
        return {
          rule: 'session-failed',
          key: after.sessionId,
          kind: 'session',
          severity,
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
          ...(after.firstFailure !== undefined && sharedCause({ ...after.firstFailure, provider: after.firstFailure.provider ?? '', model: after.firstFailure.name })),
          ...aboutSession(after, tags),
        }
      },
    }
  },
})

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
