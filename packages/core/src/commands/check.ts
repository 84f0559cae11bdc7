import { configurationFrom } from '../configuration.ts'
import type { Config } from '../model/config.ts'
import { formatDuration } from '../model/duration.ts'
import type { Report } from './report.ts'

/** Checks a configuration and says what it will do. Throws where it is wrong, with every problem. */
export function check(file: string, env: NodeJS.ProcessEnv): Report {
  const config = configurationFrom(file, [], env)
  const value = {
    project: config.project,
    channels: Object.fromEntries(Object.entries(config.channels).map(([name, { type }]) => [name, type])),
    people: Object.fromEntries(Object.entries(config.people).map(([name, { role }]) => [name, role])),
    rules: Object.fromEntries(Object.entries(config.rules).map(([name, settings]) => [name, settings !== false])),
    budgets: Object.keys(config.budgets),
    routes: (config.routes ?? []).length,
  }
  return { lines: [`${file} is right.`, ...describe(config)], value, ok: true }
}

function describe(config: Config): readonly string[] {
  const list = (title: string, items: readonly string[]): string => `  ${title.padEnd(9)} ${items.length === 0 ? 'none' : items.join(', ')}`
  return [
    list('project', [config.project]),
    list('channels', Object.entries(config.channels).map(([name, { type }]) => `${name} (${type})`)),
    list('people', Object.entries(config.people).map(([name, { role }]) => `${name} (${role})`)),
    list('rules', ['built-in', ...Object.entries(config.rules).map(([name, settings]) => (settings === false ? `without ${name}` : name))]),
    list('budgets', Object.entries(config.budgets).map(([name, { amountUsd, period }]) => `${name} $${amountUsd} a ${period}`)),
    list('routes', config.routes === undefined ? ['everybody, by every channel they have an address for'] : config.routes.map((route, index) => route.name ?? `route-${index + 1}`)),
    list('merging', [`informational news for ${formatDuration(config.delivery.batchMs)} or ${config.delivery.batchMax} items`]),
  ]
}
