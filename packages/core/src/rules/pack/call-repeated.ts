import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { passedDoubling } from '../doubled.ts'
import { groupKey } from '../group-key.ts'
import { quietMs, type SessionRule } from '../rule.ts'
import { spentParams } from './session-spent.ts'

/** An agent makes the same tool call over and over: it has not understood the answer, or gets none. */
export const callRepeated = builtIn({
  name: 'call-repeated',
  kind: 'tool',
  severity: 'warning',
  says: {
    en: 'A session made the same tool call with the same arguments `count` times in a row; told again at twice as many. Its end is not told.',
    'zh-CN': '会话连续 `count` 次以相同参数调用同一工具；次数翻倍时再告知一次。结束时不告知。',
  },
  settings: { count: { byDefault: 5, says: { en: 'how many equal calls in a row', 'zh-CN': '连续多少次相同的调用' } } },
  create({ severity = 'warning', count }): SessionRule {
    return {
      name: 'call-repeated',
      looksAt: 'sessions',
      find({ after }, { tags, walk }) {
        const run = walk?.after.most.run
        if (walk === undefined || run === undefined || run.times < count) return undefined
        if (!passedDoubling(walk.before().most.run?.times ?? 0, run.times, count)) return undefined
        const [tool = ''] = run.names
        return {
          rule: 'call-repeated',
          key: groupKey([after.sessionId, tool]),
          kind: 'tool',
          severity,
          message: 'tool.repeated',
          params: { ...sessionParams(after), at: after.lastAtMs, tool, repeatedTimes: run.times, ...spentParams(after, walk.after) },
          ends: 'told',
          quietMs,
          evidence: { session: after.sessionId, event: run.eventId, times: run.times, count },
          ...aboutSession(after, tags),
        }
      },
    }
  },
})
