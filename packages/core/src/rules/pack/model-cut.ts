import { builtIn } from '../built-in.ts'
import { callFinding } from '../call-finding.ts'
import type { EventRule } from '../rule.ts'

/** The answer reached the largest length that was allowed. */
export const modelCut = builtIn({
  name: 'model-cut',
  kind: 'model',
  severity: 'warning',
  says: {
    en: 'An answer was cut off at its largest length. Over when none was cut off for ten minutes.',
    'zh-CN': '回答达到最大长度，被截断。十分钟内未再截断则解除。',
  },
  create({ severity = 'warning' }): EventRule {
    return {
      name: 'model-cut',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        const { llm } = event
        if (llm?.finishReason !== 'length' || event.status === 'error') return undefined
        const { outputTokens } = llm
        return callFinding(event, llm, { rule: 'model-cut', severity, message: 'model.cut', params: { ...(outputTokens !== undefined && { outputTokens }) }, evidence: { finishReason: 'length' } })
      },
    }
  },
})
