import { sharedCause } from '../../model/cause.ts'
import type { Session } from '../../model/session.ts'
import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { causeEvidence, causeOf, causeParams } from '../failure-cause.ts'
import type { SessionRule } from '../rule.ts'
import { readWalk } from '../walk/walk-text.ts'
import type { Walk } from '../walk/walk.ts'
import { endParams } from './session-ended.ts'

/** A session failed: its reason, and its cause: the first failing call that was not made good, how far it spread, and what it repeated. */
export const sessionFailed = builtIn({
  name: 'session-failed',
  kind: 'session',
  severity: 'high',
  says: {
    en: 'A session failed: its reason, the first failing call that was not made good, how far that spread, and what was repeated.',
    'zh-CN': '会话失败：说明原因、第一个未能补救的失败调用、影响的范围，以及重复了什么。',
  },
  create({ severity = 'high' }): SessionRule {
    return {
      name: 'session-failed',
      looksAt: 'sessions',
      find({ before, after }, { tags, walk }) {
        if (after.state !== 'fail' || before?.state === 'fail') return undefined
        const steps = walk?.after ?? stepsOf(after)
        const cause = causeOf(steps, after.endReason)
        const failed = cause.cause
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
            ...causeParams(cause, steps),
          },
          ends: 'at-once',
          quietMs: 0,
          evidence: {
            session: after.sessionId,
            calls: after.calls,
            errors: after.errors,
            costNanoUsd: after.costNanoUsd,
            ...causeEvidence(cause),
          },
          ...(failed !== undefined && sharedCause({ ...failed, model: failed.name })),
          ...aboutSession(after, tags),
        }
      },
    }
  },
})

/** What is known of its steps; of a session from before steps were kept, the call that failed first. */
function stepsOf({ walk, firstFailure }: Session): Walk {
  const steps = readWalk(walk)
  if (walk === undefined && firstFailure !== undefined) steps.open.push({ ...firstFailure, times: 1, lastAtMs: firstFailure.atMs, agents: [] })
  return steps
}
