import { hash } from 'node:crypto'
import type { Notification } from '../model/notification.ts'

/** Stable over retries, restarts and machines: made of the notification alone. */
export function messageIdOf({ project, id, createdAtMs }: Pick<Notification, 'project' | 'id' | 'createdAtMs'>): string {
  return `tocsin-${project}-${id}-${createdAtMs.toString(36)}`
}

/**
 * The thread that a notification belongs to: stable as the alert is, for one person wherever they move. Absent for collections, and
 * for news that is over as it opens, because nothing follows it.
 */
export function threadOf({ project, alerts, moreAlerts, recipient, channel }: Notification): string | undefined {
  const [alert] = alerts
  if (alert === undefined || alerts.length > 1 || moreAlerts > 0 || alert.ends === 'at-once') return undefined
  // As a hash: names and addresses are nobody's business in a header.
  const whom = hash('sha256', JSON.stringify([recipient.person === '' ? recipient.address : recipient.person, channel]), 'hex').slice(0, 12)
  return `tocsin-${project}-alert-${alert.id}-${alert.openedAtMs.toString(36)}-${whom}`
}
