import type { BatchItem, NewNotification, Transaction } from '../../model/store.ts'
import { json } from '../rows/json.ts'
import { addTo, enqueued, type OpenBatch } from '../rows/open-batch.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { change, changing, insertLists, query, select } from './statement.ts'

const insert = changing(
  insertLists(tables.deliveries, {
    channel: 'text', priority: 'integer', due_at: 'bigint', alert: 'bigint', batch_key: 'text', project: 'integer', destination: 'bigint', news: 'text', created_at: 'bigint',
    expires_at: 'bigint', items: 'integer', fence: 'bigint', attempts: 'integer', doubts: 'integer', cost: 'bigint', turn: 'text',
  }),
  tables.deliveries,
  ['id'],
)
const openColumns = ['id', 'project', 'batch_key', 'items', 'priority', 'expires_at', 'due_at'] as const
const findOpen = select(tables.deliveries, openColumns, 'where (project, batch_key) in (select * from unnest($1::integer[], $2::text[])) order by project, batch_key for update')
const findOpenOne = select(tables.deliveries, ['id', 'due_at'], 'where project = $1 and batch_key = $2')
const findItems = select(tables.batchItems, ['delivery', 'alert'], 'where (delivery, alert) in (select * from unnest($1::bigint[], $2::bigint[]))')
const addItems = change(insertLists(tables.batchItems, { delivery: 'bigint', alert: 'bigint', late: 'integer' }, 'on conflict do nothing'))
const updateBatches = change(
  `update @deliveries as deliveries set items = given.items, priority = given.priority, expires_at = given.expires_at, due_at = given.due_at, batch_key = given.batch_key
   from unnest($1::bigint[], $2::integer[], $3::integer[], $4::bigint[], $5::bigint[], $6::text[]) as given(id, items, priority, expires_at, due_at, batch_key)
   where deliveries.id = given.id`,
)

const notAbout = "(strpos(facts, '\"aboutChannel\"') = 0 or not @is_json(facts) or facts::json ->> 'aboutChannel' is distinct from $2)"
const itemsWithAlert = '@batch_items as batch_items join @alerts as alerts on alerts.id = batch_items.alert'
const findToCopy = query<{ readonly alert: number }>(`select alert from ${itemsWithAlert} where delivery = $1 and ${notAbout} limit 1`)
const copyItems = change(`insert into @batch_items(delivery, alert, late) select $3, alert, late from ${itemsWithAlert} where delivery = $1 and ${notAbout} on conflict do nothing`)
const isNews = "(state = 'firing' or ends = 'at-once' or (state = 'resolved' and severity = 'critical'))"
const findNews = query<{ readonly alert: number }>(
  `select alerts.id as alert from @deliveries as deliveries join @alerts as alerts on alerts.id = deliveries.alert where deliveries.id = $1 and ${isNews} and ${notAbout}
   union all (select alert from ${itemsWithAlert} where delivery = $1 and late = 0 and ${isNews} and ${notAbout} order by alert)`,
)

/** What one row of deliveries is made of, besides its destination. */
interface Made {
  readonly one: NewNotification
  readonly alert: number | null
  readonly key: string | null
  readonly priority: number
  readonly dueMs: number
  readonly expiresMs: number
  readonly items: number
}

/** A batch while it is filled: one on record, or one that is made at the end of the call. */
interface FilledBatch extends OpenBatch {
  readonly key: string
  /** Absent: it is new, and has the form of this item. */
  readonly id: number | undefined
  readonly like: BatchItem
  readonly added: Map<number, 0 | 1>
}

/** Each of them writes all it is given in a handful of statements. */
export function enqueuer({ sql, projects, destinations, wake }: Context): Pick<Transaction, 'enqueue' | 'enqueueInBatch' | 'copyBatch' | 'stillNews' | 'openBatch'> {
  const make = async (rows: readonly Made[]): Promise<readonly number[]> => {
    if (rows.length === 0) return []
    const numberOf = await projects.numbers(rows.map(({ one }) => one.project))
    const ways = new Map<Made, number>()
    for (const [project, some] of Map.groupBy(rows, ({ one }) => one.project)) {
      wake(project)
      const numbers = await destinations.numbers(numberOf(project), some.map(({ one }) => one))
      for (const [index, row] of some.entries()) ways.set(row, numbers[index] ?? 0)
    }
    const zeros = rows.map(() => 0)
    const ids = await sql.all(
      insert, rows.map(({ one }) => one.channel), rows.map(({ priority }) => priority), rows.map(({ dueMs }) => dueMs), rows.map(({ alert }) => alert), rows.map(({ key }) => key),
      rows.map(({ one }) => numberOf(one.project)), rows.map((row) => ways.get(row) ?? 0), rows.map(({ one }) => one.news), rows.map(({ one }) => whole(one.createdAtMs)),
      rows.map(({ expiresMs }) => expiresMs), rows.map(({ items }) => items), zeros, zeros, zeros, rows.map(() => 1), rows.map(({ one }) => (one.turn === undefined ? null : json(one.turn))),
    )
    return ids.map(({ id }) => id)
  }

  /** Batches of these keys that are open, by project and key. */
  const opened = async (items: readonly BatchItem[], numberOf: (project: string) => number): Promise<Map<string, FilledBatch>> => {
    const likes = new Map<string, BatchItem>()
    for (const item of items) {
      const place = placeOf(numberOf(item.project), keyText(item.batchKey))
      if (!likes.has(place)) likes.set(place, item)
    }
    const wanted = [...likes.values()]
    const rows = await sql.all(findOpen, wanted.map(({ project }) => numberOf(project)), wanted.map(({ batchKey }) => keyText(batchKey)))
    return new Map(rows.flatMap(({ id, project, batch_key, items: count, priority, expires_at, due_at }) => {
      const place = placeOf(project, batch_key ?? '')
      const like = likes.get(place)
      return like === undefined ? [] : [[place, { id, key: batch_key ?? '', like, items: count, priority, expiresMs: expires_at, dueMs: due_at, closed: false, added: new Map<number, 0 | 1>() }] as const]
    }))
  }

  /** Which alerts the open ones hold already, as `delivery alert`. */
  const held = async (batches: ReadonlyMap<string, FilledBatch>, items: readonly BatchItem[], numberOf: (project: string) => number): Promise<ReadonlySet<string>> => {
    const asked = items.flatMap((item) => {
      const id = batches.get(placeOf(numberOf(item.project), keyText(item.batchKey)))?.id
      return id === undefined ? [] : [[id, item.alert] as const]
    })
    if (asked.length === 0) return new Set()
    const found = await sql.all(findItems, asked.map(([id]) => id), asked.map(([, alert]) => alert))
    return new Set(found.map(({ delivery, alert }) => `${delivery} ${alert}`))
  }

  /** Writes batches, the new ones in their order, and returns their numbers. Those on record first: they may give up the key of a new one. */
  const write = async (batches: readonly FilledBatch[]): Promise<readonly number[]> => {
    const old = batches.filter(({ id }) => id !== undefined)
    if (old.length > 0) {
      await sql.run(
        updateBatches, old.map(({ id = 0 }) => id), old.map(({ items }) => items), old.map(({ priority }) => priority),
        old.map(({ expiresMs }) => expiresMs), old.map(({ dueMs }) => dueMs), old.map(({ closed, key }) => (closed ? null : key)),
      )
      for (const { like } of old) wake(like.project)
    }
    const made = [...(await make(batches.filter(({ id }) => id === undefined).map(({ like, key, closed, priority, dueMs, expiresMs, items }) => ({
      one: like, alert: null, key: closed ? null : key, priority, dueMs, expiresMs, items,
    }))))].values()
    const ids = batches.map(({ id }) => id ?? made.next().value ?? 0)
    const added = batches.flatMap((batch, index) => [...batch.added].map(([alert, late]) => [ids[index] ?? 0, alert, late] as const))
      .sort(([one, first], [other, second]) => one - other || first - second)
    if (added.length > 0) await sql.run(addItems, added.map(([delivery]) => delivery), added.map(([, alert]) => alert), added.map(([, , late]) => late))
    return ids
  }

  return {
    async enqueue(notifications) {
      const ids = await make(notifications.map((one) => ({
        one, alert: one.alert, key: null, priority: one.priority, dueMs: whole(one.dueMs), expiresMs: whole(one.expiresMs), items: 1,
      })))
      return ids.map(enqueued)
    },
    async enqueueInBatch(items) {
      if (items.length === 0) return []
      const numberOf = await projects.numbers(items.map(({ project }) => project))
      const open = await opened(items, numberOf)
      const known = await held(open, items, numberOf)
      const batches: FilledBatch[] = [...open.values()]
      const filled = items.map((item) => {
        const place = placeOf(numberOf(item.project), keyText(item.batchKey))
        const batch = open.get(place) ?? newBatch(item)
        if (!open.has(place)) batches.push(batch)
        open.set(place, batch)
        const isNew = !batch.added.has(item.alert) && !(batch.id !== undefined && known.has(`${batch.id} ${item.alert}`))
        if (isNew) batch.added.set(item.alert, item.isLate === true ? 1 : 0)
        addTo(batch, item, isNew ? 1 : 0)
        if (batch.closed) open.delete(place)
        return batch
      })
      const ids = await write(batches)
      const idOf = new Map(batches.map((batch, index) => [batch, ids[index] ?? 0]))
      return filled.map((batch) => enqueued(idOf.get(batch) ?? 0))
    },
    async openBatch(project, batchKey) {
      const number = await projects.known(project)
      const row = number === undefined ? undefined : await sql.get(findOpenOne, number, keyText(batchKey))
      return row && { delivery: row.id, dueMs: row.due_at }
    },
    async stillNews(delivery, channel) {
      return (await sql.all(findNews, delivery, channel)).map(({ alert }) => alert)
    },
    async copyBatch(fromDelivery, item) {
      if ((await sql.get(findToCopy, fromDelivery, item.channel)) === undefined) return undefined
      const numberOf = await projects.numbers([item.project])
      const [batch = newBatch(item)] = (await opened([item], numberOf)).values()
      // Made before it is filled: what is copied is counted by the database, however much it is.
      const [id = 0] = batch.id === undefined ? await write([batch]) : [batch.id]
      const written = { ...batch, id }
      addTo(written, item, await sql.run(copyItems, fromDelivery, item.channel, id))
      await write([written])
      return enqueued(id)
    },
  }
}

function newBatch(item: BatchItem): FilledBatch {
  return { id: undefined, key: keyText(item.batchKey), like: item, items: 0, priority: item.priority, expiresMs: whole(item.expiresMs), dueMs: whole(item.dueMs), closed: false, added: new Map() }
}

function placeOf(project: number, key: string): string {
  return `${project} ${key}`
}
