import { existsSync } from 'node:fs'
import { faultyTemplates } from './delivery/templates/check.ts'
import { parseConfig, readConfigFile, type ConfigOptions } from './load-config.ts'
import type { ChannelType } from './model/channel.ts'
import type { Config, ConfigInput } from './model/config.ts'
import { builtInRuleNames } from './rules/rules-of.ts'
import { problemOfMeasure } from './rules/threshold/measure.ts'
import { compileCondition, problemOfGroupName } from './rules/view.ts'

/** Looked for in the current folder when nothing else is given. */
const defaultConfigFile = 'tocsin.yaml'

/**
 * The configuration that is meant: an object in code, the path of a file, or nothing (then `tocsin.yaml` here, else the
 * defaults), checked against everything the product knows: channels, rules, and the names in conditions.
 *
 * @throws TocsinError `config-invalid` with each problem on its own line
 */
export function configurationFrom(given: ConfigInput | string | undefined, channelTypes: Iterable<ChannelType> = [], env?: ConfigOptions['env']): Config {
  const options: Omit<ConfigOptions, 'env'> = {
    channelTypes,
    builtInRules: builtInRuleNames,
    checkGroupName: problemOfGroupName,
    checkMeasure: problemOfMeasure,
    checkTemplates: (templates) => faultyTemplates(templates).map(({ name, form, text }) => ({ path: ['templates', name, form], text })),
    checkCondition(expression, view) {
      const compiled = compileCondition(expression, view)
      return compiled.ok ? undefined : compiled.problem
    },
  }
  if (typeof given === 'string') return readConfigFile(given, env, options)
  if (given === undefined && existsSync(defaultConfigFile)) return readConfigFile(defaultConfigFile, env, options)
  return parseConfig(given ?? {}, { ...options, ...(env === undefined ? {} : { env }) })
}
