import { tellsEnd, type Alert, type AlertChange } from '../model/alert.ts'
import type { Config } from '../model/config.ts'
import type { Recipient } from '../model/notification.ts'
import { Draft } from './draft.ts'
import type { World } from './draft.ts'
import { closestRoute, compileRoutes, matchingRoutes } from './matching.ts'
import { reach } from './people.ts'
import type { ChannelTypeOf } from './people.ts'
import type { Plan, Told } from './plan.ts'
import { createQuietHours } from './quiet-hours.ts'

/** Pure: the same alert and time give the same plan. */
export interface Router {
  /** @param as the alert by which the routes are asked: told is `change.alert`. @default that one itself */
  plan(change: AlertChange, nowMs: number, as?: Alert): Plan
  /** The end of an alert, for those who were told of it. */
  planResolved(change: AlertChange, told: readonly Told[], nowMs: number): Plan
  /** How a person is reached on a channel; nothing where they have no address for it. */
  readonly recipientsOn: (person: string, channel: string) => readonly Recipient[]
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
  const world: World = { config, channelTypeOf, quietHours: createQuietHours(config) }

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
      for (const { name, settings } of matches.routes) {
        const via = Array.isArray(settings.via) ? { channels: settings.via } : { channels: settings.via.first, fallbackAfterMs: settings.via.after }
        for (const called of settings.to) {
          for (const person of draft.peopleCalled(called)) draft.tell(person, { route: name, isAsked: false, digestMs: settings.digest, ...via })
        }
      }
      draft.tellOwner()
      if (matches.routes.length === 0) draft.decide('*', '*', 'refused.no_route', closestRoute(routes, alert) ?? {})
      return { ...draft.finish(), failed: matches.failed }
    },

    planResolved(change, told, nowMs) {
      const { alert } = change
      const draft = new Draft(world, alert, nowMs)
      if (!tellsEnd(alert)) return draft.finish()
      const digests = new Map(routes.map(({ name, settings }) => [name, settings.digest]))
      for (const one of told) draft.tellResolved(one, digests.get(one.route))
      return draft.finish()
    },

    recipientsOn(person, channel) {
      const found = reach(config, channelTypeOf, person, channel)
      return found.kind === 'reached' ? found.recipients : []
    },
  }
}
