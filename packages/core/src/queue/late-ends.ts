import type { Alert } from '../model/alert.ts'
import type { ClaimedDelivery } from '../model/delivery.ts'
import type { Transaction } from '../model/store.ts'

/**
 * Of a collection that was sent the alerts that have no line of their own and ended while it was in flight: by the line that stands for them, or their
 * number, somebody heard that they fire. How each stood when it was claimed is not known; that nothing like it was over then, is.
 *
 * @param startedMs when it was sent
 */
export async function endedUnlisted(tx: Transaction, { id, notification }: ClaimedDelivery, startedMs: number): Promise<readonly Alert[]> {
  const { alerts } = notification
  const listed = new Set(alerts.map((alert) => alert.id))
  const firing = new Set(alerts.flatMap(({ pattern, state }) => (pattern !== undefined && state !== 'resolved' ? [pattern] : [])))
  for (const { pattern, state } of alerts) if (pattern !== undefined && state === 'resolved') firing.delete(pattern)
  const ended: Alert[] = []
  let after = 0
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const page = await tx.endedIn(id, after, pageRows)
    for (const alert of page) {
      if (listed.has(alert.id)) continue
      if ((alert.pattern !== undefined && firing.has(alert.pattern)) || (alert.resolvedAtMs ?? 0) >= startedMs) ended.push(alert)
    }
    after = page.at(-1)?.id ?? after
    if (page.length < pageRows) break
  }
  return ended
}

/** Bounds of one look: as much as a collection can hold in the end. */
const pageRows = 1_000
const pagesMax = 1_000
