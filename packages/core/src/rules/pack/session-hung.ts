import type { RuleKey } from '../../model/rule-state.ts'
import type { Timer } from '../../model/store.ts'
import { builtIn } from '../built-in.ts'
import { ruleTimer, type BatchRule, type ProjectFinding } from '../rule.ts'
import { runningFinding } from '../running-finding.ts'
import { readWalk } from '../walk/walk-text.ts'

const rule = 'session-hung'

/**
 * A session that somebody started, and from which nothing comes any more: it waits for something that does not come, or goes round in
 * its own code. One timer for each session, put when it starts and put off by what is heard of it only when it is due.
 */
export const sessionHung = builtIn({
  name: rule,
  kind: 'session',
  severity: 'warning',
  says: {
    en: 'Nothing came from a running session for `after`, and it does not wait for an approval. Over when something comes, or it ends. Needs a session that says when it starts.',
    'zh-CN': '运行中的会话超过 `after` 没有任何动静，且不在等待审批。有动静或结束后解除。会话须上报开始。',
  },
  settings: { after: { byDefault: 1_500_000, says: { en: 'how long a session may be silent; shorter than `sessions.idle`, after which it counts as ended. Sessions that wait for a person for longer are better off without this rule', 'zh-CN': '会话最多可以多久没有动静；须短于 `sessions.idle`，超过后者即视为结束。若会话会更久地等待人工，最好关闭此规则' } } },
  create({ severity = 'warning', after: afterMs }): BatchRule {
    return {
      name: rule,
      looksAt: 'batches',
      on: ['session.start', 'session.end', 'llm.call', 'llm.usage', 'tool.call', 'agent.step', 'approval.request', 'custom'],
      book(nowMs) {
        return {
          add() {},
          async apply(tx, sessions) {
            const begun: Timer[] = []
            const over: RuleKey[] = []
            const ended: Timer[] = []
            for (const { change: { before, after } } of sessions) {
              const key = { project: after.project, rule, key: after.sessionId }
              const runs = after.state === 'running' && after.startedAtMs !== undefined
              const ran = before?.state === 'running' && before.startedAtMs !== undefined
              if (runs && !ran) begun.push(ruleTimer(key, nowMs + afterMs))
              if (!runs && ran) ended.push(ruleTimer(key, 0))
              // Only one that was silent for so long can have been told of. By our clock: what was held up comes in small steps of its own time.
              if (before !== undefined && Math.max(nowMs, after.lastAtMs) - before.lastAtMs >= afterMs / 2) over.push(key)
            }
            if (ended.length > 0) await tx.removeTimers(ended)
            if (begun.length > 0) await tx.putTimers(begun)
            return { findings: [], over }
          },
        }
      },
      async due(tx, timers, nowMs) {
        const findings: ProjectFinding[] = []
        const again: Timer[] = []
        const sessions = await tx.sessions(timers.map(({ project, key }) => ({ project, sessionId: key })))
        for (const session of sessions) {
          if (session?.state !== 'running') continue
          const silentMs = nowMs - session.lastAtMs
          // What waits for a person is told by `approval-waiting`, and does not hang.
          const hangs = silentMs >= afterMs && readWalk(session.walk).approvals.length === 0
          if (hangs) findings.push(runningFinding(session, { rule, severity, message: 'session.hung', params: { silentMs }, nowMs }))
          // Watched on: what is heard of it and stops again is told again.
          again.push(ruleTimer({ project: session.project, rule, key: session.sessionId }, (silentMs >= afterMs ? nowMs : session.lastAtMs) + afterMs))
        }
        if (again.length > 0) await tx.putTimers(again)
        return { findings, over: [] }
      },
    }
  },
})
