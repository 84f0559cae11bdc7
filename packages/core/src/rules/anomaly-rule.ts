import type { AnomalyRuleConfig } from '../model/rule-config.ts'
import { TocsinError } from '../model/error.ts'
import { checkGroupNames, ownCondition } from './own-rule.ts'
import type { BatchRule } from './rule.ts'
import { parseMeasure } from './threshold/measure.ts'
import { unusualRule, type UnusualSettings } from './unusual/unusual-rule.ts'

/**
 * A rule from the configuration that learns what is usual of a measure and tells what is not: by `createSpendDetector` where it sums
 * up money in ten minutes, else by `createAnomalyDetector`.
 *
 * @throws TocsinError `config-invalid` where the condition, the measure or a name in `groupBy` is wrong
 */
export function anomalyRule(name: string, settings: AnomalyRuleConfig): BatchRule {
  return unusualRule(unusualSettingsOf(name, settings))
}

/** @throws TocsinError as above */
export function unusualSettingsOf(name: string, settings: AnomalyRuleConfig): UnusualSettings {
  const parsed = parseMeasure(settings.anomaly)
  if (!parsed.ok) throw new TocsinError('config-invalid', `rules.${name}.anomaly: ${parsed.problem}`)
  const { measure } = parsed
  checkGroupNames(name, settings.groupBy)
  return {
    name,
    on: settings.on,
    test: ownCondition(name, settings.when),
    measure,
    measureText: settings.anomaly,
    everyMs: settings.every,
    groupBy: settings.groupBy,
    groupsMax: settings.groupsMax,
    kind: settings.kind ?? (measure.unit === 'usd' ? 'cost' : settings.on === 'llm.call' ? 'model' : settings.on === 'tool.call' ? 'tool' : 'session'),
    severity: settings.severity,
    impactLeast: settings.impact,
    impactShareLeast: settings.impactShare,
  }
}
