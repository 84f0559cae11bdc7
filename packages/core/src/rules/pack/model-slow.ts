import { builtIn } from '../built-in.ts'
import { callFinding } from '../call-finding.ts'
import type { EventRule } from '../rule.ts'

/** A call took long and came back; one that has not come back is told by `model-hanging`. */
export const modelSlow = builtIn({
  name: 'model-slow',
  kind: 'model',
  severity: 'warning',
  says: {
    en: 'A model call took longer than `after`. Over when none was so slow for ten minutes; that is not told.',
    'zh-CN': '模型调用耗时超过 `after`。十分钟内没有这么慢的调用则解除，解除时不告知。',
  },
  settings: { after: { byDefault: 120_000, says: { en: 'how long a call may take', 'zh-CN': '调用最多可以耗时多久' } } },
  create({ severity = 'warning', after: limitMs }): EventRule {
    return {
      name: 'model-slow',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        if (event.llm === undefined || event.status === 'error' || event.durationMs <= limitMs) return undefined
        const { durationMs } = event
        return callFinding(event, event.llm, { rule: 'model-slow', severity, message: 'model.slow', params: { durationMs, limitMs }, evidence: { durationMs, limitMs }, ends: 'told' })
      },
    }
  },
})
