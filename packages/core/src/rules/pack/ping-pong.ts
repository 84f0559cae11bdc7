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
  says: 'Two agents of a session handed over to each other `count` times, back and forth; told again at twice as many. Its end is not told.',
  settings: { count: { byDefault: 6, says: 'how many hand-offs back and forth' } },
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
