import type { Alert } from '../../model/alert.ts'
import type { Notification } from '../../model/notification.ts'
import type { DueDelivery } from '../../model/store.ts'
import type { BatchLine } from './batch-lines.ts'
import type { Destination } from './destinations.ts'
import { parsed } from './json.ts'
import type { ColumnsOf } from './source.ts'
import type { DeliveryRow } from './tables.ts'
import { UnreadableRow } from './unreadable.ts'
import type { TellUnreadable } from './unreadable.ts'

/** What is read of a delivery that may be claimed. */
export const dueColumns = [
  'id', 'priority', 'due_at', 'attempts', 'fence', 'claimed_at', 'doubt_at', 'doubts', 'fallback_asked', 'cost', 'result', 'done_at', 'alert', 'items', 'project', 'destination', 'news',
  'created_at', 'expires_at', 'turn',
] as const

export type DueRow = Pick<DeliveryRow, (typeof dueColumns)[number]>

/** The same as a list, which takes a fifth less to read. */
export type DueList = ColumnsOf<DeliveryRow, typeof dueColumns>

export function dueRowOf(list: DueList): DueRow {
  const [
    id, priority, due_at, attempts, fence, claimed_at, doubt_at, doubts, fallback_asked, cost, result, done_at, alert, items, project, destination, news,
    created_at, expires_at, turn,
  ] = list
  return {
    id, priority, due_at, attempts, fence, claimed_at, doubt_at, doubts, fallback_asked, cost, result, done_at, alert, items, project, destination, news,
    created_at, expires_at, turn,
  }
}

/** What a delivery carries, and what is known of it besides its row. */
export interface Carried {
  readonly project: string
  readonly destination: Destination
  readonly alerts: Pick<Notification, 'alerts' | 'similar' | 'late'>
  /** Asked where a batch holds more than its lines. */
  readonly totals: () => Notification['totals']
  readonly supersededBy: number | undefined
}

/** @throws UnreadableRow where none of its alerts is on record */
export function dueDeliveryOf(row: DueRow, { project, destination, alerts: { alerts, ...more }, totals, supersededBy }: Carried, tell: TellUnreadable): DueDelivery {
  const { channel, recipient, route, without, fallback, alsoFor, fallbackAfterMs } = destination
  const isLarge = row.alert === null && row.items > alerts.length
  if (alerts.length === 0) throw new UnreadableRow('expected an alert of it to be on record')
  // An open attempt found here is one whose lease ran out.
  const inDoubtSinceMs = row.doubt_at ?? row.claimed_at
  const turn = row.turn === null ? undefined : parsed(row.turn, undefined, tell, `delivery ${row.id}`)
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
    ...(row.fence !== 0 && { claimedBefore: true as const }),
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
      moreAlerts: isLarge ? row.items - alerts.length : 0,
      ...(isLarge && { totals: totals() ?? [] }),
      ...more,
      ...(turn !== undefined && { turn }),
      without,
      createdAtMs: row.created_at,
    },
  }
}

/** The lines of a batch whose alerts are on record. */
export function linedUp(lines: readonly BatchLine[], alertOf: (id: number) => Alert | undefined): Carried['alerts'] {
  const found = lines.flatMap((line) => {
    const alert = alertOf(line.alert)
    return alert === undefined ? [] : [{ ...line, alert }]
  })
  const late = found.flatMap(({ alert, isLate }) => (isLate ? [alert.id] : []))
  const similar = new Map(found.flatMap(({ alert, similar: like }) => (like === undefined ? [] : [[alert.id, like] as const])))
  return { alerts: found.map(({ alert }) => alert), ...(similar.size > 0 && { similar }), ...(late.length > 0 && { late }) }
}

export function stateOf(row: Pick<DeliveryRow, 'done_at' | 'claimed_at'>): 'waiting' | 'claimed' | 'done' {
  return row.done_at !== null ? 'done' : row.claimed_at !== null ? 'claimed' : 'waiting'
}
