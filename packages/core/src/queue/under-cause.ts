import type { Alert } from '../model/alert.ts'
import type { ClaimedDelivery } from '../model/delivery.ts'
import type { DueDelivery, Transaction } from '../model/store.ts'

/** An alert that is told within the one that is its cause. */
export interface Member {
  readonly alert: Alert
  readonly cause: Alert
}

export interface Parted {
  /** The delivery with what stands for itself; absent: nothing of it does. */
  readonly left: DueDelivery | ClaimedDelivery | undefined
  readonly members: readonly Member[]
}

/**
 * What a delivery carries, apart from what became part of another alert since it was enqueued: as long as that cause is open, whoever would be
 * told by a next channel is told of the cause. Asked of the store, because what is in flight knows its alerts as they were when it was claimed.
 */
export async function partUnderCause(tx: Transaction, due: DueDelivery | ClaimedDelivery): Promise<Parted> {
  const { notification } = due
  if (notification.news !== 'firing') return { left: due, members: [] }
  const more = notification.moreAlerts > 0 ? await tx.stillNews(due.id, notification.channel) : []
  const ids = new Set([...notification.alerts.map(({ id }) => id), ...more])
  const members: Member[] = []
  const causes = new Map<number, Alert | undefined>()
  const others: Alert[] = []
  for (const id of ids) {
    const alert = await tx.alert(id)
    if (alert === undefined) continue
    const { parent } = alert
    if (parent !== undefined && !causes.has(parent)) causes.set(parent, await tx.alert(parent))
    const cause = parent === undefined ? undefined : causes.get(parent)
    if (cause === undefined || cause.state === 'resolved') others.push(alert)
    else members.push({ alert, cause })
  }
  if (members.length === 0) return { left: due, members }
  const alerts = more.length > 0 ? others : notification.alerts.filter(({ id }) => !members.some(({ alert }) => alert.id === id))
  return { left: alerts.length === 0 ? undefined : { ...due, notification: { ...notification, alerts, moreAlerts: 0 } }, members }
}
