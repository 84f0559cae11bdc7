import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { configurationFrom } from '../configuration.ts'
import { localeFor } from '../locales/catalogue.ts'
import type { Config } from '../model/config.ts'
import { formatDuration } from '../model/duration.ts'
import { builtInRuleNames, rulesOnAndOff } from '../rules/rules-of.ts'
import { warningsOf } from './check-warnings.ts'
import type { Report } from './report.ts'

/** Checks a configuration, says what it will do, and warns of what is probably not meant. Throws where it is wrong, with every problem. */
export function check(file: string, env: NodeJS.ProcessEnv): Report {
  const config = configurationFrom(file, [], env)
  const rules = ruleNames(config)
  const warnings = warningsOf(config, readFileSync(file, 'utf8'), basename(file))
  const value = {
    ok: true,
    project: config.project,
    channels: Object.fromEntries(Object.entries(config.channels).map(([name, { type }]) => [name, type])),
    people: Object.fromEntries(Object.entries(config.people).map(([name, { role }]) => [name, role])),
    rules,
    budgets: Object.keys(config.budgets),
    routes: config.routes?.map((route, index) => route.name ?? `route-${index + 1}`),
    warnings: warnings.map(({ path, line, text }) => ({ path, line, text })),
  }
  const verdict = warnings.length === 0 ? `${file} is right.` : `${file} is right; ${warnings.length === 1 ? 'one thing' : `${warnings.length} things`} to look at:`
  return { lines: [verdict, ...warnings.map(({ sentence }) => `  ${sentence}`), ...describe(config, rules)], value, ok: true }
}

/** In which people are told, with what was asked for where that is another. */
function languagesOf({ defaults, people }: Config): readonly string[] {
  const tags = Object.values(people).map(({ locale }) => locale ?? defaults.locale)
  return [...new Set(tags.length === 0 ? [defaults.locale] : tags)].map((tag) => {
    const { locale } = localeFor(tag)
    return locale === tag ? tag : `${locale} (for ${tag})`
  })
}

interface RuleNames {
  /** Built-in rules that are on. */
  readonly on: readonly string[]
  /** Built-in ones and those of one's own. */
  readonly off: readonly string[]
  /** Of the configuration, and on. */
  readonly own: readonly string[]
}

function ruleNames(config: Config): RuleNames {
  const { on: all, off: resting } = rulesOnAndOff(config)
  const own = Object.entries(config.rules).flatMap(([name, settings]) => (typeof settings === 'object' && typeof settings.on === 'string' ? [name] : []))
  const on = builtInRuleNames.filter((name) => all.some((one) => one.name === name) && !own.includes(name))
  return { on, off: [...new Set([...builtInRuleNames.filter((name) => !on.includes(name)), ...resting.map(({ name }) => name)])], own: own.filter((name) => !resting.some((one) => one.name === name)) }
}

function describe(config: Config, rules: RuleNames): readonly string[] {
  return [
    list('project', [config.project]),
    list('channels', Object.entries(config.channels).map(([name, { type }]) => `${name} (${type})`)),
    list('people', Object.entries(config.people).map(([name, { role }]) => `${name} (${role})`)),
    list('languages', languagesOf(config)),
    list('rules on', rules.on),
    list('rules off', rules.off),
    list('own rules', rules.own),
    list('budgets', Object.entries(config.budgets).map(([name, { amountUsd, period = 'day', rolling }]) => `${name} $${amountUsd} ${rolling === undefined ? `a ${period}` : `in ${formatDuration(rolling)}`}`)),
    list('routes', config.routes === undefined ? ['everybody, by every channel they have an address for'] : config.routes.map((route, index) => route.name ?? `route-${index + 1}`)),
    list('merging', [`informational news for ${formatDuration(config.delivery.batchMs)} or ${config.delivery.batchMax} items`]),
  ].flat()
}

const columns = 80

/** A title and what belongs to it, in as many lines as that takes. */
function list(title: string, items: readonly string[]): readonly string[] {
  const indent = ' '.repeat(12)
  const lines: string[] = []
  let line = `  ${title.padEnd(9)} `
  for (const [index, item] of (items.length === 0 ? ['none'] : items).entries()) {
    const piece = index < items.length - 1 ? `${item},` : item
    if (index > 0 && line.length + piece.length > columns) {
      lines.push(line.trimEnd())
      line = indent
    }
    line += `${piece} `
  }
  return [...lines, line.trimEnd()]
}
