import type { Notification } from '../../model/notification.ts'
import type { Transaction } from '../../model/store.ts'
import { templatesOf } from './pattern.ts'

/** Longest piece of a template that is kept with a decision, in characters. */
const templateCharsMax = 200

/** A collection was sent: of what another alert stood for is on record by which words they are alike, and how many they are. */
export async function recordSimilar(tx: Transaction, sent: readonly Notification[], nowMs: number): Promise<void> {
  for (const { id, alerts, similar, recipient: { person }, channel } of sent) {
    if (similar === undefined) continue
    const shown = alerts.filter((alert) => similar.has(alert.id))
    const templates = await templatesOf(tx, shown)
    const lines = shown.map((alert, index) => {
      const template = templates[index]?.slice(0, templateCharsMax)
      return { alert: alert.id, params: { count: (similar.get(alert.id)?.alerts ?? 1) - 1, ...(template !== undefined && { template }) } }
    })
    await tx.recordSimilar(id, { person: person === '' ? '*' : person, channel, atMs: nowMs }, lines)
  }
}
