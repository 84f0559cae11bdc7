import type { Config } from '../model/config.ts'
import { isOwnAddress } from '../model/roles.ts'
import type { DueDelivery } from '../model/store.ts'
import { isInProject } from './people.ts'
import type { Preferences } from './preferences.ts'
import type { Objection } from './recheck.ts'

/**
 * What its reader may have decided since it was enqueued: they turned it off on this channel, or are not in its project any more. What several
 * read in one place is not held up by one of them; a collection is sent while its reader wants anything that is in it.
 */
export function objectByWish(config: Config, preferences: Preferences, { notification, fallback }: Pick<DueDelivery, 'notification' | 'fallback'>): Objection | undefined {
  const { recipient: { person, address }, project, channel, route, alerts, moreAlerts } = notification
  const settings = Object.hasOwn(config.people, person) ? config.people[person] : undefined
  if (settings === undefined || address === '' || moreAlerts > 0) return undefined
  if (!isInProject(settings, project) && !alerts.every((alert) => isOwnAddress(person, alert))) return { result: 'role-changed', reason: 'refused.project', params: { person, project } }
  const wishes = alerts.map((alert) => preferences.of(person, alert, route))
  const [first] = alerts
  if (first === undefined || !wishes.every((one) => one.mutes(channel))) return undefined
  const isWantedElsewhere = fallback.some((next) => wishes.some((one) => !one.mutes(next)))
  return { result: 'muted', reason: 'refused.preference', params: { person, kind: first.kind, channel }, ...(isWantedElsewhere && { asksNext: true }) }
}
