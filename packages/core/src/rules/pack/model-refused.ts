import { builtIn } from '../built-in.ts'
import { callFinding } from '../call-finding.ts'
import type { EventRule } from '../rule.ts'

/** The model refused, or a filter stopped its answer, and the provider says so; a refusal in plain words is not guessed at. */
export const modelRefused = builtIn({
  name: 'model-refused',
  kind: 'model',
  severity: 'warning',
  says: {
    en: 'A model refused to answer, or its answer was filtered, as marked by the provider. Over when that did not happen for ten minutes.',
    'zh-CN': '提供商标明模型拒绝回答，或回答被过滤。十分钟内未再发生则解除。',
  },
  create({ severity = 'warning' }): EventRule {
    return {
      name: 'model-refused',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        const { llm } = event
        if (llm === undefined || event.status === 'error' || (llm.finishReason !== 'content-filter' && llm.flaw !== 'refusal')) return undefined
        return callFinding(event, llm, { rule: 'model-refused', severity, message: 'model.refused', evidence: { finishReason: llm.finishReason ?? 'refusal' } })
      },
    }
  },
})
