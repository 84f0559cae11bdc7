import type { RuleKey } from '../../model/rule-state.ts'
import { usdFromNano } from '../../model/money.ts'
import type { Session } from '../../model/session.ts'
import type { Severity } from '../../model/severity.ts'
import type { Transaction } from '../../model/store.ts'
import { aboutSession, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { beatKey, lostRule, processName, runsKey, sessionsOf, signEveryMs } from '../process-signs.ts'
import { ruleTimer, type BatchRule, type ProjectFinding } from '../rule.ts'

/**
 * The process of a session is gone without having ended it.
 *
 * Every engine in an agent's process signs that it lives, in the store that it shares with the others of its host. A session that
 * starts there is noted under its process, and taken off the note when it ends. Whoever comes first after `after` without a sign,
 * another process or the next start, finds what is left on the note. What was started by telemetry alone has no process and is
 * never lost: it ends by silence.
 */
export const sessionLost = builtIn({
  name: lostRule,
  kind: 'session',
  severity: 'high',
  says: {
    en: 'The process of a running session died: it gave no sign of life for `after`. Seen by another process of the same host, or at the next start. Needs Tocsin inside the agent.',
    'zh-CN': '运行中的会话所在进程已终止：超过 `after` 没有存活信号。由同一主机上的其他进程发现，或在下次启动时发现。需要在智能体中运行 Tocsin。',
  },
  settings: { after: { byDefault: 60_000, says: { en: 'how long a process may be without a sign; it signs three times as often, every 20 s at most', 'zh-CN': '进程最多可以多久没有信号；信号的间隔为它的三分之一，最长 20 秒' } } },
  create({ severity = 'high', after: afterMs }): BatchRule {
    return {
      name: lostRule,
      looksAt: 'batches',
      on: ['session.start', 'session.end'],
      book(nowMs) {
        const begun = new Map<string, { readonly of: RuleKey; readonly process: string }>()
        const ended = new Map<string, { readonly project: string; readonly sessionId: string }>()
        return {
          add({ type, project, sessionId, detail }) {
            if (sessionId === undefined) return
            const id = `${project}|${sessionId}`
            if (type === 'session.end') {
              // Began and ended in one batch: never noted.
              if (!begun.delete(id)) ended.set(id, { project, sessionId })
              return
            }
            const { host, process } = detail ?? {}
            if (host === undefined || process === undefined) return
            const name = processName(host, process)
            begun.set(id, { of: { project, rule: lostRule, key: runsKey(name, sessionId) }, process: name })
          },
          async apply(tx) {
            const over = await notedAs(tx, [...ended.values()])
            if (over.length > 0) await tx.removeRuleStates(over)
            const notes = [...begun.values()]
            if (notes.length > 0) {
              await tx.putRuleStates(notes.flatMap(({ of, process }) => [
                { ...of, value: '', atMs: nowMs },
                // By the session alone: its end does not say in which process it ran.
                { ...of, key: whereKey(of.key.slice(runsKey(process, '').length)), value: process, atMs: nowMs },
              ]))
              const processes = new Map(notes.map(({ of, process }) => [`${of.project}|${process}`, ruleTimer({ ...of, key: process }, nowMs + afterMs)]))
              await tx.putTimers([...processes.values()])
            }
            return { findings: [], over: [] }
          },
        }
      },
      async due(tx, timers, nowMs) {
        const findings: ProjectFinding[] = []
        for (const { project, key: process } of timers) {
          const beat = { project, rule: lostRule, key: beatKey(process) }
          const [signed] = await tx.ruleStates([beat])
          const sessionIds = await sessionsOf(tx, project, process)
          if (sessionIds.length === 0) continue
          const isSuspect = signed?.endsWith(suspectMark) === true
          const signedMs = Number(isSuspect ? signed?.slice(0, -suspectMark.length) : signed)
          if (signed !== undefined && nowMs - signedMs < afterMs) {
            await tx.putTimers([ruleTimer({ project, rule: lostRule, key: process }, signedMs + afterMs)])
            continue
          }
          if (signed !== undefined && !isSuspect && signedMs > 0) {
            // A machine that slept looks before it signs: once more, when whoever lives has signed.
            await tx.putRuleStates([{ ...beat, value: `${signed}${suspectMark}`, atMs: nowMs }])
            await tx.putTimers([ruleTimer({ project, rule: lostRule, key: process }, nowMs + signEveryMs(afterMs))])
            continue
          }
          // Never signed: whoever reported it has no engine of ours, and its silence says nothing.
          const sessions = signed === undefined ? [] : await tx.sessions(sessionIds.map((sessionId) => ({ project, sessionId })))
          for (const session of sessions) if (session?.state === 'running') findings.push(findingOf(session, process, severity))
          await tx.removeRuleStates([beat, ...sessionIds.flatMap((sessionId) => [{ ...beat, key: runsKey(process, sessionId) }, { ...beat, key: whereKey(sessionId) }])])
        }
        return { findings, over: [] }
      },
    }
  },
})

/** Behind the time of the last sign: it was looked at once, and it was too old. */
const suspectMark = '?'

function whereKey(sessionId: string): string {
  return `where|${sessionId}`
}

/** The notes about sessions that ended, of those that have any. */
async function notedAs(tx: Transaction, ended: readonly { readonly project: string; readonly sessionId: string }[]): Promise<readonly RuleKey[]> {
  if (ended.length === 0) return []
  const where = ended.map(({ project, sessionId }) => ({ project, rule: lostRule, key: whereKey(sessionId) }))
  const processes = await tx.ruleStates(where)
  return ended.flatMap(({ project, sessionId }, index) => {
    const process = processes[index]
    return process === undefined ? [] : [{ project, rule: lostRule, key: whereKey(sessionId) }, { project, rule: lostRule, key: runsKey(process, sessionId) }]
  })
}

function findingOf(session: Session, process: string, severity: Severity): ProjectFinding {
  return {
    project: session.project,
    rule: lostRule,
    key: session.sessionId,
    kind: 'session',
    severity,
    message: 'session.lost',
    params: {
      ...sessionParams(session),
      host: process.split(':', 1)[0] ?? '',
      startedAt: session.startedAtMs ?? session.firstAtMs,
      at: session.lastAtMs,
      calls: session.calls,
      errors: session.errors,
      costUsd: usdFromNano(session.costNanoUsd),
      unpriced: session.unpriced,
    },
    ends: 'at-once',
    quietMs: 0,
    evidence: { session: session.sessionId, process, lastAtMs: session.lastAtMs },
    ...aboutSession(session, undefined),
  }
}
