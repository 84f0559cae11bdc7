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
  says: 'The spend of the project left the range that is usual for this time of day and week, by `aboveUsd` or more and by `share` of what was expected. Learns for two days; judged every ten minutes; over after half an hour as usual. `tocsin feedback` makes the same alarm quieter.',
  settings: {
    aboveUsd: { byDefault: 1, says: 'how many dollars too much or too little are worth a message' },
    share: { byDefault: 0.3, says: 'the same as a share of what was expected' },
  },
  create: ({ severity = 'high', aboveUsd, share }) => unusualRule(spendAnomalySettings({ severity, aboveUsd, share })),
})

export function spendAnomalySettings({ severity, aboveUsd, share }: { readonly severity: Severity; readonly aboveUsd: number; readonly share: number }): UnusualSettings {
  const parsed = parseMeasure(measureText)
  if (!parsed.ok) throw new TocsinError('config-invalid', parsed.problem)
  return {
    name: 'spend-anomaly', on: 'llm.call', test: undefined, measure: parsed.measure, measureText, everyMs: spendIntervalMs, groupBy: [], groupsMax: 1,
    kind: 'cost', severity, impactLeast: aboveUsd, impactShareLeast: share,
  }
}
