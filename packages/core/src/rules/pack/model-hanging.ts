import type { Event } from '../../model/event.ts'
import { pendingDetail } from '../../model/event.ts'
import type { RuleKey } from '../../model/rule-state.ts'
import { builtIn } from '../built-in.ts'
import { callFinding } from '../call-finding.ts'
import type { BatchRule, ProjectFinding } from '../rule.ts'

const name = 'model-hanging'

/**
 * A call that has not come back. Clients that are watched say so themselves (`llm.pending`), so this rule waits for nothing: it
 * fires when one says that it has waited for `after`, and is over when that very call comes back, however it ends.
 */
export const modelHanging = builtIn({
  name,
  kind: 'model',
  severity: 'high',
  says: {
    en: 'A model call has not come back for `after`, and nothing of a streamed answer either; seen every 10 s from 30 s on. Over when it comes back. Needs a client that Tocsin watches: telemetry tells of a call only when it has ended.',
    'zh-CN': '模型调用超过 `after` 没有返回，流式回答也没有任何输出；30 秒后每 10 秒检查一次。返回后解除。需要由 Tocsin 观测的客户端：遥测只在调用结束后才会上报。',
  },
  settings: { after: { byDefault: 60_000, says: { en: 'how long a call may be silent; 30 s at least', 'zh-CN': '调用最多可以多久没有动静；至少 30 秒' } } },
  create({ severity = 'high', after: limitMs }): BatchRule {
    return {
      name,
      looksAt: 'batches',
      on: ['llm.pending', 'llm.call'],
      book() {
        const findings = new Map<string, ProjectFinding>()
        const over: RuleKey[] = []
        return {
          add(event) {
            const key = event.detail?.[pendingDetail]
            if (key === undefined || event.llm === undefined) return
            if (event.type === 'llm.call') over.push({ project: event.project, rule: name, key })
            else if (event.durationMs >= limitMs) findings.set(`${event.project}|${key}`, findingOf(event, event.llm, key))
          },
          apply: async () => {
            // Back in the same batch: it hangs no more.
            for (const { project, key } of over) findings.delete(`${project}|${key}`)
            return { findings: [...findings.values()], over }
          },
        }
      },
    }

    function findingOf(event: Event, llm: NonNullable<Event['llm']>, key: string): ProjectFinding {
      const { durationMs } = event
      const found = callFinding(event, llm, { rule: name, severity, message: 'model.hanging', params: { durationMs, limitMs }, evidence: { durationMs, limitMs } })
      return { ...found, project: event.project, key, ends: 'known', quietMs: 0 }
    }
  },
})
