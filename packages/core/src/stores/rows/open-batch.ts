import type { BatchItem, Enqueued } from '../../model/store.ts'
import { whole } from './whole.ts'

/** A batch while items are added to it; written once at the end of the call. */
export interface OpenBatch {
  items: number
  priority: number
  expiresMs: number
  dueMs: number
  closed: boolean
}

/** The wait runs from the first member and is never extended; the most urgent member decides how urgent it is. */
export function addTo(batch: OpenBatch, item: BatchItem, added: number): void {
  batch.items += added
  batch.priority = Math.min(batch.priority, item.priority)
  batch.expiresMs = Math.max(batch.expiresMs, whole(item.expiresMs))
  if (batch.items < item.batchMax) return
  batch.closed = true
  if (item.keepsTime !== true) batch.dueMs = Math.min(batch.dueMs, whole(item.createdAtMs))
}

/** A notification and its delivery are one row: the number of one is the number of the other. */
export function enqueued(id: number): Enqueued {
  return { notification: id, delivery: id }
}
