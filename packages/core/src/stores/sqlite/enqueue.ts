import type { BatchItem, NewNotification, Transaction } from '../../model/store.ts'
import type { Destinations } from './destinations.ts'
import { json } from '../rows/json.ts'
import { addTo, enqueued, type OpenBatch } from '../rows/open-batch.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

export function enqueuer(prepare: Prepare, projects: Projects, destinations: Destinations): Pick<Transaction, 'enqueue' | 'enqueueInBatch' | 'copyBatch' | 'stillNews' | 'openBatch'> {
  const insert = prepare.insert(tables.deliveries, [
    'channel', 'priority', 'due_at', 'alert', 'batch_key', 'project', 'destination', 'news', 'created_at', 'expires_at',
    'items', 'fence', 'attempts', 'doubts', 'cost', 'turn',
  ])
  const findOpen = prepare.select(tables.deliveries, ['id', 'items', 'priority', 'expires_at', 'due_at'], 'where project = ? and batch_key = ?')
  const addItem = prepare.insert(tables.batchItems, ['delivery', 'alert', 'late'], 'on conflict do nothing')
  const itemsWithAlert = 'batch_items join alerts on alerts.id = batch_items.alert'
  const notAbout = "case when json_valid(facts) then json_extract(facts, '$.aboutChannel') end is not ?"
  const toCopy = `where delivery = ? and ${notAbout}`
  const findToCopy = prepare.select({ ...tables.batchItems, from: itemsWithAlert }, ['alert'], `${toCopy} limit 1`)
  const copyItems = prepare.change(`insert into batch_items(delivery, alert, late) select ?, alert, late from ${itemsWithAlert} ${toCopy} on conflict do nothing`)
  const isNews = "(state = 'firing' or ends = 'at-once' or (state = 'resolved' and severity = 'critical'))"
  const findNewsIn = prepare.select({ ...tables.batchItems, from: itemsWithAlert }, ['alert'], `where delivery = ? and late = 0 and ${isNews} and ${notAbout} order by alert`)
  const findNewsOf = prepare.select({ ...tables.alerts, from: 'deliveries join alerts on alerts.id = deliveries.alert', qualified: { id: 'alerts.id' } }, ['id'], `where deliveries.id = ? and ${isNews} and ${notAbout}`)
  const updateBatch = prepare.change('update deliveries set items = ?, priority = ?, expires_at = ?, due_at = ?, batch_key = ? where id = ?')

  const insertOne = (one: NewNotification, alert: number | null, batchKey: string | null): number =>
    insert.run(
      one.channel, one.priority, whole(one.dueMs), alert, batchKey, projects.number(one.project), destinations.number(one),
      one.news, whole(one.createdAtMs), whole(one.expiresMs), 1, 0, 0, 0, 1, one.turn === undefined ? null : json(one.turn),
    ).id

  const open = (item: BatchItem): KeyedBatch => {
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
  const write = (batch: KeyedBatch): void => {
    updateBatch.run(batch.items, batch.priority, batch.expiresMs, batch.dueMs, batch.closed ? null : batch.key, batch.id)
  }

  return {
    async enqueue(notifications) {
      return notifications.map((one) => enqueued(insertOne(one, one.alert, null)))
    },
    async enqueueInBatch(items) {
      const batches = new Map<string, KeyedBatch>()
      const result = items.map((item) => {
        const key = `${projects.number(item.project)} ${item.batchKey}`
        const batch = batches.get(key) ?? open(item)
        batches.set(key, batch)
        addTo(batch, item, addItem.run(batch.id, item.alert, item.isLate === true ? 1 : 0).changes)
        if (batch.closed) {
          write(batch)
          batches.delete(key)
        }
        return enqueued(batch.id)
      })
      for (const batch of batches.values()) write(batch)
      return result
    },
    async openBatch(project, batchKey) {
      const row = findOpen.get(projects.number(project), batchKey)
      return row === undefined ? undefined : { delivery: row.id, dueMs: row.due_at }
    },
    async stillNews(delivery, channel) {
      return [...findNewsOf.all(delivery, channel).map(({ id }) => id), ...findNewsIn.all(delivery, channel).map(({ alert }) => alert)]
    },
    async copyBatch(fromDelivery, item) {
      if (findToCopy.get(fromDelivery, item.channel) === undefined) return undefined
      const batch = open(item)
      addTo(batch, item, copyItems.run(batch.id, fromDelivery, item.channel).changes)
      write(batch)
      return enqueued(batch.id)
    },
  }
}

/** A batch of this file, with its number. */
interface KeyedBatch extends OpenBatch {
  readonly id: number
  readonly key: string
}
