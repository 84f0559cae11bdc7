import type { Path } from '../config-source.ts'
import type { Alert } from '../model/alert.ts'
import type { Config } from '../model/config.ts'
import { mayHear } from '../model/roles.ts'
import { compileRoutes, matchingRoutes, type CompiledRoute } from '../routing/matching.ts'
import { everybodyCalled } from '../routing/people.ts'
import { createPreferences, type Preferences } from '../routing/preferences.ts'
import { viewOfAlert } from '../rules/view.ts'
import { exampleOf, examplesFor, type Examples } from './example-alerts.ts'

/** Tests of conditions in one check, over all pairs and examples: a large configuration is looked at in part. */
const testsMax = 1_000_000

/** A warning before it has its line. */
export interface RouteWarning {
  readonly path: Path
  readonly text: string
}

/**
 * Routes that overlap or contradict each other, each with an alert that shows it. An alert that is shown was tried with the conditions
 * themselves; that something never happens is said only where every case there is was tried, or where it follows from the conditions' own parts.
 */
export function overlapWarnings(config: Config): readonly RouteWarning[] {
  const routes = compileRoutes(config.routes ?? []).map((route) => ({ ...route, ways: waysOf(config, route.settings) }))
  const preferences = createPreferences(config)
  const found: RouteWarning[] = []
  let testsLeft = testsMax
  for (const [index, route] of routes.entries()) {
    const earlier = routes.slice(0, index)
    // Where not every case of all of them can be tried, those of this one are.
    const among = examplesFor([...earlier, route].map(({ settings }) => settings.match), route.parts, ofPeople(config))
    const examples = among.isComplete ? among : { ...examplesFor([route.settings.match], route.parts, ofPeople(config)), isComplete: false }
    testsLeft -= examples.alerts.length * (index + 1)
    found.push(...impossible(route, index), ...unreachable(route, index, earlier, examples), ...onlyCritical(route, index, examples), ...required(config, route, index, routes, examples, preferences))
    for (const other of earlier) {
      const { warnings, tests } = timings(config, route, index, other, earlier)
      testsLeft -= tests
      if (warnings.length === 0) continue
      // One pair shows what is meant.
      found.push(...warnings)
      break
    }
    if (testsLeft < 0 && index < routes.length - 1) return [...found, { path: ['routes', index + 1], text: 'this route and later ones were not compared with others: too many conditions' }]
  }
  return found
}

/** A route whose own condition leaves no alert. */
function impossible(route: CompiledRoute, index: number): readonly RouteWarning[] {
  const { alerts, isComplete } = examplesFor([route.settings.match], route.parts)
  return isComplete && !alerts.some((alert) => matches(route, alert)) ? [{ path: ['routes', index, 'match'], text: 'matches no alert that there can be' }] : []
}

/** A route of whose alerts each is taken by an earlier one that says `stop`. */
function unreachable(route: CompiledRoute, index: number, earlier: readonly CompiledRoute[], examples: Examples): readonly RouteWarning[] {
  // What one alert of this route passes by does not take all of them.
  const own = examples.alerts.filter((alert) => matches(route, alert))
  const stopping = earlier.filter(({ settings }) => settings.stop)
  const likely = stopping.filter((one) => own.every((alert) => matches(one, alert)))
  const takers = [stopping.filter((one) => isImpliedBy(one, route)).slice(0, 1), takersOf(route, stopping, examples), ...likely.map((one) => takersOf(route, [one], examplesFor([one.settings.match, route.settings.match], route.parts)))].find((some) => some.length > 0)
  if (takers === undefined) return []
  const example = examples.alerts.find((alert) => matches(route, alert))
  const [takes, says] = takers.length === 1 ? ['takes', 'says'] : ['take', 'say']
  return [{ path: ['routes', index], text: `never asked: ${takers.map(({ name }) => name).join(', ')} ${takes} all its alerts and ${says} stop${example === undefined ? '' : `, such as ${exampleOf(example)}`}` }]
}

/** Those that take all alerts of a route between them; none where one is left to it, or may be. */
function takersOf(route: CompiledRoute, stopping: readonly CompiledRoute[], { alerts, isComplete }: Examples): readonly CompiledRoute[] {
  if (!isComplete || stopping.length === 0) return []
  const takers = alerts.filter((alert) => matches(route, alert)).map((alert) => stopping.find((one) => matches(one, alert)))
  return takers.includes(undefined) ? [] : [...new Set(takers.flatMap((one) => one ?? []))]
}

/** Whatever fits the one fits the other: it asks for nothing that the one does not ask for, too. */
function isImpliedBy(wide: CompiledRoute, narrow: CompiledRoute): boolean {
  const asked = new Set(narrow.parts.map(({ text }) => text))
  return wide.settings.match.trim() === 'true' || wide.parts.every(({ text }) => asked.has(text))
}

/** Neither a digest nor a group holds what is critical. */
function onlyCritical({ settings, parts, test }: CompiledRoute, index: number, { alerts, isComplete }: Examples): readonly RouteWarning[] {
  const [key, does] = settings.digest !== undefined ? (['digest', 'collects'] as const) : (['groupBy', 'groups'] as const)
  if (settings[key] === undefined) return []
  const matching = alerts.filter((alert) => matches({ test }, alert))
  const isNamed = parts.some(({ text }) => /^\(?\s*alert\.severity\s*==\s*(?:'critical'|"critical")\s*\)?$/.test(text))
  if (!isNamed && !(isComplete && matching.length > 0 && matching.every(({ severity }) => severity === 'critical'))) return []
  return [{ path: ['routes', index, key], text: `${does} nothing: it matches only critical alerts, which do not wait${matching[0] === undefined ? '' : `, such as ${exampleOf(matching[0])}`}` }]
}

/** One person by one channel, at once and collected: the digest holds nothing that is not told already. */
function timings(config: Config, route: WithWays, index: number, other: WithWays, earlier: readonly CompiledRoute[]): { readonly warnings: readonly RouteWarning[]; readonly tests: number } {
  const [collecting, prompt] = route.settings.digest === undefined ? [other, route] : [route, other]
  if (collecting.settings.digest === undefined || prompt.settings.digest !== undefined) return { warnings: [], tests: 0 }
  const shared = collecting.ways.filter((way) => prompt.ways.some(({ person, channel }) => person === way.person && channel === way.channel))
  if (shared.length === 0) return { warnings: [], tests: 0 }
  const { alerts } = examplesFor([other.settings.match, route.settings.match], [...other.parts, ...route.parts])
  const shown = alerts.find((alert) => {
    if (alert.severity === 'critical' || !matches(route, alert) || !matches(other, alert)) return false
    return matchingRoutes([...earlier, route], alert).routes.includes(route) && shared.some(({ person }) => mayBeTold(config, person, alert))
  })
  const way = shown === undefined ? undefined : shared.find(({ person }) => mayBeTold(config, person, shown))
  const warnings = shown === undefined || way === undefined ? [] : [{ path: ['routes', index], text: `${way.person} is told at once by ${prompt.name} and in the digest of ${collecting.name}, both by ${way.channel}: at once holds, such as for ${exampleOf(shown)}` }]
  return { warnings, tests: alerts.length * 2 }
}

/** What somebody turned off and is told all the same. */
function required(config: Config, route: WithWays, index: number, routes: readonly CompiledRoute[], { alerts }: Examples, preferences: Preferences): readonly RouteWarning[] {
  if (!route.settings.required) return []
  const seen = new Set<string>()
  return route.ways.flatMap(({ person, channel }) => {
    if (seen.has(person)) return []
    const shown = alerts.find((alert) => mayBeTold(config, person, alert) && preferences.of(person, alert, route.name).isOverruled(channel) && matchingRoutes(routes.slice(0, index + 1), alert).routes.includes(route))
    if (shown === undefined) return []
    seen.add(person)
    return [{ path: ['people', person, 'preferences'], text: `turned off by ${channel}, and told all the same by ${route.name}, which is required, such as ${exampleOf(shown)}` }]
  })
}

interface Way {
  readonly person: string
  readonly channel: string
}

interface WithWays extends CompiledRoute {
  readonly ways: readonly Way[]
}

/** Whom a route tells by what. */
function waysOf(config: Config, { to, via }: CompiledRoute['settings']): readonly Way[] {
  const channels = Array.isArray(via) ? via : via.first
  return [...new Set(to.flatMap((name) => everybodyCalled(config, name)))].flatMap((person) => channels.map((channel) => ({ person, channel })))
}

function mayBeTold(config: Config, person: string, alert: Alert): boolean {
  const role = config.people[person]?.role
  return role !== undefined && mayHear(role, person, alert)
}

function matches({ test }: Pick<CompiledRoute, 'test'>, alert: Alert): boolean {
  try {
    return test(viewOfAlert(alert))
  } catch {
    // What cannot be evaluated matches nothing, as in the engine.
    return false
  }
}

/** Conditions of preferences: what they compare with makes examples, too. */
function ofPeople(config: Config): readonly string[] {
  return Object.values(config.people).flatMap(({ preferences }) => preferences.flatMap(({ when }) => when ?? []))
}
