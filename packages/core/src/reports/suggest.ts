import type { RouteConfig } from '../model/attention-config.ts'
import { builtInSettingNames, type Config } from '../model/config.ts'
import type { Suggestion } from '../model/report.ts'
import { routeName } from '../routing/matching.ts'
import { pack } from '../rules/pack.ts'
import type { RuleCount } from './gather.ts'

/** A rule that told less often than this is not noisy. */
export const noisyMin = 5
/** From such a share of its alerts on, one thing makes most of them. */
const mostlyShare = 0.6

/** What is known of a rule that is told often. */
export interface Noise {
  readonly rule: string
  readonly count: RuleCount
  /** The route by which most of its messages went. */
  readonly route: string | undefined
  readonly mostly: { readonly key: string; readonly alerts: number } | undefined
}

/** What most of a rule's alerts were about, where it is one thing among several. */
export function mostlyOf({ alerts, keys }: RuleCount): Noise['mostly'] {
  if (keys.size < 2 || alerts < noisyMin) return undefined
  const [key, most] = [...keys].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as const)
  return most >= alerts * mostlyShare ? { key, alerts: most } : undefined
}

/**
 * One thing that can be done about a rule that is told often, by what its alerts were like: the first of these that fits. Each names a
 * setting that exists in this configuration, so that it can be changed as it stands.
 */
export function suggest(config: Config, noise: Noise): Suggestion | undefined {
  const { rule, count, mostly } = noise
  if (count.alerts < noisyMin) return undefined
  const given = config.rules[rule]
  const own = typeof given === 'object' && typeof given.on === 'string' ? given : undefined
  const route = routeOf(config, noise.route)
  // It ended and fired again more often than it was opened: it is unsteady.
  if (count.cycles >= count.alerts && own !== undefined && 'quiet' in own) return { kind: 'quiet', setting: `rules.${rule}.quiet`, now: own.quiet }
  const number = own === undefined ? builtInNumber(config, rule) : ownNumber(rule, own)
  if (number !== undefined) return number
  if (mostly !== undefined && route !== undefined && route.settings.groupBy === undefined) return { kind: 'groupBy', setting: `routes.${route.place}.groupBy` }
  if (route !== undefined && route.settings.digest === undefined) return { kind: 'digest', setting: `routes.${route.place}.digest` }
  return count.informing === count.alerts && (own !== undefined || pack.some(({ name }) => name === rule)) ? { kind: 'off', setting: own === undefined ? `rules.${rule}` : `rules.${rule}.enabled` } : undefined
}

/** The number of a built-in rule that makes it fire less often where it is raised. */
function builtInNumber(config: Config, rule: string): Suggestion | undefined {
  const settings = pack.find(({ name }) => name === rule)?.settings
  if (settings === undefined) return undefined
  const written = config.rules[rule]
  const given: Readonly<Record<string, unknown>> = typeof written === 'object' ? written : {}
  for (const kind of builtInSettingNames) {
    const setting = settings[kind]
    if (kind === 'window' || setting === undefined) continue
    const now = given[kind] ?? setting.byDefault
    return { kind, setting: `rules.${rule}.${kind}`, ...(typeof now === 'number' && { now }) }
  }
  return undefined
}

function ownNumber(rule: string, own: object): Suggestion | undefined {
  return 'above' in own && typeof own.above === 'number' ? { kind: 'above', setting: `rules.${rule}.above`, now: own.above } : undefined
}

function routeOf(config: Config, name: string | undefined): { readonly settings: RouteConfig; readonly place: number } | undefined {
  return (config.routes ?? []).map((settings, place) => ({ settings, place })).find(({ settings, place }) => routeName(settings, place) === name)
}
