import { isTaken, type Alert } from '../model/alert.ts'
import { addressKinds } from '../model/channel.ts'
import type { Config, PersonConfig } from '../model/config.ts'
import type { DecisionParams, DecisionReason } from '../model/decision.ts'
import type { DeliveryResult } from '../model/delivery.ts'
import { unlistedAlerts, type Recipient } from '../model/notification.ts'
import { mayHear } from '../model/roles.ts'
import type { DueDelivery } from '../model/store.ts'
import { addressesOf, partsWithheld } from './people.ts'
import type { Router } from './route.ts'

/** Why a delivery must not be made any more although it is due. */
export interface Objection {
  readonly result: DeliveryResult
  readonly reason: DecisionReason
  readonly params: DecisionParams
  /** The next channel is asked although the reader, and nobody else, ended it here. */
  readonly asksNext?: true
}

/**
 * What may have changed between enqueueing and claiming: the person, their role and address, and the alerts themselves.
 * A batch is let through while one of its alerts still asks to be told, and what several read in one place while one of them still may.
 */
export function objectAtClaim(config: Config, due: Pick<DueDelivery, 'notification'>, nowMs: number, router: Pick<Router, 'plan'>): Objection | undefined {
  const { notification } = due
  const toPerson = objectToPerson(config, notification)
  if (toPerson !== undefined && !isReadByOthers(router, notification, nowMs)) return toPerson
  return notification.news === 'firing' && unlistedAlerts(notification) === 0 ? objectToNews(notification, nowMs) : undefined
}

/** Whether the routes still tell all of it there, to whoever may see what is in it: the one that it names was one of several. */
function isReadByOthers(router: Pick<Router, 'plan'>, { channel, recipient, alerts, without }: DueDelivery['notification'], nowMs: number): boolean {
  if (recipient.address !== '') return false
  return alerts.every((alert) => {
    const { notifications, batched } = router.plan({ alert, change: 'opened' }, nowMs)
    return [...notifications, ...batched].some((one) => one.channel === channel && one.recipient.address === '' && one.without.every((part) => without.includes(part)))
  })
}

function objectToPerson(config: Config, { channel, recipient, alerts, without }: DueDelivery['notification']): Objection | undefined {
  const { person } = recipient
  if (person === '') return undefined
  const settings = Object.hasOwn(config.people, person) ? config.people[person] : undefined
  if (settings === undefined) return { result: 'role-changed', reason: 'refused.unknown_person', params: { person } }
  const { role } = settings
  const mayBeTold = alerts.every((alert) => mayHear(role, person, alert))
  // What is left out was fixed when it was enqueued: a role that sees less now must not get it.
  const seesEnough = partsWithheld(role).every((part) => without.includes(part))
  if (!mayBeTold || !seesEnough) return { result: 'role-changed', reason: 'refused.role_changed', params: { person, role } }
  if (!isStillTheirs(recipient, settings)) return { result: 'bad-address', reason: 'refused.no_address', params: { person, channel } }
  return undefined
}

function isStillTheirs({ address }: Recipient, person: PersonConfig): boolean {
  let theirs = addressesKnown.get(person)
  if (theirs === undefined) addressesKnown.set(person, (theirs = new Set(addressKinds.flatMap((kind) => addressesOf(person, kind)))))
  return theirs.has(address)
}

/** A person of a configuration never changes: another configuration has others. */
const addressesKnown = new WeakMap<PersonConfig, ReadonlySet<string>>()

function objectToNews({ alerts, turn }: DueDelivery['notification'], nowMs: number): Objection | undefined {
  const last = alerts.at(-1)
  // That something is unsteady is news also while it is over.
  if (last === undefined || alerts.some((alert) => !isTaken(alert) && (turn?.kind === 'flap' || turn?.kind === 'digest' || !isOver(alert)))) return undefined
  if (alerts.every(isTaken)) return { result: 'acknowledged', reason: 'silenced.acknowledged', params: { time: last.taken?.atMs ?? last.updatedAtMs, ...(last.taken !== undefined && { by: last.taken.by }) } }
  return { result: 'resolved-before-told', reason: 'refused.resolved_before_told', params: { time: last.resolvedAtMs ?? nowMs } }
}

/** News is over as it opens and is told all the same; so is what was critical: "was, and is over". */
function isOver({ state, ends, severity }: Alert): boolean {
  return state === 'resolved' && ends !== 'at-once' && severity !== 'critical'
}
