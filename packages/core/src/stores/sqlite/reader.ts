import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import { alertQuery, alertOf } from './alerts.ts'
import { decisionsQuery } from './decisions.ts'
import type { Destinations } from './destinations.ts'
import { stateOf } from './due.ts'
import { eventOf } from './events.ts'
import { present } from './json.ts'
import type { Projects } from './projects.ts'
import type { Schema } from './schema.ts'
import { sessionQuery } from './sessions.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import type { Attempt } from '../../model/delivery.ts'
import { priorityOf, severities } from '../../model/severity.ts'
import type { DeliveryRecord, Page, Reader } from '../../model/store.ts'

const pageMax = 1_000
const pageDefault = 100
const priorities = severities.map(priorityOf)
const critical = priorityOf('critical')

/** Reads over a connection of their own: they see what is committed, and each is one short statement or a few. */
export function sqliteReader(prepare: Prepare, projects: Projects, destinations: Destinations): Reader {
  const events = prepare(query.selectFrom('events').selectAll().where('seq', '<', given<number>()).orderBy('seq', 'desc').limit(given<number>()))
  const alerts = prepare(query.selectFrom('alerts').selectAll().where('id', '<', given<number>()).orderBy('id', 'desc').limit(given<number>()))
  const deliveries = prepare(query.selectFrom('deliveries').selectAll().where('id', '<', given<number>()).orderBy('id', 'desc').limit(given<number>()))
  const single = prepare(query.selectFrom('deliveries').selectAll().where('alert', '=', given<number>()))
  const inBatch = prepare(
    query
      .selectFrom('batch_items')
      .innerJoin('deliveries', 'deliveries.id', 'batch_items.delivery')
      .selectAll('deliveries')
      .where('batch_items.alert', '=', given<number>()),
  )
  const items = prepare(query.selectFrom('batch_items').select('alert').where('delivery', '=', given<number>()).orderBy('alert').limit(sql.lit(pageMax)))
  const attempts = prepare(query.selectFrom('attempts').selectAll().where('delivery', '=', given<number>()).orderBy('n'))
  const inbox = prepare(query.selectFrom('inbox').selectAll().where('seq', '<', given<number>()).orderBy('seq', 'desc').limit(given<number>()))
  const nextDelivery = prepare(
    query
      .selectFrom('deliveries')
      .select('due_at')
      .where('done_at', 'is', null)
      .where('channel', '=', given<string>())
      .where('priority', '=', given<number>())
      .orderBy('due_at')
      .limit(sql.lit(1)),
  )
  const nextTimer = prepare(query.selectFrom('timers').select('due_at').orderBy('due_at').limit(sql.lit(1)))
  const waiting = prepare(
    query
      .selectFrom('deliveries')
      .select((eb) => ['channel', 'priority', eb.fn.countAll<number>().as('count')])
      .where('done_at', 'is', null)
      .groupBy(['channel', 'priority'])
      .orderBy('channel')
      .orderBy('priority'),
  )
  const rowsIn = (table: 'events' | 'alerts' | 'deliveries' | 'attempts') =>
    prepare(query.selectFrom(table).select((eb) => eb.fn.countAll<number>().as('count')))
  const counted = { events: rowsIn('events'), alerts: rowsIn('alerts'), deliveries: rowsIn('deliveries'), attempts: rowsIn('attempts') }
  const alert = alertQuery(prepare, projects)
  const session = sessionQuery(prepare, projects)
  const decisions = decisionsQuery(prepare)

  const recordOf = (row: Selectable<Schema['deliveries']>): DeliveryRecord => {
    const { recipient, route } = destinations.get(row.destination)
    return {
      id: row.id,
      notification: row.id,
      channel: row.channel,
      person: recipient.person,
      address: recipient.address,
      route,
      news: row.news,
      priority: row.priority,
      state: stateOf(row),
      createdAtMs: row.created_at,
      dueMs: row.due_at,
      alerts: row.alert === null ? items.all(row.id).map((item) => item.alert) : [row.alert],
      attempts: attempts.all(row.id).map(attemptOf),
      ...present({ result: row.result, doneAtMs: row.done_at }),
    }
  }

  return {
    events: async (page) => events.all(...range(page)).map((row) => eventOf(row, projects)),
    alerts: async (page) => alerts.all(...range(page)).map((row) => alertOf(row, row.id, projects.name(row.project))),
    alert: async (id) => alert(id),
    session: async (project, sessionId) => session(project, sessionId),
    deliveries: async (page) => deliveries.all(...range(page)).map(recordOf),
    deliveriesOf: async (id) => [...single.all(id), ...inBatch.all(id)].sort((a, b) => a.id - b.id).map(recordOf),
    decisionsOf: async (id) => decisions(id),
    inbox: async (page) =>
      inbox.all(...range(page)).map(({ seq, id, channel, address, subject, body, severity, at }) => ({
        seq, id, channel, to: address, subject, text: body, severity, atMs: at,
      })),
    async nextDueMs(channels, criticalOnly) {
      const lanes = [
        ...channels.filter((channel) => !criticalOnly.includes(channel)).flatMap((channel) => priorities.map((priority) => [channel, priority] as const)),
        ...criticalOnly.map((channel) => [channel, critical] as const),
      ]
      const dueMs = lanes
        .map((lane) => nextDelivery.get(...lane)?.due_at)
        .concat(nextTimer.get()?.due_at)
        .filter((dueAt) => dueAt !== undefined)
      return dueMs.length === 0 ? undefined : Math.min(...dueMs)
    },
    waiting: async () => waiting.all(),
    async counts() {
      const count = (table: keyof typeof counted): number => counted[table].get()?.count ?? 0
      return { events: count('events'), alerts: count('alerts'), deliveries: count('deliveries'), attempts: count('attempts') }
    },
  }
}

/** Row before which a page begins, and how many rows. */
function range(page: Page = {}): [before: number, limit: number] {
  const limit = Math.min(Math.max(1, Math.floor(page.limit ?? pageDefault)), pageMax)
  return [page.before ?? Number.MAX_SAFE_INTEGER, limit]
}

function attemptOf({ n, at, ms, outcome, code, detail }: Selectable<Schema['attempts']>): Attempt {
  return { number: n, atMs: at, tookMs: ms, outcome, detail, ...present({ code }) }
}
