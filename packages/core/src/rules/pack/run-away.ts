import type { MessageParams } from '../../model/message.ts'
import type { Session } from '../../model/session.ts'
import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { passedDoubling } from '../doubled.ts'
import { quietMs, type SessionContext, type SessionRule } from '../rule.ts'
import { readWalk } from '../walk/walk-text.ts'
import type { Walk } from '../walk/walk.ts'
import { spentParams } from './session-spent.ts'

/** Calls of two equal tool calls in turn that are no coincidence. */
const turnsMax = 10
/** Agents and operations inside each other. */
const depthMax = 20

/** A session does not come to an end: too many calls, two calls in turn, or agents that start agents that start agents. */
export const runAway = builtIn({
  name: 'run-away',
  kind: 'session',
  severity: 'high',
  says: {
    en: 'A session made `count` calls without ending, or the same two tool calls in turn ten times, or its agents are more than 20 deep inside each other; told again at twice as much. Its end is not told.',
    'zh-CN': '会话进行了 `count` 次调用仍未结束，或同样的两个工具调用轮流出现十次，或智能体嵌套超过 20 层；翻倍时再告知一次。结束时不告知。',
  },
  settings: { count: { byDefault: 200, says: { en: 'how many model and tool calls a session may make', 'zh-CN': '一个会话最多可以进行多少次模型和工具调用' } } },
  create({ severity = 'high', count }): SessionRule {
    return {
      name: 'run-away',
      looksAt: 'sessions',
      find({ before, after }, { tags, walk }) {
        if (walk === undefined && after.calls < count) return undefined
        const now = walk?.after ?? readWalk(after.walk)
        const sign = turnsSign(walk) ?? depthSign(walk) ?? callsSign(before, after, now, count)
        if (sign === undefined) return undefined
        const sinceMs = now.base?.atMs ?? after.startedAtMs ?? after.firstAtMs
        return {
          rule: 'run-away',
          key: after.sessionId,
          kind: 'session',
          severity,
          message: 'session.run-away',
          params: { ...sessionParams(after), startedAt: sinceMs, at: after.lastAtMs, durationMs: Math.max(0, after.lastAtMs - sinceMs), ...spentParams(after, now), ...sign },
          ends: 'told',
          quietMs,
          evidence: { session: after.sessionId, calls: after.calls, count, ...(now.most.turns !== undefined && { turns: now.most.turns.times }), ...(now.depth !== undefined && { depth: now.depth }) },
          ...aboutSession(after, tags),
        }
      },
    }
  },
})

function turnsSign(walk: SessionContext['walk']): MessageParams | undefined {
  const turns = walk?.after.most.turns
  if (walk === undefined || turns === undefined || turns.times < turnsMax || !passedDoubling(walk.before().most.turns?.times ?? 0, turns.times, turnsMax)) return undefined
  return { turnTools: turns.names.join(', '), turnTimes: turns.times }
}

function depthSign(walk: SessionContext['walk']): MessageParams | undefined {
  const depth = walk?.after.depth ?? 0
  return walk === undefined || depth <= depthMax || !passedDoubling(walk.before().depth ?? 0, depth, depthMax + 1) ? undefined : { depth, depthMax }
}

function callsSign(before: Session | undefined, after: Session, { base }: Walk, count: number): MessageParams | undefined {
  const since = base?.calls ?? 0
  return passedDoubling(Math.max(0, (before?.calls ?? 0) - since), after.calls - since, count) ? { callsMax: count } : undefined
}
