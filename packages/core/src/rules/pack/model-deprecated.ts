import { builtIn } from '../built-in.ts'
import { callFinding } from '../call-finding.ts'
import { createDeprecations } from '../pricing.ts'
import type { EventRule } from '../rule.ts'

/** A day: it is no news that it is still so, and the list changes with releases of this product only. */
const dayMs = 86_400_000

/** The list of prices knows which models their makers have given up; whoever still calls one should hear of it before it stops. */
export const modelDeprecated = builtIn({
  name: 'model-deprecated',
  kind: 'model',
  severity: 'info',
  says: {
    en: 'A model was called that its maker has marked as deprecated. Told once while it is in use; over after a day without a call.',
    'zh-CN': '所调用的模型已被厂商标为弃用。使用期间告知一次；一天没有调用则解除。',
  },
  create({ severity = 'info' }): EventRule {
    const isDeprecated = createDeprecations()
    return {
      name: 'model-deprecated',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        const { llm } = event
        if (llm === undefined || event.status === 'error' || !isDeprecated(llm.provider, llm.model)) return undefined
        return { ...callFinding(event, llm, { rule: 'model-deprecated', severity, message: 'model.deprecated', ends: 'told' }), quietMs: dayMs }
      },
    }
  },
})
