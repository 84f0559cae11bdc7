import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Alert } from '../../model/alert.ts'
import type { Recipient } from '../../model/notification.ts'
import type { Part } from '../../model/roles.ts'
import { parts } from '../../model/roles.ts'
import type { DueDelivery, Transaction } from '../../model/store.ts'
import { alertColumns, alertOf } from './alerts.ts'
import type { AlertRow } from './alerts.ts'
import { present } from './json.ts'
import type { Projects } from './projects.ts'
import type { Schema } from './schema.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** Alerts of a batch that are loaded with it; `moreAlerts` counts the rest. */
const alertsMax = 100

type DeliveryRow = Selectable<Schema['deliveries']>

/** A delivery beside its alert; all of the alert is null where it carries a batch. */
type DueRow = DeliveryRow & { [K in keyof AlertRow]: AlertRow[K] | null }

/** What is due, and one delivery by its number. */
export function dueQueries(prepare: Prepare, projects: Projects): Pick<Transaction, 'due' | 'delivery'> {
  const rows = query.selectFrom('deliveries').leftJoin('alerts', 'alerts.id', 'deliveries.alert').selectAll('deliveries').select(alertColumns)
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

  const dueOf = (row: DueRow): DueDelivery => {
    const project = projects.name(row.project)
    const alerts: readonly Alert[] = row.alert === null ? findItems.all(row.id).map((item) => alertOf(item, item.id, project)) : singleAlert(row, row.alert, project)
    return {
      id: row.id,
      attemptsBefore: row.attempts,
      priority: row.priority,
      dueMs: row.due_at,
      expiresMs: row.expires_at,
      cost: row.cost,
      fallback: row.fallback === null ? [] : row.fallback.split(','),
      // An open attempt found here is one whose lease ran out.
      doubtfulAttempts: row.doubts + (row.claimed_at === null ? 0 : 1),
      ...present({ inDoubtSinceMs: row.claimed_at ?? row.doubt_at, fallbackAfterMs: row.fallback_after_ms }),
      notification: {
        id: row.id,
        project,
        channel: row.channel,
        recipient: recipientOf(row),
        route: row.route,
        news: row.news,
        alerts,
        moreAlerts: row.alert === null ? Math.max(0, row.items - alerts.length) : 0,
        without: withoutOf(row.without),
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
      return { state: stateOf(row), due: dueOf(row), ...present({ result: row.result }) }
    },
  }
}

export function stateOf(row: Pick<DeliveryRow, 'done_at' | 'claimed_at'>): 'waiting' | 'claimed' | 'done' {
  return row.done_at !== null ? 'done' : row.claimed_at !== null ? 'claimed' : 'waiting'
}

export function recipientOf({ person, role, address, locale, timezone }: Recipient): Recipient {
  return { person, role, address, locale, timezone }
}

export function withoutOf(text: string | null): readonly Part[] {
  return text === null ? [] : parts.filter((part) => text.split(',').includes(part))
}

function singleAlert(row: DueRow, id: number, project: string): readonly Alert[] {
  // The columns of an alert are null together, where the alert was erased.
  return row.rule === null ? [] : [alertOf(row as DeliveryRow & AlertRow, id, project)]
}
