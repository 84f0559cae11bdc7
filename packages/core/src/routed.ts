import { addressKindOf, channelTypes, ownSettings } from './channels/registry.ts'
import type { Alert } from './model/alert.ts'
import type { Config } from './model/config.ts'
import { shownAddress } from './model/shown-address.ts'
import type { BatchItem, NewNotification } from './model/store.ts'
import type { RouteTrace } from './routing/matching.ts'
import type { ChannelTypeOf } from './routing/people.ts'
import type { Plan } from './routing/plan.ts'
import { createRouter } from './routing/route.ts'

/** Who would be told of an alert that fires at a time. */
export interface Routed {
  readonly alert: Alert
  readonly atMs: number
  /** What each route says; empty where the configuration has none. */
  readonly routes: readonly RouteTrace[]
  readonly plan: Plan
}

/** By the router of this configuration. */
export function routedOf(config: Config, alert: Alert, atMs: number): Routed {
  const router = createRouter(config, registeredTypes(config))
  return { alert, atMs, routes: router.trace(alert), plan: router.plan({ alert, change: 'opened' }, atMs) }
}

/** Types of the channels of a configuration, none of which is opened. */
export function registeredTypes(config: Config): ChannelTypeOf {
  return (channel) => {
    const settings = Object.hasOwn(config.channels, channel) ? config.channels[channel] : undefined
    const type = settings === undefined ? undefined : channelTypes.get(settings.type)
    return settings === undefined || type === undefined ? undefined : { address: addressKindOf(type, ownSettings(settings)), can: type.can }
  }
}

/** The same as JSON: who is told by what and when, and why others are not. Addresses are shortened. */
// Its type is what it is made of.
export function routedValue({ alert, atMs, routes, plan }: Routed) {
  const told = (one: NewNotification | BatchItem, isCollected: boolean) => {
    const { recipient, channel, route: by, dueMs, fallback, fallbackAfterMs, without, alsoFor } = one
    const { person, locale, timezone } = recipient
    return {
      person, channel, route: by, dueMs, due: new Date(dueMs).toISOString(), isCollected, locale, timezone, address: shownAddress(recipient.address), without, fallback,
      ...(fallbackAfterMs !== undefined && { fallbackAfterMs }), ...(alsoFor !== undefined && { alsoFor: alsoFor.map(({ person: other }) => other) }),
    }
  }
  const { kind, severity, rule, agent } = alert
  return {
    alert: { kind, severity, rule, ...(agent !== undefined && { agent }) },
    at: new Date(atMs).toISOString(),
    routes,
    told: [...plan.notifications.map((one) => told(one, false)), ...plan.batched.map((one) => told(one, true))],
    decisions: plan.decisions.map(({ person, channel, reason, params }) => ({ person, channel, reason, params })),
    failed: plan.failed,
  }
}
