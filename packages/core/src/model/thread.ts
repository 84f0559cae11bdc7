import { hash } from 'node:crypto'
import type { Notification } from './notification.ts'

/**
 * The thread that a notification belongs to: stable as the alert is, for one person wherever they move, and for everybody
 * where the channel is the address. Absent for collections, and for news that is over as it opens: nothing follows it.
 */
export function threadOf({ project, alerts, moreAlerts, late, recipient, channel }: Notification): string | undefined {
  const [alert] = alerts
  if (alert === undefined || alerts.length > 1 || moreAlerts > 0 || late !== undefined || alert.ends === 'at-once') return undefined
  // As a hash: names and addresses are nobody's business in a header.
  const reader = recipient.address === '' ? '' : recipient.person === '' ? recipient.address : recipient.person
  const whom = hash('sha256', JSON.stringify([reader, channel]), 'hex').slice(0, 12)
  return `${threadStart(project, alert.id)}${alert.openedAtMs.toString(36)}-${whom}`
}

/** How the names of all threads of an alert begin, and of no other's. */
export function threadStart(project: string, alert: number): string {
  return `tocsin-${project}-alert-${alert}-`
}
