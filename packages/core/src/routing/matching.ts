import type { Alert } from '../model/alert.ts'
import type { RouteConfig } from '../model/config.ts'
import { TocsinError, errorText } from '../model/error.ts'
import { compileCondition, viewOfAlert } from '../rules/view.ts'
import type { AlertView, Condition } from '../rules/view.ts'

/** A route ready to be asked. */
export interface CompiledRoute {
  readonly name: string
  readonly settings: RouteConfig
  readonly test: (view: AlertView) => boolean
  /** The parts of its condition that all must hold. */
  readonly parts: readonly { readonly text: string; readonly test: (view: AlertView) => boolean }[]
}

export interface Matches {
  /** In order, up to and with the first that says `stop`. */
  readonly routes: readonly CompiledRoute[]
  /** Routes whose condition cannot be evaluated for this alert; they were passed over. */
  readonly failed: readonly { readonly route: string; readonly cause: string }[]
}

/** @throws TocsinError `config-invalid` where a route's condition cannot be compiled */
export function compileRoutes(routes: readonly RouteConfig[]): readonly CompiledRoute[] {
  return routes.map((settings, index) => {
    const name = settings.name ?? `route-${index + 1}`
    const condition = compileCondition(settings.match, 'alert')
    if (!condition.ok) throw new TocsinError('config-invalid', `routes.${index}.match: ${condition.problem}`)
    return { name, settings, test: condition.test, parts: partsOf(settings.match, condition) }
  })
}

export function matchingRoutes(routes: readonly CompiledRoute[], alert: Alert): Matches {
  const view = viewOfAlert(alert)
  const matching: CompiledRoute[] = []
  const failed: { readonly route: string; readonly cause: string }[] = []
  for (const route of routes) {
    try {
      if (!route.test(view)) continue
    } catch (failure) {
      failed.push({ route: route.name, cause: errorText(failure) })
      continue
    }
    matching.push(route)
    if (route.settings.stop) break
  }
  return { routes: matching, failed }
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
