import { nanoFromUsd } from '../../model/money.ts'
import { aboutEvent, eventParams } from '../about.ts'
import { groupKey } from '../group-key.ts'
import { callParams } from './model-recorded.ts'
import { quietMs } from '../rule.ts'
import { builtIn } from '../built-in.ts'
import type { EventRule } from '../rule.ts'

/** One call cost more than a limit. Its end is not told: a call that was paid stays paid. */
export const modelExpensive = builtIn({
  name: 'model-expensive',
  kind: 'cost',
  severity: 'high',
  says: {
    en: 'One call cost more than `aboveUsd`.',
    'zh-CN': '单次调用的费用超过 `aboveUsd`。',
  },
  settings: { aboveUsd: { byDefault: 1, says: { en: 'the price of a call above which it is told', 'zh-CN': '单次调用费用超过多少时告知' } } },
  create({ severity = 'high', aboveUsd: limitUsd }): EventRule {
    const limitNanoUsd = nanoFromUsd(limitUsd)
    return {
      name: 'model-expensive',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        const costNanoUsd = event.llm?.costNanoUsd
        if (event.llm === undefined || costNanoUsd === undefined || costNanoUsd <= limitNanoUsd) return undefined
        return {
          rule: 'model-expensive',
          key: groupKey([event.agent ?? '', event.llm.model]),
          kind: 'cost',
          severity,
          message: 'model.expensive',
          params: { ...eventParams(event), ...callParams(event, event.llm), limitUsd },
          ends: 'told',
          quietMs,
          evidence: { event: event.id, costNanoUsd, limitNanoUsd },
          ...aboutEvent(event),
        }
      },
    }
  },
})
