import type { Alert, AlertChange } from '../model/alert.ts'
import { outageKeyOf, type Cause } from '../model/cause.ts'
import { priorityOf } from '../model/severity.ts'
import type { AlertUpdate, Transaction } from '../model/store.ts'
import { outageRule } from './pack/model-outage.ts'

/** An outage of which nothing was heard for so long is none, whatever became of its rule; and what fails of one is known within so long after its end. Milliseconds. */
const heardOfMs = 600_000
/** What failed so long before an outage was seen may be part of it, milliseconds. */
const beforeMs = 300_000
/** Alerts that become part of another, or end with it, in one transaction. More than these end by themselves. */
const membersMax = 1_000

/**
 * Failures of one cause are told as one. What has the cause of an outage that is open becomes part of it, as does what was opened shortly
 * before the outage was seen; and what is still open when it ends, ends with it. What is more urgent than the outage stands for itself.
 *
 * @returns the changes with what follows from them; outages first, because the rest is told within them
 */
export async function rollUp(tx: Transaction, changes: readonly AlertChange[], nowMs: number): Promise<readonly AlertChange[]> {
  const outages = changes.filter(({ alert }) => alert.rule === outageRule)
  const others = changes.filter(({ alert }) => alert.rule !== outageRule)
  const told = others.filter(({ alert, change }) => alert.cause !== undefined && (change === 'opened' || change === 'reopened' || change === 'raised'))
  if (outages.length === 0 && told.length === 0) return changes
  const updates: AlertUpdate[] = []
  const causes = await causesOf(tx, told, nowMs)
  const rest = others.map((change): AlertChange => {
    const { alert } = change
    const cause = causes.get(change)
    if (cause === undefined) {
      if (alert.parent !== undefined && told.includes(change)) updates.push(memberOf(alert, 0))
      return change
    }
    updates.push(memberOf(alert, cause.id))
    return { ...change, alert: { ...alert, parent: cause.id }, under: cause }
  })
  if (updates.length > 0) await tx.updateAlerts(updates)
  const joined: AlertChange[] = []
  const ended: AlertChange[] = []
  for (const { alert: outage, change } of outages) {
    if (change === 'opened' || change === 'reopened' || change === 'raised') joined.push(...(await adopt(tx, outage)))
    if (change === 'resolved') ended.push(...(await endMembers(tx, outage, nowMs)))
  }
  return [...outages, ...joined, ...rest, ...ended]
}

/** For each the outage that is its cause, if there is one. */
async function causesOf(tx: Transaction, told: readonly AlertChange[], nowMs: number): Promise<ReadonlyMap<AlertChange, Alert>> {
  const keyed = told.flatMap((change) => {
    const key = change.alert.cause === undefined ? undefined : outageKeyOf(change.alert.cause)
    return key === undefined ? [] : [{ change, key: { project: change.alert.project, rule: outageRule, key } }]
  })
  const found = new Map<AlertChange, Alert>()
  if (keyed.length === 0) return found
  const asked = new Map(keyed.map(({ key }) => [`${key.project}\u0000${key.key}`, key]))
  const outages = await tx.findAlerts([...asked.values()], nowMs - heardOfMs)
  const outageOf = new Map([...asked.keys()].map((name, i) => [name, outages[i]]))
  for (const { change, key } of keyed) {
    const outage = outageOf.get(`${key.project}\u0000${key.key}`)
    if (outage !== undefined && outage.updatedAtMs >= nowMs - heardOfMs && isPartOf(change.alert, outage)) found.set(change, outage)
  }
  return found
}

function isPartOf({ cause, severity }: Alert, outage: Alert): boolean {
  return priorityOf(severity) >= priorityOf(outage.severity) && cause !== undefined && isWithin(cause, outage)
}

/** A session may end long after the call that it failed of. */
function isWithin({ atMs }: Cause, { openedAtMs, resolvedAtMs }: Alert): boolean {
  return atMs >= openedAtMs - beforeMs && (resolvedAtMs === undefined || atMs <= resolvedAtMs)
}

async function adopt(tx: Transaction, outage: Alert): Promise<readonly AlertChange[]> {
  const found = await tx.withCause({ project: outage.project, cause: outage.key, sinceMs: outage.openedAtMs - beforeMs, limit: membersMax })
  const members = found.filter((alert) => isPartOf(alert, outage))
  if (members.length > 0) await tx.updateAlerts(members.map((alert) => memberOf(alert, outage.id)))
  return members.map((alert) => ({ alert: { ...alert, parent: outage.id }, change: 'joined', under: outage }))
}

async function endMembers(tx: Transaction, outage: Alert, nowMs: number): Promise<readonly AlertChange[]> {
  const members = await tx.openUnder(outage.id, membersMax)
  if (members.length > 0) await tx.updateAlerts(members.map(({ id, updatedAtMs }) => ({ id, addCount: 0, updatedAtMs, state: 'resolved', resolvedAtMs: nowMs })))
  return members.map((alert) => ({ alert: { ...alert, state: 'resolved', resolvedAtMs: nowMs }, change: 'resolved' }))
}

function memberOf({ id, updatedAtMs }: Alert, parent: number): AlertUpdate {
  return { id, addCount: 0, updatedAtMs, parent }
}
