import { isTaken, type Alert } from '../../model/alert.ts'
import type { ChannelType } from '../../model/channel.ts'
import { keepMs, priorityOf } from '../../model/severity.ts'
import type { NewNotification, Transaction } from '../../model/store.ts'
import { threadOf } from '../../model/thread.ts'
import type { Told } from '../plan.ts'

/** How a channel shows who has an alert; absent: it does not. */
export type AcknowledgesOf = (channel: string) => ChannelType['can']['acknowledges']

/**
 * Who has an alert changed: what was told of it is changed where it can be. This is no message of its own, so that nothing holds, groups or
 * counts it. An incident is acknowledged and cannot be given back; a first message says how things stand, where it is known.
 */
export async function showStanding(tx: Transaction, alert: Alert, told: readonly Told[], acknowledgesOf: AcknowledgesOf, nowMs: number): Promise<void> {
  const { id, project, severity } = alert
  const shown = new Map<string, NewNotification>()
  for (const { recipient, channel, route, without } of told) {
    const how = acknowledgesOf(channel)
    if (how === undefined || (how === 'incident' && !isTaken(alert))) continue
    if (how === 'first' && !(await hasFirst(tx, alert, { recipient, channel }))) continue
    // Where the channel is the address there is one for everybody.
    shown.set(JSON.stringify([channel, recipient.address, recipient.address === '' ? '' : recipient.person]), {
      project, channel, recipient, route, without, news: 'acknowledged', alert: id, priority: priorityOf(severity),
      dueMs: nowMs, expiresMs: nowMs + keepMs(severity), fallback: [], createdAtMs: nowMs,
    })
  }
  if (shown.size > 0) await tx.enqueue([...shown.values()])
}

async function hasFirst(tx: Transaction, alert: Alert, { recipient, channel }: Pick<Told, 'recipient' | 'channel'>): Promise<boolean> {
  const thread = threadOf({ project: alert.project, alerts: [alert], moreAlerts: 0, recipient, channel })
  return thread !== undefined && (await tx.firstMessages([thread])).has(thread)
}
