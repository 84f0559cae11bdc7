import type { BatchItem, Enqueued, NewNotification, Transaction } from '../../model/store.ts'
import type { Destinations } from './destinations.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** A notification and its delivery are one row: the number of one is the number of the other. */
export function enqueuer(prepare: Prepare, projects: Projects, destinations: Destinations): Pick<Transaction, 'enqueue' | 'enqueueInBatch'> {
  const insert = prepare.insert(tables.deliveries, [
    'channel', 'priority', 'due_at', 'alert', 'batch_key', 'project', 'destination', 'news', 'created_at', 'expires_at',
    'items', 'fence', 'attempts', 'doubts', 'cost',
  ])
  const findOpen = prepare.select(tables.deliveries, ['id', 'items', 'priority', 'expires_at', 'due_at'], 'where project = ? and batch_key = ?')
  const addItem = prepare.insert(tables.batchItems, ['delivery', 'alert'], 'on conflict do nothing')
  const updateBatch = prepare.change('update deliveries set items = ?, priority = ?, expires_at = ?, due_at = ?, batch_key = ? where id = ?')

  const insertOne = (one: NewNotification, alert: number | null, batchKey: string | null): number =>
    insert.run(
      one.channel, one.priority, whole(one.dueMs), alert, batchKey, projects.number(one.project), destinations.number(one),
      one.news, whole(one.createdAtMs), whole(one.expiresMs), 1, 0, 0, 0, 1,
    ).id

  return {
    async enqueue(notifications) {
      return notifications.map((one) => enqueued(insertOne(one, one.alert, null)))
    },
    async enqueueInBatch(items) {
      const batches = new Map<string, OpenBatch>()
      const write = (key: string, batch: OpenBatch): void => {
        updateBatch.run(batch.items, batch.priority, batch.expiresMs, batch.dueMs, batch.closed ? null : batch.key, batch.id)
        batches.delete(key)
      }
      const open = (item: BatchItem): OpenBatch => {
        const row = findOpen.get(projects.number(item.project), item.batchKey)
        const id = row?.id ?? insertOne(item, null, item.batchKey)
        return {
          id,
          key: item.batchKey,
          items: row?.items ?? 0,
          priority: row?.priority ?? item.priority,
          expiresMs: row?.expires_at ?? whole(item.expiresMs),
          dueMs: row?.due_at ?? whole(item.dueMs),
          closed: false,
        }
      }
      const result = items.map((item) => {
        const key = `${projects.number(item.project)} ${item.batchKey}`
        const batch = batches.get(key) ?? open(item)
        batches.set(key, batch)
        if (addItem.run(batch.id, item.alert).changes > 0) batch.items += 1
        // The wait runs from the first member and is never extended; the most urgent member decides how urgent it is.
        batch.priority = Math.min(batch.priority, item.priority)
        batch.expiresMs = Math.max(batch.expiresMs, whole(item.expiresMs))
        if (batch.items >= item.batchMax) {
          batch.closed = true
          batch.dueMs = Math.min(batch.dueMs, whole(item.createdAtMs))
          write(key, batch)
        }
        return enqueued(batch.id)
      })
      for (const [key, batch] of batches) write(key, batch)
      return result
    },
  }
}

/** A batch while items are added to it; written once at the end of the call. */
interface OpenBatch {
  readonly id: number
  readonly key: string
  items: number
  priority: number
  expiresMs: number
  dueMs: number
  closed: boolean
}

function enqueued(id: number): Enqueued {
  return { notification: id, delivery: id }
}
