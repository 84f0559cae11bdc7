import { builtIn } from '../built-in.ts'
import { callFinding } from '../call-finding.ts'
import type { EventRule } from '../rule.ts'

/** One answer that says the same over and over: it costs its largest length and helps nobody. */
export const modelRepeating = builtIn({
  name: 'model-repeating',
  kind: 'model',
  severity: 'warning',
  says: {
    en: 'An answer goes in circles: it ends in the same words eight times or more. Over when none did for ten minutes.',
    'zh-CN': '回答陷入循环：结尾处同样的词句重复八次或更多。十分钟内未再发生则解除。',
  },
  create({ severity = 'warning' }): EventRule {
    return {
      name: 'model-repeating',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        const { llm } = event
        if (llm?.flaw !== 'repetition') return undefined
        const { outputTokens } = llm
        return callFinding(event, llm, { rule: 'model-repeating', severity, message: 'model.repeating', params: { ...(outputTokens !== undefined && { outputTokens }) }, evidence: { answerChars: llm.answerChars ?? 0 } })
      },
    }
  },
})
