import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { passedDoubling } from '../doubled.ts'
import { quietMs, type SessionRule } from '../rule.ts'
import { spentParams } from './session-spent.ts'

/** Two agents hand over to each other and neither does the work. */
export const pingPong = builtIn({
  name: 'ping-pong',
  kind: 'session',
  severity: 'high',
  says: {
    en: 'Two agents of a session handed over to each other `count` times, back and forth; told again at twice as many. Its end is not told.',
    'zh-CN': '会话中的两个智能体来回移交达 `count` 次；次数翻倍时再告知一次。结束时不告知。',
  },
  settings: { count: { byDefault: 6, says: { en: 'how many hand-offs back and forth', 'zh-CN': '来回移交多少次' } } },
  create({ severity = 'high', count }): SessionRule {
    return {
      name: 'ping-pong',
      looksAt: 'sessions',
      find({ after }, { tags, walk }) {
        const relay = walk?.after.most.relay
        if (walk === undefined || relay === undefined || relay.times < count) return undefined
        if (!passedDoubling(walk.before().most.relay?.times ?? 0, relay.times, count)) return undefined
        return {
          rule: 'ping-pong',
          key: after.sessionId,
          kind: 'session',
          severity,
          message: 'session.ping-pong',
          params: { ...sessionParams(after), at: after.lastAtMs, relayAgents: relay.names.join(', '), relayTimes: relay.times, ...spentParams(after, walk.after) },
          ends: 'told',
          quietMs,
          evidence: { session: after.sessionId, event: relay.eventId, times: relay.times, count },
          ...aboutSession(after, tags),
        }
      },
    }
  },
})
