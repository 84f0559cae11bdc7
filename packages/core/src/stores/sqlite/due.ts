import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Alert } from '../../model/alert.ts'
import type { DueDelivery, Transaction } from '../../model/store.ts'
import { alertColumns, alertOf } from './alerts.ts'
import type { AlertRow } from './alerts.ts'
import type { Destinations } from './destinations.ts'
import type { Projects } from './projects.ts'
import type { Schema } from './schema.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** Alerts of a batch that are loaded with it; `moreAlerts` counts the rest. */
const alertsMax = 100

const deliveryColumns = [
  'deliveries.id', 'deliveries.priority', 'deliveries.due_at', 'deliveries.attempts', 'deliveries.claimed_at', 'deliveries.doubt_at', 'deliveries.doubts',
  'deliveries.cost', 'deliveries.result', 'deliveries.done_at', 'deliveries.alert', 'deliveries.items', 'deliveries.project', 'deliveries.destination',
  'deliveries.news', 'deliveries.created_at', 'deliveries.expires_at',
] as const

type DeliveryRow = Omit<Selectable<Schema['deliveries']>, 'channel' | 'fence' | 'batch_key'>

/** A delivery beside its alert; all of the alert is null where it carries a batch. */
type DueRow = DeliveryRow & { [K in keyof AlertRow]: AlertRow[K] | null }

/** What is due, and one delivery by its number. */
export function dueQueries(prepare: Prepare, projects: Projects, destinations: Destinations): Pick<Transaction, 'due' | 'delivery'> {
  const rows = query.selectFrom('deliveries').leftJoin('alerts', 'alerts.id', 'deliveries.alert').select(deliveryColumns).select(alertColumns)
  // One priority at a time: over several, SQLite would read every row that is not due yet.
  const findDue = prepare(
    rows
      .where('deliveries.done_at', 'is', null)
      .where('deliveries.channel', '=', given<string>())
      .where('deliveries.priority', '=', given<number>())
      .where('deliveries.due_at', '<=', given<number>())
      .orderBy('deliveries.due_at')
      .limit(given<number>()),
  )
  const findOne = prepare(rows.where('deliveries.id', '=', given<number>()))
  const findItems = prepare(
    query
      .selectFrom('batch_items')
      .innerJoin('alerts', 'alerts.id', 'batch_items.alert')
      .select(['alerts.id', ...alertColumns])
      .where('batch_items.delivery', '=', given<number>())
      .orderBy('batch_items.alert')
      .limit(sql.lit(alertsMax)),
  )

  const alertsOf = (row: DueRow, project: string): readonly Alert[] => {
    if (row.alert === null) return findItems.all(row.id).map((item) => alertOf(item, item.id, project))
    // The columns of an alert are null together, where the alert was erased.
    return row.rule === null ? [] : [alertOf(row as DeliveryRow & AlertRow, row.alert, project)]
  }

  const dueOf = (row: DueRow): DueDelivery => {
    const project = projects.name(row.project)
    const { channel, recipient, route, without, fallback, fallbackAfterMs } = destinations.get(row.destination)
    const alerts = alertsOf(row, project)
    // An open attempt found here is one whose lease ran out.
    const inDoubtSinceMs = row.doubt_at ?? row.claimed_at
    return {
      id: row.id,
      attemptsBefore: row.attempts,
      doubtfulAttempts: row.doubts,
      priority: row.priority,
      dueMs: row.due_at,
      expiresMs: row.expires_at,
      cost: row.cost,
      fallback,
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

  return {
    async due({ channel, priority, nowMs, limit }) {
      return findDue.all(channel, priority, whole(nowMs), limit).map(dueOf)
    },
    async delivery(id) {
      const row = findOne.get(id)
      if (row === undefined) return undefined
      return { state: stateOf(row), due: dueOf(row), ...(row.result !== null && { result: row.result }) }
    },
  }
}

export function stateOf(row: Pick<DeliveryRow, 'done_at' | 'claimed_at'>): 'waiting' | 'claimed' | 'done' {
  return row.done_at !== null ? 'done' : row.claimed_at !== null ? 'claimed' : 'waiting'
}
