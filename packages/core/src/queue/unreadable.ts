import type { Alert } from '../model/alert.ts'
import type { DueDelivery, NewNotification, Transaction } from '../model/store.ts'
import { askNextChannel, type RecipientsOn, type Unreached } from './fallback.ts'

/** Who would be told of an alert now, and how. */
export type PlanOf = (alert: Alert, nowMs: number) => { readonly notifications: readonly NewNotification[]; readonly batched: readonly NewNotification[] }

/** Routes may have found fewer recipients when it was enqueued than they find now; what was told so much earlier was told for it, milliseconds. */
const earlierMs = 60_000

/**
 * A delivery that cannot be read was ended, and with it went whom it was for. What it carried and by which channel is still known: of those
 * who would be told of that by this channel now, whoever has nothing of it on the way is asked for by their next channel. Everybody else has a
 * delivery that can be read. Where there is no next channel, the reason is on record.
 */
export async function askForUnreadable(tx: Transaction, delivery: number, planOf: PlanOf, recipientsOn: RecipientsOn, nowMs: number): Promise<void> {
  const remains = await tx.remains(delivery)
  if (remains === undefined || remains.news !== 'firing') return
  const { channel, createdAtMs } = remains
  const unreached: Unreached[] = []
  for (const id of remains.alerts) {
    const alert = await tx.alert(id)
    if (alert === undefined || !isStillNews(alert)) continue
    await tx.recordDecisions([{ alert: id, person: '*', channel, reason: 'failed.content', params: { channel, cause: 'the delivery cannot be read' }, atMs: nowMs, count: 1 }])
    const { notifications, batched } = planOf(alert, nowMs)
    for (const planned of [...notifications, ...batched]) {
      if (planned.channel !== channel) continue
      const ways = await tx.onTheWay(id, planned.recipient.person, createdAtMs - earlierMs)
      if (ways.length === 0) unreached.push({ due: asDue(planned, alert), outcome: 'failed', inDoubt: false })
    }
  }
  if (unreached.length > 0) await askNextChannel(tx, unreached, recipientsOn, nowMs)
}

/** News that is over as it opens is told all the same; so is what was critical. */
function isStillNews({ state, ends, severity }: Alert): boolean {
  return state === 'firing' || ends === 'at-once' || (state === 'resolved' && severity === 'critical')
}

/** As it would be if it could be read: under no number, so that nothing is noted about the one that was ended. */
function asDue(planned: NewNotification, alert: Alert): DueDelivery {
  const { project, channel, recipient, route, news, without, createdAtMs } = planned
  return {
    ...planned,
    id: 0, attemptsBefore: 0, doubtfulAttempts: 0, fallbackAsked: false, cost: 1,
    notification: { id: 0, project, channel, recipient, route, news, alerts: [alert], moreAlerts: 0, without, createdAtMs },
  }
}
