import { aboutEvent, eventParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { groupKey } from '../group-key.ts'
import { quietMs, type EventRule } from '../rule.ts'
import { isTripped } from '../walk/take-step.ts'

/** A guardrail stopped an agent: a step, or an event of one's own, whose `detail.triggered` is `true`. */
export const guardrailTripped = builtIn({
  name: 'guardrail-tripped',
  kind: 'session',
  severity: 'warning',
  says: {
    en: 'A guardrail stopped an agent: of the OpenAI Agents SDK, or an `agent.step` or `custom` event with `detail.triggered: "true"`. Over when it stopped none for ten minutes.',
    'zh-CN': '护栏拦下了智能体：来自 OpenAI Agents SDK，或带 `detail.triggered: "true"` 的 `agent.step` 或 `custom` 事件。十分钟内未再拦截则解除。',
  },
  create({ severity = 'warning' }): EventRule {
    return {
      name: 'guardrail-tripped',
      looksAt: 'events',
      on: ['agent.step', 'custom'],
      find(event) {
        if (!isTripped(event)) return undefined
        const guardrail = event.name ?? event.detail?.['guardrail'] ?? ''
        return {
          rule: 'guardrail-tripped',
          key: groupKey([event.agent ?? '', guardrail]),
          kind: 'session',
          severity,
          message: 'guardrail.tripped',
          params: {
            ...eventParams(event),
            ...(guardrail !== '' && { guardrail }),
            ...(event.environment !== undefined && { environment: event.environment }),
            ...(event.excerpt !== undefined && { excerpt: event.excerpt }),
          },
          ends: 'quiet',
          quietMs,
          evidence: { event: event.id },
          ...aboutEvent(event),
        }
      },
    }
  },
})
