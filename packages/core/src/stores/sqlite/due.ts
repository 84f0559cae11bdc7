import type { Alert } from '../../model/alert.ts'
import type { DueDelivery, Transaction } from '../../model/store.ts'
import { alertColumns, alertOf } from './alerts.ts'
import type { AlertFields } from './alerts.ts'
import type { Destination, Destinations } from './destinations.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { AlertRow, DeliveryRow } from './schema.ts'
import type { Prepare, Source } from './statement.ts'
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
  ...alertColumns,
] as const

/** A delivery beside its alert; all of the alert is null where it carries a batch. */
type DueRow = Omit<DeliveryRow, 'channel' | 'batch_key'> & { [K in keyof AlertFields]: AlertFields[K] | null }

const withAlert: Source<DueRow> = {
  from: 'deliveries left join alerts on alerts.id = deliveries.alert',
  qualified: { id: 'deliveries.id', project: 'deliveries.project' },
}
const itemsWithAlert: Source<AlertRow> = { from: 'batch_items join alerts on alerts.id = batch_items.alert' }

const withDestination: Source<{ id: number }> = {
  from: 'deliveries join destinations on destinations.id = deliveries.destination',
  qualified: { id: 'deliveries.id' },
}

/** What is due, and one delivery by its number. */
export function dueQueries(prepare: Prepare, projects: Projects, destinations: Destinations, tell: TellUnreadable): Pick<Transaction, 'due' | 'delivery' | 'expired'> {
  // One priority at a time: over several, SQLite would read every row that is not due yet.
  const findDue = prepare.select(withAlert, columns, 'where done_at is null and deliveries.project = ? and channel = ? and priority = ? and due_at <= ? order by due_at limit ?')
  // Rare, and asked for rarely: it may read all that waits.
  const findExpired = prepare.select(
    withAlert,
    columns,
    `where done_at is null and deliveries.project = ? and expires_at < ? and (claimed_at is null or due_at <= ?)
     and channel not in (select value from json_each(?)) order by deliveries.id limit ?`,
  )
  const findOne = prepare.select(withAlert, columns, 'where deliveries.id = ?')
  const findItems = prepare.select(itemsWithAlert, ['id', ...alertColumns], `where delivery = ? order by batch_items.alert limit ${alertsMax}`)

  const findNewer = prepare.select(
    withDestination,
    ['id'],
    `where alert = ? and deliveries.id > ? and deliveries.channel = ? and person = ? and (person <> '' or address = ?)
     order by deliveries.id desc limit 1`,
  )

  const end = prepare.change("update deliveries set result = 'failed', done_at = ?, claimed_at = null, batch_key = null where id = ?")
  const recordEnd = prepare.put(tables.attempts, ['delivery', 'n', 'at', 'ms', 'outcome', 'code', 'detail'])

  // What waits is withdrawn when something newer takes its place; what was in flight then has to ask.
  const newerThan = ({ id, fence, alert }: DueRow, { channel, recipient }: Destination): number | undefined =>
    fence === 0 || alert === null ? undefined : findNewer.get(alert, id, channel, recipient.person, recipient.address)?.id

  const alertsOf = (row: DueRow, project: string): readonly Alert[] => {
    if (row.alert === null) return findItems.all(row.id).map((item) => alertOf(item, item.id, project, tell))
    // The columns of an alert are null together, where the alert was erased.
    return row.rule === null ? [] : [alertOf(row as typeof row & AlertFields, row.alert, project, tell)]
  }

  const dueOf = (row: DueRow): DueDelivery => {
    const project = projects.name(row.project)
    const destination = destinations.get(row.destination)
    const { channel, recipient, route, without, fallback, fallbackAfterMs } = destination
    const alerts = alertsOf(row, project)
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
      tell(`delivery ${row.id}`, `${unreadable.message}; it was ended as failed`)
      return []
    }
  }

  return {
    async due({ project, channel, priority, nowMs, limit }) {
      for (let look = 1; look <= looksMax; look += 1) {
        const rows = findDue.all(projects.number(project), channel, priority, whole(nowMs), limit)
        const found = rows.flatMap((row) => readOrEnd(row, nowMs))
        // Nothing means that nothing is due, not that what stood first could not be read.
        if (found.length > 0 || rows.length === 0) return found
      }
      return []
    },
    async expired(project, otherThan, nowMs, limit) {
      return findExpired.all(projects.number(project), whole(nowMs), whole(nowMs), JSON.stringify(otherThan), limit).flatMap((row) => readOrEnd(row, nowMs))
    },
    async delivery(id) {
      const row = findOne.get(id)
      const due = row && readOrTell(tell, `delivery ${id}`, () => dueOf(row))
      if (row === undefined || due === undefined) return undefined
      return { state: stateOf(row), due, ...(row.result !== null && { result: row.result }) }
    },
  }
}

export function stateOf(row: Pick<DeliveryRow, 'done_at' | 'claimed_at'>): 'waiting' | 'claimed' | 'done' {
  return row.done_at !== null ? 'done' : row.claimed_at !== null ? 'claimed' : 'waiting'
}
