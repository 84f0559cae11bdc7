import { builtIn } from '../built-in.ts'
import { callFinding } from '../call-finding.ts'
import type { EventRule } from '../rule.ts'

/** The program asked for JSON, or the model for a tool, and what came cannot be read. */
export const modelMalformed = builtIn({
  name: 'model-malformed',
  kind: 'model',
  severity: 'warning',
  says: {
    en: 'The arguments of a tool call, or an answer that was to be JSON, cannot be read. Over when that did not happen for ten minutes.',
    'zh-CN': '工具调用的参数，或应为 JSON 的回答，无法解析。十分钟内未再发生则解除。',
  },
  create({ severity = 'warning' }): EventRule {
    return {
      name: 'model-malformed',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        const { llm } = event
        if (llm?.flaw !== 'malformed-json' && llm?.flaw !== 'malformed-tool-call') return undefined
        const form = llm.flaw === 'malformed-json' ? 'answer' : 'call'
        return callFinding(event, llm, { rule: 'model-malformed', severity, message: 'model.malformed', params: { form }, evidence: { flaw: llm.flaw } })
      },
    }
  },
})
