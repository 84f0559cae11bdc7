import { aboutEvent, eventParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { groupKey } from '../group-key.ts'
import { quietMs, type EventRule } from '../rule.ts'

/** A tool call failed. One alert for each agent and tool; calls the agent itself gave up are no failure. */
export const toolFailed = builtIn({
  name: 'tool-failed',
  kind: 'tool',
  severity: 'warning',
  says: {
    en: 'A tool call failed; one alert for each agent and tool. Over when none failed so for ten minutes, which is not told; `tool-failing` and `session-failed` tell what came of it.',
    'zh-CN': '一次工具调用失败；每个智能体和工具一条告警。十分钟内未再如此失败则解除，解除时不告知；后果由 `tool-failing` 和 `session-failed` 告知。',
  },
  create({ severity = 'warning' }): EventRule {
    return {
      name: 'tool-failed',
      looksAt: 'events',
      on: ['tool.call'],
      find(event) {
        if (event.tool === undefined || event.status !== 'error') return undefined
        const { error } = event
        const errorClass = error?.class ?? 'other'
        if (errorClass === 'cancelled') return undefined
        return {
          rule: 'tool-failed',
          key: groupKey([event.agent ?? '', event.tool.name]),
          kind: 'tool',
          severity,
          message: 'tool.failed',
          params: {
            ...eventParams(event),
            tool: event.tool.name,
            errorClass,
            ...(event.environment !== undefined && { environment: event.environment }),
            ...(error?.statusCode !== undefined && { statusCode: error.statusCode }),
            ...(error !== undefined && error.message !== '' && { errorMessage: error.message }),
          },
          ends: 'told',
          quietMs,
          evidence: { event: event.id, errorClass, ...(error?.code !== undefined && { code: error.code }) },
          ...aboutEvent(event),
        }
      },
    }
  },
})
