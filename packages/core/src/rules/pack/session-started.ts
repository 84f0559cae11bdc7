import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import type { SessionRule } from '../rule.ts'

/** A commit is known by its first characters; the whole name stays with the event. */
const commitChars = 10

/** A session began: who, where, and on what Node, commit and host it runs. */
export const sessionStarted = builtIn({
  name: 'session-started',
  kind: 'session',
  severity: 'info',
  says: {
    en: 'A session began.',
    'zh-CN': '会话开始。',
  },
  create({ severity = 'info' }): SessionRule {
    return {
      name: 'session-started',
      looksAt: 'sessions',
      find({ before, after }, { startEvent, tags }) {
        if (after.startedAtMs === undefined || before?.startedAtMs !== undefined) return undefined
        const detail = startEvent?.detail ?? {}
        const facts = { node: detail['node'], gitCommit: detail['gitCommit']?.slice(0, commitChars), host: detail['host'], packages: detail['packages'] }
        return {
          rule: 'session-started',
          key: after.sessionId,
          kind: 'session',
          severity,
          message: 'session.started',
          params: { ...sessionParams(after), at: after.startedAtMs, ...known(facts) },
          ends: 'at-once',
          quietMs: 0,
          evidence: { session: after.sessionId, startedAtMs: after.startedAtMs },
          ...aboutSession(after, tags),
        }
      },
    }
  },
})

function known<Name extends string>(facts: Readonly<Record<Name, string | undefined>>): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {}
  for (const name in facts) if (facts[name] !== undefined) found[name] = facts[name]
  return found
}
