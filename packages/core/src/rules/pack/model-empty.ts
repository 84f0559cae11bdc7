import { builtIn } from '../built-in.ts'
import { callFinding } from '../call-finding.ts'
import type { EventRule } from '../rule.ts'

/** Reasons to end with nothing that other rules tell, or that are the program's own. */
const toldElsewhere: readonly (string | undefined)[] = ['length', 'content-filter', 'tool-calls', 'stopped-reading']

/** An answer without text that asked for no tool: the agent has nothing to go on. */
export const modelEmpty = builtIn({
  name: 'model-empty',
  kind: 'model',
  severity: 'warning',
  says: {
    en: 'A model answered with nothing: no text, and no tool asked for. Over when no answer was empty for ten minutes.',
    'zh-CN': '模型的回答为空：既无文字，也未请求工具。十分钟内没有空回答则解除。',
  },
  create({ severity = 'warning' }): EventRule {
    return {
      name: 'model-empty',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        const { llm } = event
        if (llm === undefined || event.status === 'error' || (llm.operation !== 'chat' && llm.operation !== 'completion')) return undefined
        // Sources that do not see the answer may still count its tokens.
        const isEmpty = llm.answerChars === undefined ? llm.outputTokens === 0 : llm.answerChars === 0
        if (!isEmpty || toldElsewhere.includes(llm.finishReason) || event.detail?.['toolCalls'] !== undefined) return undefined
        const { outputTokens } = llm
        return callFinding(event, llm, {
          rule: 'model-empty', severity, message: 'model.empty',
          params: { ...(outputTokens !== undefined && { outputTokens }) },
          evidence: { ...(llm.finishReason !== undefined && { finishReason: llm.finishReason }) },
        })
      },
    }
  },
})
