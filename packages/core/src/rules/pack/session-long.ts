import type { RuleKey } from '../../model/rule-state.ts'
import type { Timer } from '../../model/store.ts'
import { builtIn } from '../built-in.ts'
import { ruleTimer, type BatchRule } from '../rule.ts'
import { runningFinding } from '../running-finding.ts'

const rule = 'session-long'

/** A session that somebody started goes on and on. */
export const sessionLong = builtIn({
  name: rule,
  kind: 'session',
  severity: 'warning',
  says: {
    en: 'A session runs for longer than `after`; once a session. Over when it ends. Needs a session that says when it starts.',
    'zh-CN': '会话运行超过 `after`；每个会话一次。结束后解除。会话须上报开始。',
  },
  settings: { after: { byDefault: 7_200_000, says: { en: 'how long a session may run', 'zh-CN': '会话最多可以运行多久' } } },
  create({ severity = 'warning', after: afterMs }): BatchRule {
    return {
      name: rule,
      looksAt: 'batches',
      on: ['session.start', 'session.end'],
      book(nowMs) {
        return {
          add() {},
          async apply(tx, sessions) {
            const begun: Timer[] = []
            const ended: Timer[] = []
            const over: RuleKey[] = []
            for (const { change: { before, after } } of sessions) {
              const key = { project: after.project, rule, key: after.sessionId }
              const startedAtMs = after.startedAtMs ?? Infinity
              if (after.state === 'running' && before?.startedAtMs === undefined && after.startedAtMs !== undefined) begun.push(ruleTimer(key, Math.max(nowMs, startedAtMs + afterMs)))
              if (after.state === 'running' || before?.state !== 'running') continue
              ended.push(ruleTimer(key, 0))
              if (nowMs - startedAtMs >= afterMs) over.push(key)
            }
            if (ended.length > 0) await tx.removeTimers(ended)
            if (begun.length > 0) await tx.putTimers(begun)
            return { findings: [], over }
          },
        }
      },
      async due(tx, timers, nowMs) {
        const sessions = await tx.sessions(timers.map(({ project, key }) => ({ project, sessionId: key })))
        const findings = sessions.flatMap((session) =>
          session?.state === 'running' && session.startedAtMs !== undefined
            ? [runningFinding(session, { rule, severity, message: 'session.long', params: { durationMs: nowMs - session.startedAtMs, limitMs: afterMs }, nowMs })]
            : [])
        return { findings, over: [] }
      },
    }
  },
})
