import { tellsEnd, type Alert, type AlertChange } from '../model/alert.ts'
import type { ReportConfig, RouteConfig } from '../model/attention-config.ts'
import type { Config } from '../model/config.ts'
import type { Recipient } from '../model/notification.ts'
import { Draft, type Again, type Way } from './draft.ts'
import type { World } from './draft.ts'
import { closestRoute, compileRoutes, matchingRoutes, traceRoutes } from './matching.ts'
import type { RouteTrace } from './matching.ts'
import { reach } from './people.ts'
import type { ChannelTypeOf } from './people.ts'
import type { Plan, Told } from './plan.ts'
import { pursuitsOf, stepsOf, type Pursuit } from './on-call/pursuit.ts'
import { createPreferences, type Preferences } from './preferences.ts'
import { createQuietHours } from './quiet-hours.ts'

/** Pure: the same alert and time give the same plan. */
export interface Router {
  /** @param as the alert by which the routes are asked: told is `change.alert`. @default that one itself */
  plan(change: AlertChange, nowMs: number, as?: Alert): Plan
  /** The end of an alert, for those who were told of it. */
  planResolved(change: AlertChange, told: readonly Told[], nowMs: number): Plan
  /** A report for one person by its own channels, or for a name that means nobody now. */
  planReport(alert: Alert, to: { readonly called: string; readonly report: Pick<ReportConfig, 'name' | 'via'> }, nowMs: number): Plan
  /** One step of a route, whomever it means now: 1 is its own `to`, the next ones those of `escalate`. Nothing where there is no such step any more. */
  planStep(alert: Alert, route: string, step: number, again: Again, nowMs: number): Plan
  /** Routes that go on with what they told. */
  readonly pursuits: readonly Pursuit[]
  /** Names of the routes that tell this alert; none where somebody named its receivers. */
  readonly routesOf: (alert: Alert) => readonly string[]
  /** How a person is reached on a channel; nothing where they have no address for it. */
  readonly recipientsOn: (person: string, channel: string) => readonly Recipient[]
  readonly preferences: Preferences
  /** What each route says to an alert; nothing where the configuration has no routes. */
  trace(alert: Alert): readonly RouteTrace[]
}

/**
 * Without `routes` in the configuration everybody whose role may be told is told, by every channel on which they have an
 * address. Otherwise routes are asked first to last; all that match apply, unless one says `stop`.
 *
 * @throws TocsinError `config-invalid` where a route's condition cannot be compiled
 */
export function createRouter(config: Config, channelTypeOf: ChannelTypeOf): Router {
  const routes = compileRoutes(config.routes ?? [])
  const hasRoutes = config.routes !== undefined
  const world: World = { config, channelTypeOf, quietHours: createQuietHours(config), preferences: createPreferences(config) }

  return {
    plan(change, nowMs, as = change.alert) {
      const { alert } = change
      const draft = new Draft(world, alert, nowMs)
      if (change.change === 'counted') {
        draft.decide('*', '*', 'merged.group', { count: alert.count - 1, key: alert.key, time: alert.openedAtMs })
        return draft.finish()
      }
      const { announcement } = alert
      if (announcement?.direct !== undefined) {
        draft.tellDirectly(announcement.direct)
        return draft.finish()
      }
      if (announcement?.to !== undefined) {
        if (announcement.to.length === 0) draft.decide('*', '*', 'refused.unknown_person', {})
        for (const name of announcement.to) {
          for (const person of draft.peopleCalled(name)) draft.tell(person, { route: 'asked', isAsked: true, channels: draft.channelsOf(person) })
        }
        return draft.finish()
      }
      if (!hasRoutes) {
        if (Object.keys(config.people).length === 0) draft.decide('*', '*', 'refused.no_route', {})
        for (const person of Object.keys(config.people)) draft.tell(person, { route: 'default', isAsked: false, channels: draft.channelsOf(person) })
        return draft.finish()
      }
      const matches = matchingRoutes(routes, as)
      for (const { name, settings, grouping } of matches.routes) {
        for (const called of settings.to) {
          for (const person of draft.peopleCalled(called)) draft.tell(person, { route: name, isAsked: false, digest: settings.digest, grouping, ...wayOf(settings.via) })
        }
      }
      draft.tellOwner()
      if (matches.routes.length === 0) draft.decide('*', '*', 'refused.no_route', closestRoute(routes, alert) ?? {})
      const plan = draft.finish()
      return { ...plan, failed: [...matches.failed, ...plan.failed] }
    },

    planResolved(change, told, nowMs) {
      const { alert } = change
      const draft = new Draft(world, alert, nowMs)
      if (!tellsEnd(alert)) return draft.finish()
      const collecting = new Map(routes.map(({ name, settings: { digest }, grouping }) => [name, { digest, grouping }]))
      for (const one of told) draft.tellResolved(one, collecting.get(one.route) ?? {})
      return draft.finish()
    },

    planReport(alert, { called, report: { name, via } }, nowMs) {
      const draft = new Draft(world, alert, nowMs)
      const way = Array.isArray(via) ? { channels: via } : { channels: via.first, fallbackAfterMs: via.after }
      for (const person of draft.peopleCalled(called)) draft.tell(person, { route: name, isAsked: true, ...way })
      return draft.finish()
    },

    planStep(alert, name, number, again, nowMs) {
      const draft = new Draft(world, alert, nowMs)
      const route = routes.find((one) => one.name === name)
      const step = route === undefined ? undefined : stepsOf(route.settings)[number - 1]
      if (route === undefined || step === undefined) return draft.finish()
      // Told again it is collected as before; handed on it does not wait for others.
      const collecting = number === 1 ? { digest: route.settings.digest, grouping: route.grouping } : {}
      for (const called of step.to) {
        for (const person of draft.peopleCalled(called)) draft.tell(person, { route: name, isAsked: false, ...collecting, again, ...wayOf(step.via) })
      }
      return draft.finish()
    },

    pursuits: pursuitsOf(routes),

    routesOf: (alert) => (alert.announcement?.direct !== undefined || alert.announcement?.to !== undefined ? [] : matchingRoutes(routes, alert).routes.map(({ name }) => name)),

    recipientsOn(person, channel) {
      const found = reach(config, channelTypeOf, person, channel)
      return found.kind === 'reached' ? found.recipients : []
    },

    preferences: world.preferences,
    trace: (alert) => traceRoutes(routes, alert),
  }
}

function wayOf(via: RouteConfig['via']): Pick<Way, 'channels' | 'fallbackAfterMs'> {
  return Array.isArray(via) ? { channels: via } : { channels: via.first, fallbackAfterMs: via.after }
}
