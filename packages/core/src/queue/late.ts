import { batchKeyOf } from '../model/batch-key.ts'
import type { Config } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import type { Recipient } from '../model/notification.ts'
import { keepMs, priorityOf } from '../model/severity.ts'
import type { BatchItem, Transaction } from '../model/store.ts'
import type { RecipientsOn, Unreached } from './fallback.ts'

export interface LateParts {
  readonly delivery: Pick<Config['delivery'], 'batchMs' | 'batchMax'>
  /** Names of the channels that the configuration has, in its order. */
  readonly channels: readonly string[]
  readonly recipientsOn: RecipientsOn
}

/**
 * What ended as too old and was taken on by no other channel becomes a line in the next message that is collected for the
 * person there: what happened, when, and that it is late. Once: a line that itself becomes too old is told no second time. What is over
 * is told to nobody any more, unless it was critical; nor is the end of something told late. Addresses without a person get no
 * collections, and none is made for this.
 */
export async function tellLate(tx: Transaction, untaken: readonly Unreached[], parts: LateParts, nowMs: number): Promise<void> {
  const items: BatchItem[] = []
  const decisions: Decision[] = []
  for (const { due, outcome } of untaken) {
    const { notification } = due
    const { person } = notification.recipient
    if (outcome !== 'too-old' || notification.news !== 'firing' || person === '') continue
    const { channel, recipients } = placeFor(notification, parts)
    if (recipients.length === 0) continue
    const dueMs = nowMs + parts.delivery.batchMs
    const item = {
      project: notification.project, channel, route: notification.route, news: 'firing', without: notification.without, priority: priorityOf('info'),
      dueMs, expiresMs: dueMs + keepMs('info'), fallback: [], createdAtMs: nowMs,
    } as const
    for (const alert of await tx.stillNews(due.id, channel)) {
      // A collection that holds it may have been opened before this was enqueued.
      const ways = await tx.onTheWay(alert, person, notification.createdAtMs - parts.delivery.batchMs)
      if (ways.some(({ delivery }) => delivery !== due.id)) continue
      for (const recipient of recipients) items.push({ ...item, recipient, alert, batchKey: batchKeyOf({ ...item, recipient }), batchMax: parts.delivery.batchMax, isLate: true })
      decisions.push({ alert, person, channel, reason: 'held.digest', params: { time: dueMs, route: notification.route, person }, atMs: nowMs, count: 1 })
    }
  }
  if (items.length === 0) return
  await tx.enqueueInBatch(items)
  await tx.recordDecisions(decisions)
}

/** The channel itself, and where it is gone from the configuration the first other one that reaches the person. */
function placeFor({ channel, recipient }: Unreached['due']['notification'], { channels, recipientsOn }: LateParts): { readonly channel: string; readonly recipients: readonly Recipient[] } {
  if (channels.includes(channel)) return { channel, recipients: [recipient] }
  for (const other of channels) {
    const recipients = recipientsOn(recipient.person, other)
    if (recipients.length > 0) return { channel: other, recipients }
  }
  return { channel, recipients: [] }
}
