import type { Alert } from '../../model/alert.ts'
import type { DueDelivery, Transaction } from '../../model/store.ts'
import type { AlertMemory } from './alert-memory.ts'
import { alertColumns, alertOf, alertQuery } from './alerts.ts'
import type { Destination, Destinations } from './destinations.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { AlertRow, DeliveryRow } from './schema.ts'
import type { ColumnsOf, Prepare, Source } from './statement.ts'
import { readOrTell, UnreadableRow } from './unreadable.ts'
import type { TellUnreadable } from './unreadable.ts'
import { whole } from './whole.ts'

/** Alerts of a batch that are loaded with it; `moreAlerts` counts the rest. */
const alertsMax = 100

/** How often it looks on behind deliveries that cannot be read, in one transaction. */
const looksMax = 20

const columns = [
  'id', 'priority', 'due_at', 'attempts', 'fence', 'claimed_at', 'doubt_at', 'doubts', 'fallback_asked', 'cost', 'result', 'done_at', 'alert', 'items', 'project', 'destination', 'news',
  'created_at', 'expires_at',
] as const

type DueRow = Pick<DeliveryRow, (typeof columns)[number]>
type DueList = ColumnsOf<DeliveryRow, typeof columns>

const itemsWithAlert: Source<AlertRow & { late: number }> = { from: 'batch_items join alerts on alerts.id = batch_items.alert' }

const withDestination: Source<{ id: number }> = {
  from: 'deliveries join destinations on destinations.id = deliveries.destination',
  qualified: { id: 'deliveries.id' },
}

/** What is due, and one delivery by its number. */
export function dueQueries(
  prepare: Prepare,
  projects: Projects,
  destinations: Destinations,
  memory: AlertMemory,
  tell: TellUnreadable,
): Pick<Transaction, 'due' | 'delivery' | 'expired' | 'remains'> {
  // One priority at a time: over several, SQLite would read every row that is not due yet.
  const findDue = prepare.selectLists(tables.deliveries, columns, 'where done_at is null and project = ? and channel = ? and priority = ? and due_at <= ? order by due_at limit ?')
  // Rare, and asked for rarely: it may read all that waits.
  const findExpired = prepare.selectLists(
    tables.deliveries,
    columns,
    `where done_at is null and project = ? and expires_at < ? and (claimed_at is null or due_at <= ?)
     and channel not in (select value from json_each(?)) order by id limit ?`,
  )
  const findOne = prepare.selectLists(tables.deliveries, columns, 'where id = ?')
  const findAlert = alertQuery(prepare, projects, tell)
  const findItems = prepare.select(itemsWithAlert, ['id', 'late', ...alertColumns], `where delivery = ? order by batch_items.alert limit ${alertsMax}`)

  const findNewer = prepare.select(
    withDestination,
    ['id'],
    `where alert = ? and deliveries.id > ? and deliveries.channel = ? and person = ? and (address = ? or (person <> '' and created_at > ?))
     order by deliveries.id desc limit 1`,
  )

  const end = prepare.change("update deliveries set result = 'failed', done_at = ?, claimed_at = null, batch_key = null where id = ?")
  const setTimer = prepare.put(tables.timers, ['project', 'kind', 'key', 'due_at'])
  const findRemains = prepare.select(tables.deliveries, ['channel', 'news', 'created_at', 'alert'], 'where id = ?')
  const findMembers = prepare.select(tables.batchItems, ['alert'], `where delivery = ? and late = 0 order by alert limit ${alertsMax}`)
  const recordEnd = prepare.put(tables.attempts, ['delivery', 'n', 'at', 'ms', 'outcome', 'code', 'detail'])

  // What waits is withdrawn when something newer takes its place; what was in flight then has to ask. The same news to another
  // device of the person was enqueued with it and is no newer.
  const newerThan = ({ id, fence, alert, created_at }: DueRow, { channel, recipient }: Destination): number | undefined =>
    fence === 0 || alert === null ? undefined : findNewer.get(alert, id, channel, recipient.person, recipient.address, created_at)?.id

  const alertsOf = (row: DueRow, project: string): { readonly alerts: readonly Alert[]; readonly late?: readonly number[] } => {
    if (row.alert === null) {
      const items = findItems.all(row.id)
      const late = items.filter((item) => item.late !== 0).map(({ id }) => id)
      return { alerts: items.map((item) => alertOf(item, item.id, project, tell)), ...(late.length > 0 && { late }) }
    }
    const alert = memory.get(row.alert) ?? findAlert(row.alert)
    return { alerts: alert === undefined ? [] : [alert] }
  }

  const dueOf = (row: DueRow): DueDelivery => {
    const project = projects.name(row.project)
    const destination = destinations.get(row.destination)
    const { channel, recipient, route, without, fallback, alsoFor, fallbackAfterMs } = destination
    const { alerts, ...more } = alertsOf(row, project)
    if (alerts.length === 0) throw new UnreadableRow('expected an alert of it to be on record')
    // An open attempt found here is one whose lease ran out.
    const inDoubtSinceMs = row.doubt_at ?? row.claimed_at
    const supersededBy = newerThan(row, destination)
    return {
      id: row.id,
      attemptsBefore: row.attempts,
      doubtfulAttempts: row.doubts,
      priority: row.priority,
      dueMs: row.due_at,
      expiresMs: row.expires_at,
      cost: row.cost,
      fallback,
      fallbackAsked: row.fallback_asked !== 0,
      ...(alsoFor !== undefined && { alsoFor }),
      ...(supersededBy !== undefined && { supersededBy }),
      ...(inDoubtSinceMs !== null && { inDoubtSinceMs }),
      ...(fallbackAfterMs !== undefined && { fallbackAfterMs }),
      notification: {
        id: row.id,
        project,
        channel,
        recipient,
        route,
        news: row.news,
        alerts,
        moreAlerts: row.alert === null ? Math.max(0, row.items - alerts.length) : 0,
        ...more,
        without,
        createdAtMs: row.created_at,
      },
    }
  }

  /** What cannot be read can never be sent: it ends here, so that it does not stand before everything else. */
  const readOrEnd = (row: DueRow, nowMs: number): readonly DueDelivery[] => {
    try {
      return [dueOf(row)]
    } catch (unreadable) {
      if (!(unreadable instanceof UnreadableRow)) throw unreadable
      end.run(whole(nowMs), row.id)
      recordEnd.run(row.id, row.attempts + 1, whole(nowMs), 0, 'bad-content', 'unreadable', `The delivery cannot be read: ${unreadable.message}.`)
      setTimer.run(row.project, 'unreadable', String(row.id), whole(nowMs))
      tell(`delivery ${row.id}`, `${unreadable.message}; it was ended as failed`)
      return []
    }
  }

  return {
    async due({ project, channel, priority, nowMs, limit }) {
      for (let look = 1; look <= looksMax; look += 1) {
        const rows = findDue.all(projects.number(project), channel, priority, whole(nowMs), limit)
        const found = rows.flatMap((row) => readOrEnd(rowOf(row), nowMs))
        // Nothing means that nothing is due, not that what stood first could not be read.
        if (found.length > 0 || rows.length === 0) return found
      }
      return []
    },
    async remains(delivery) {
      const row = findRemains.get(delivery)
      if (row === undefined) return undefined
      return { channel: row.channel, news: row.news, createdAtMs: row.created_at, alerts: row.alert === null ? findMembers.all(delivery).map(({ alert }) => alert) : [row.alert] }
    },
    async expired(project, otherThan, nowMs, limit) {
      return findExpired.all(projects.number(project), whole(nowMs), whole(nowMs), JSON.stringify(otherThan), limit).flatMap((row) => readOrEnd(rowOf(row), nowMs))
    },
    async delivery(id) {
      const list = findOne.get(id)
      const row = list && rowOf(list)
      const due = row && readOrTell(tell, `delivery ${id}`, () => dueOf(row))
      if (row === undefined || due === undefined) return undefined
      return { state: stateOf(row), due, ...(row.result !== null && { result: row.result }) }
    },
  }
}

function rowOf(list: DueList): DueRow {
  const [
    id, priority, due_at, attempts, fence, claimed_at, doubt_at, doubts, fallback_asked, cost, result, done_at, alert, items, project, destination, news,
    created_at, expires_at,
  ] = list
  return {
    id, priority, due_at, attempts, fence, claimed_at, doubt_at, doubts, fallback_asked, cost, result, done_at, alert, items, project, destination, news,
    created_at, expires_at,
  }
}

export function stateOf(row: Pick<DeliveryRow, 'done_at' | 'claimed_at'>): 'waiting' | 'claimed' | 'done' {
  return row.done_at !== null ? 'done' : row.claimed_at !== null ? 'claimed' : 'waiting'
}
