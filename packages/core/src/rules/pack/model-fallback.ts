import { builtIn } from '../built-in.ts'
import { callFinding } from '../call-finding.ts'
import { isSameModel } from '../model-name.ts'
import type { EventRule } from '../rule.ts'

/** A router or gateway put another model in the place of the one that was asked for. */
export const modelFallback = builtIn({
  name: 'model-fallback',
  kind: 'model',
  severity: 'warning',
  says: {
    en: 'Another model answered than the one that was asked for; versions of the same model are the same, and names of Azure deployments say nothing. Over when the right one answered for ten minutes.',
    'zh-CN': '应答的模型不是所请求的模型；同一模型的不同版本视为相同，Azure 部署的名称不作判断。正确的模型持续应答十分钟则解除。',
  },
  create({ severity = 'warning' }): EventRule {
    return {
      name: 'model-fallback',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        const { llm } = event
        const { requestedModel } = llm ?? {}
        // There one asks for a deployment, whose name is anybody's choice.
        if (llm === undefined || requestedModel === undefined || llm.provider === 'azure' || isSameModel(requestedModel, llm.model)) return undefined
        return callFinding(event, llm, { rule: 'model-fallback', severity, message: 'model.fallback', params: { requestedModel }, evidence: { requestedModel } })
      },
    }
  },
})
