import { hash } from 'node:crypto'
import type { Notification } from './notification.ts'

/**
 * The thread that a notification belongs to: stable as the alert is, for one person wherever they move, and for everybody
 * where the channel is the address. The summaries of a storm have one of their own, beginnings and ends apart. Absent for other collections, and
 * for news that is over as it opens: nothing follows it.
 */
export function threadOf({ project, alerts, moreAlerts, late, recipient, channel, turn, news }: Threaded): string | undefined {
  const [alert] = alerts
  if (turn?.kind === 'storm') return `tocsin-${project}-storm-${turn.sinceMs.toString(36)}-${whomOf({ recipient, channel }, news)}`
  if (alert === undefined || alerts.length > 1 || moreAlerts > 0 || late !== undefined || alert.ends === 'at-once') return undefined
  return `${threadStart(project, alert.id)}${alert.openedAtMs.toString(36)}-${whomOf({ recipient, channel })}`
}

type Threaded = Pick<Notification, 'project' | 'alerts' | 'moreAlerts' | 'late' | 'recipient' | 'channel'> & Partial<Pick<Notification, 'turn' | 'news'>>

/** As a hash: names and addresses are nobody's business in a header. */
function whomOf({ recipient, channel }: Pick<Notification, 'recipient' | 'channel'>, ...apart: readonly (string | undefined)[]): string {
  const reader = recipient.address === '' ? '' : recipient.person === '' ? recipient.address : recipient.person
  return hash('sha256', JSON.stringify([reader, channel, ...apart]), 'hex').slice(0, 12)
}

/** How the names of all threads of an alert begin, and of no other's. */
export function threadStart(project: string, alert: number): string {
  return `tocsin-${project}-alert-${alert}-`
}
