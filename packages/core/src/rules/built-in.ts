import type { BuiltInRuleConfig, Config } from '../model/config.ts'
import { TocsinError } from '../model/error.ts'
import { nearest } from './condition.ts'
import { custom } from './custom.ts'
import { matchRule } from './match-rule.ts'
import { modelExpensive } from './model-expensive.ts'
import { modelFailed } from './model-failed.ts'
import { modelRecorded } from './model-recorded.ts'
import { ownEventRule } from './own-events.ts'
import type { Rule } from './rule.ts'
import { sessionEnded } from './session-ended.ts'
import { sessionExpensive } from './session-expensive.ts'
import { sessionFailed } from './session-failed.ts'
import { sessionStarted } from './session-started.ts'

/** The rules that come with the product. On unless switched off by name, except those in `offUnlessAsked`. */
const builtIn: Readonly<Record<string, (settings: BuiltInRuleConfig, rules: Config['rules']) => Rule>> = {
  'session-started': sessionStarted,
  'session-ended': (settings, rules) => sessionEnded(settings, { tellsFailed: rules['session-failed'] === false }),
  'session-failed': sessionFailed,
  'session-expensive': sessionExpensive,
  'model-recorded': modelRecorded,
  'model-failed': modelFailed,
  'model-expensive': modelExpensive,
}

const offUnlessAsked: readonly string[] = ['model-recorded']

/** Names that may be switched off, or given settings, under `rules:`. */
export const builtInRuleNames: readonly string[] = Object.keys(builtIn)

/**
 * All rules that are on. A rule from the configuration with the name of a built-in one takes its place.
 *
 * @throws TocsinError `config-invalid` where a rule is wrong, or settings are for a rule that does not exist
 */
export function rulesOf(config: Config): readonly Rule[] {
  const rules: Rule[] = [custom(), ownEventRule()]
  for (const [name, create] of Object.entries(builtIn)) {
    const settings = config.rules[name]
    if (settings === false || isMatchRule(settings)) continue
    if (settings?.on !== true && offUnlessAsked.includes(name)) continue
    rules.push(create(settings ?? {}, config.rules))
  }
  for (const [name, settings] of Object.entries(config.rules)) {
    if (isMatchRule(settings)) rules.push(matchRule(name, settings))
    else if (!Object.hasOwn(builtIn, name)) throw unknownRule(name)
  }
  return rules
}

type RuleSettings = Config['rules'][string]

function isMatchRule(settings: RuleSettings | undefined): settings is Extract<RuleSettings, { readonly on: string }> {
  return typeof settings === 'object' && typeof settings.on === 'string'
}

function unknownRule(name: string): TocsinError {
  const near = nearest(name, builtInRuleNames)
  const hint = near === undefined ? `the built-in rules are ${builtInRuleNames.join(', ')}` : `did you mean "${near}"?`
  return new TocsinError('config-invalid', `rules.${name}: expected "on", or the name of a built-in rule; ${hint}`)
}
