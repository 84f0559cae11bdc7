import { builtInSettingNames, type BuiltInRuleConfig, type Config } from '../model/config.ts'
import { TocsinError } from '../model/error.ts'
import type { BuiltInRule } from './built-in.ts'
import { nearest } from './condition.ts'
import { custom, lasting } from './custom.ts'
import { matchRule } from './match-rule.ts'
import { ownEventRule } from './own-events.ts'
import { pack } from './pack.ts'
import type { BatchRule, Rule } from './rule.ts'
import { anomalyRule } from './anomaly-rule.ts'
import { absenceRule } from './absence/absence-rule.ts'
import { thresholdRule } from './threshold/threshold-rule.ts'

/** Names that may be switched off, or given settings, under `rules:`. */
export const builtInRuleNames: readonly string[] = pack.map(({ name }) => name)

/** All rules that are on: see {@link rulesOnAndOff}. */
export function rulesOf(config: Config): readonly Rule[] {
  return rulesOnAndOff(config).on
}

/**
 * All rules that are on, and those of one's own that are switched off: they are looked at as well, so that what is wrong with them is said
 * before somebody switches them on. A rule from the configuration with the name of a built-in one takes its place.
 *
 * @throws TocsinError `config-invalid` where a rule is wrong, or settings are for a rule that does not exist or does not take them
 */
export function rulesOnAndOff(config: Config): { readonly on: readonly Rule[]; readonly off: readonly BatchRule[] } {
  const on: Rule[] = [custom(), lasting(), ownEventRule()]
  const off: BatchRule[] = []
  for (const one of pack) {
    const settings = config.rules[one.name]
    if (settings === false || isOwnRule(settings)) continue
    if (settings?.on !== true && one.isOff === true) continue
    on.push(one.make(checked(one, settings ?? {}), config))
  }
  for (const [name, settings] of Object.entries(config.rules)) {
    if (isOwnRule(settings)) (settings.enabled ? on : off).push(ownRule(name, settings))
    else if (!builtInRuleNames.includes(name)) throw unknownRule(name)
  }
  return { on, off }
}

type RuleSettings = Config['rules'][string]

function isOwnRule(settings: RuleSettings | undefined): settings is Extract<RuleSettings, { readonly on: string }> {
  return typeof settings === 'object' && typeof settings.on === 'string'
}

/** What a rule of one's own is, its settings say: one with `measure` watches a threshold, one with `absent` a silence, one with `anomaly` what is unusual. */
function ownRule(name: string, settings: Extract<RuleSettings, { readonly on: string }>): BatchRule {
  if ('measure' in settings) return thresholdRule(name, settings)
  if ('anomaly' in settings) return anomalyRule(name, settings)
  return 'absent' in settings ? absenceRule(name, settings) : matchRule(name, settings)
}

/** A setting that this rule does not take would change nothing: said, not passed over. */
function checked(rule: BuiltInRule, settings: BuiltInRuleConfig): BuiltInRuleConfig {
  const taken = Object.keys(rule.settings)
  for (const name of builtInSettingNames) {
    if (settings[name] === undefined || taken.includes(name)) continue
    const list = ['severity', 'runbook', 'owner', ...taken].join(', ')
    throw new TocsinError('config-invalid', `rules.${rule.name}.${name}: this rule does not take it; it takes ${list}`)
  }
  return settings
}

function unknownRule(name: string): TocsinError {
  const near = nearest(name, builtInRuleNames)
  const hint = near === undefined ? `the built-in rules are ${builtInRuleNames.join(', ')}` : `did you mean "${near}"?`
  return new TocsinError('config-invalid', `rules.${name}: expected "on", or the name of a built-in rule; ${hint}`)
}
