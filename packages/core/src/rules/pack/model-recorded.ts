import type { MessageParams } from '../../model/message.ts'
import type { Event, LlmCall } from '../../model/event.ts'
import { usdFromNano } from '../../model/money.ts'
import { aboutEvent, eventParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import type { EventRule } from '../rule.ts'

/** Every model call that succeeded, for those who ask for it. */
export const modelRecorded = builtIn({
  name: 'model-recorded',
  kind: 'model',
  severity: 'info',
  isOff: true,
  says: {
    en: 'A model call succeeded. Off unless asked for with `on: true`.',
    'zh-CN': '一次模型调用成功。默认关闭，用 `on: true` 启用。',
  },
  create({ severity = 'info' }): EventRule {
    return {
      name: 'model-recorded',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        if (event.llm === undefined || event.status === 'error') return undefined
        return {
          rule: 'model-recorded',
          key: event.id,
          kind: 'model',
          severity,
          message: 'model.recorded',
          params: { ...eventParams(event), ...callParams(event, event.llm), durationMs: event.durationMs, costSource: event.llm.costSource ?? 'unknown' },
          ends: 'at-once',
          quietMs: 0,
          evidence: { event: event.id },
          ...aboutEvent(event),
        }
      },
    }
  },
})

/** Which model, how many tokens, what cost. */
export function callParams(event: Event, llm: LlmCall): MessageParams {
  return {
    provider: llm.provider,
    model: llm.model,
    ...(llm.inputTokens !== undefined && { inputTokens: llm.inputTokens }),
    ...(llm.outputTokens !== undefined && { outputTokens: llm.outputTokens }),
    ...(llm.costNanoUsd !== undefined && { costUsd: usdFromNano(llm.costNanoUsd) }),
  }
}
