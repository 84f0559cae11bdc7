import type { Alert } from '../model/alert.ts'
import type { RouteConfig } from '../model/attention-config.ts'
import { TocsinError, errorText } from '../model/error.ts'
import { compileCondition, viewOfAlert } from '../rules/view.ts'
import type { AlertView, Condition } from '../rules/view.ts'
import { groupingOf, type Grouping } from './groups.ts'
import type { FailedCondition } from './plan.ts'

/** A route ready to be asked. */
export interface CompiledRoute {
  readonly name: string
  readonly settings: RouteConfig
  readonly test: (view: AlertView) => boolean
  /** Present where it tells what belongs together as one. */
  readonly grouping?: Grouping
  /** The parts of its condition that all must hold. */
  readonly parts: readonly { readonly text: string; readonly test: (view: AlertView) => boolean }[]
}

export interface Matches {
  /** In order, up to and with the first that says `stop`. */
  readonly routes: readonly CompiledRoute[]
  /** Routes whose condition cannot be evaluated for this alert; they were passed over. */
  readonly failed: readonly FailedCondition[]
}

/** @throws TocsinError `config-invalid` where a route's condition cannot be compiled */
export function compileRoutes(routes: readonly RouteConfig[]): readonly CompiledRoute[] {
  return routes.map((settings, index) => {
    const name = routeName(settings, index)
    const condition = compileCondition(settings.match, 'alert')
    if (!condition.ok) throw new TocsinError('config-invalid', `routes.${index}.match: ${condition.problem}`)
    const grouping = groupingOf(settings)
    return { name, settings, test: condition.test, parts: partsOf(settings.match, condition), ...(grouping !== undefined && { grouping }) }
  })
}

/** By which it stands in messages and decisions: its place, where it has no name. */
export function routeName({ name }: Pick<RouteConfig, 'name'>, index: number): string {
  return name ?? `route-${index + 1}`
}

export function matchingRoutes(routes: readonly CompiledRoute[], alert: Alert): Matches {
  const view = viewOfAlert(alert)
  const matching: CompiledRoute[] = []
  const failed: FailedCondition[] = []
  for (const route of routes) {
    try {
      if (!route.test(view)) continue
    } catch (failure) {
      failed.push({ where: `route ${route.name}`, cause: errorText(failure) })
      continue
    }
    matching.push(route)
    if (route.settings.stop) break
  }
  return { routes: matching, failed }
}

/** What became of one route when it was asked about an alert. */
export type RouteTrace =
  | { readonly route: string; readonly verdict: 'matches'; readonly stops: boolean }
  /** Parts of its condition that do not hold. */
  | { readonly route: string; readonly verdict: 'lacks'; readonly missing: readonly string[] }
  | { readonly route: string; readonly verdict: 'fails'; readonly cause: string }
  /** An earlier one said `stop`. */
  | { readonly route: string; readonly verdict: 'not-asked'; readonly by: string }

/** Every route, in order. */
export function traceRoutes(routes: readonly CompiledRoute[], alert: Alert): readonly RouteTrace[] {
  const { routes: matching, failed } = matchingRoutes(routes, alert)
  const view = viewOfAlert(alert)
  const last = matching.at(-1)
  const stopIndex = last?.settings.stop === true ? routes.indexOf(last) : routes.length
  return routes.map((route, index): RouteTrace => {
    const { name, settings, parts } = route
    if (index > stopIndex) return { route: name, verdict: 'not-asked', by: last?.name ?? '' }
    if (matching.includes(route)) return { route: name, verdict: 'matches', stops: settings.stop }
    const failure = failed.find(({ where }) => where === `route ${name}`)
    if (failure !== undefined) return { route: name, verdict: 'fails', cause: failure.cause }
    return { route: name, verdict: 'lacks', missing: parts.filter(({ test }) => !holds(test, view)).map(({ text }) => text) }
  })
}

/** The route that comes closest to an alert which none matches, and what it still needs. */
export function closestRoute(routes: readonly CompiledRoute[], alert: Alert): { readonly route: string; readonly condition: string } | undefined {
  const view = viewOfAlert(alert)
  let closest: { readonly route: string; readonly condition: string; readonly share: number } | undefined
  for (const { name, parts } of routes) {
    const missing = parts.filter(({ test }) => !holds(test, view))
    const share = 1 - missing.length / parts.length
    if (closest === undefined || share > closest.share) closest = { route: name, condition: missing.map(({ text }) => text).join(' && '), share }
  }
  return closest === undefined ? undefined : { route: closest.route, condition: closest.condition }
}

function holds(test: (view: AlertView) => boolean, view: AlertView): boolean {
  try {
    return test(view)
  } catch {
    // What cannot be evaluated does not hold; matching has reported it already.
    return false
  }
}

/** What the language gives as the text of a part may lack a bracket: then the condition counts as one part. */
function partsOf(whole: string, { test, parts }: Condition<AlertView>): CompiledRoute['parts'] {
  const compiled = parts.flatMap((text) => {
    const part = compileCondition(text, 'alert')
    return part.ok ? [{ text, test: part.test }] : []
  })
  return compiled.length === parts.length ? compiled : [{ text: whole, test }]
}
