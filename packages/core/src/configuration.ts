import { existsSync } from 'node:fs'
import { faultyTemplates } from './delivery/templates/check.ts'
import { openChannels } from './channels/registry.ts'
import type { Problem } from './config-source.ts'
import { examineConfig, parseConfig, readConfigFile, type ConfigOptions, type Examined } from './load-config.ts'
import type { ChannelType } from './model/channel.ts'
import type { Config, ConfigInput } from './model/config.ts'
import { TocsinError } from './model/error.ts'
import { builtInRuleNames, rulesOf } from './rules/rules-of.ts'
import { problemOfMeasure } from './rules/threshold/measure.ts'
import { compileCondition, problemOfAlertGroupName, problemOfGroupName } from './rules/view.ts'

/** Looked for in the current folder when nothing else is given. */
const defaultConfigFile = 'tocsin.yaml'

/**
 * The configuration that is meant: an object in code, the path of a file, or nothing (then `tocsin.yaml` here, else the
 * defaults), checked against everything the product knows: channels, rules, and the names in conditions.
 *
 * @throws TocsinError `config-invalid` with each problem on its own line
 */
export function configurationFrom(given: ConfigInput | string | undefined, channelTypes: Iterable<ChannelType> = [], env?: ConfigOptions['env'], inCi: ConfigOptions['inCi'] = 'as-written'): Config {
  const options: Omit<ConfigOptions, 'env'> = { ...knowing, channelTypes, inCi }
  if (typeof given === 'string') return readConfigFile(given, env, options)
  if (given === undefined && existsSync(defaultConfigFile)) return readConfigFile(defaultConfigFile, env, options)
  return parseConfig(given ?? {}, { ...options, ...(env === undefined ? {} : { env }) })
}

/**
 * A configuration that was put together of several parts: checked like one of a file, and beyond that whether its rules and channels
 * can be made of it.
 *
 * @param folder where the files of templates are
 * @returns the configuration, or each place that does not fit
 */
export function examineConfiguration(given: unknown, { env, folder }: { readonly env: NonNullable<ConfigOptions['env']>; readonly folder: string }): Examined {
  const examined = examineConfig(given, { ...knowing, env, folder })
  if ('problems' in examined) return examined
  try {
    rulesOf(examined.config)
    for (const { channel } of openChannels(examined.config.channels).values()) void channel.close?.()
    return examined
  } catch (refused) {
    if (!(refused instanceof TocsinError)) throw refused
    return { problems: refused.message.split('\n').map(problemOfLine) }
  }
}

/** Such as `rules.model-slow.share: this rule does not take it`. */
function problemOfLine(line: string): Problem {
  const [, path = '', text = line] = /^((?:rules|channels)\.[^:]+): (.*)$/.exec(line) ?? []
  return { path: path === '' ? [] : path.split('.'), text }
}

/** Everything the product knows that a configuration must fit. */
const knowing: Omit<ConfigOptions, 'env'> = {
  builtInRules: builtInRuleNames,
  checkGroupName: (name, view) => (view === 'alert' ? problemOfAlertGroupName(name) : problemOfGroupName(name)),
  checkMeasure: problemOfMeasure,
  checkTemplates: (templates) => faultyTemplates(templates).map(({ name, form, text }) => ({ path: ['templates', name, form], text })),
  checkCondition(expression, view) {
    const compiled = compileCondition(expression, view)
    return compiled.ok ? undefined : compiled.problem
  },
}
