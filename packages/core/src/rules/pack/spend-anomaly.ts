import { TocsinError } from '../../model/error.ts'
import { builtIn } from '../built-in.ts'
import { parseMeasure } from '../threshold/measure.ts'
import { spendIntervalMs } from '../spend-anomaly/detector.ts'
import type { Severity } from '../../model/severity.ts'
import { unusualRule, type UnusualSettings } from '../unusual/unusual-rule.ts'

const measureText = 'sum(costUsd)'

/** The whole spend of a project, in tens of minutes, against what it usually is at this time of the day and week. */
export const spendAnomaly = builtIn({
  name: 'spend-anomaly',
  kind: 'cost',
  severity: 'high',
  says: {
    en: 'The spend of the project left the range that is usual for this time of day and week, by `aboveUsd` or more and by `share` of what was expected. Learns for two days; judged every ten minutes; over after half an hour as usual. `tocsin feedback` makes the same alarm quieter.',
    'zh-CN': '项目的支出偏离了一周中此时段的常见范围，偏离达到 `aboveUsd`，且达到预期的 `share`。先学习两天；每十分钟判断一次；恢复正常半小时后解除。`tocsin feedback` 可让同样的告警更少出现。',
  },
  settings: {
    aboveUsd: { byDefault: 1, says: { en: 'how many dollars too much or too little are worth a message', 'zh-CN': '多花或少花多少美元值得告知' } },
    share: { byDefault: 0.3, says: { en: 'the same as a share of what was expected', 'zh-CN': '同上，按预期的比例' } },
  },
  create: ({ severity = 'high', aboveUsd, share }) => unusualRule(spendAnomalySettings({ severity, aboveUsd, share })),
})

export function spendAnomalySettings({ severity, aboveUsd, share }: { readonly severity: Severity; readonly aboveUsd: number; readonly share: number }): UnusualSettings {
  const parsed = parseMeasure(measureText)
  if (!parsed.ok) throw new TocsinError('config-invalid', parsed.problem)
  return {
    name: 'spend-anomaly', on: 'llm.call', alsoOn: ['llm.usage'], test: undefined, measure: parsed.measure, measureText, everyMs: spendIntervalMs, groupBy: [], groupsMax: 1,
    kind: 'cost', severity, impactLeast: aboveUsd, impactShareLeast: share,
  }
}
