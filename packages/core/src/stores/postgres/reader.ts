import type { Clock } from '../../model/clock.ts'
import type { Lists } from '../../model/lists.ts'
import type { DeliveryRecord, Page, Reader } from '../../model/reader.ts'
import { priorities, priorityOf } from '../../model/severity.ts'
import { alertOf } from '../rows/alert.ts'
import { attemptOf } from '../rows/attempts.ts'
import { stateOf } from '../rows/due.ts'
import { eventOf } from '../rows/event.ts'
import { present } from '../rows/json.ts'
import { lastId, pageMax, range } from '../rows/pages.ts'
import { tables } from '../rows/tables.ts'
import type { AlertRow, AttemptRow, DeliveryRow, EventRow } from '../rows/tables.ts'
import { sessionOf } from '../rows/session.ts'
import { readOrTell } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'
import type { ReadContext } from './context.ts'
import { decisionsOf } from './decisions.ts'
import { keyText } from './key.ts'
import { postgresLists } from './lists.ts'
import { reportCounts } from './report-counts.ts'
import { reportTold } from './report-told.ts'
import { query, select } from './statement.ts'
import type { Query } from './statement.ts'

const critical = priorityOf('critical')

const newest = (column: string): string => `where ${column} < $1 order by ${column} desc limit $2`
const events = select(tables.events, '*', newest('seq'))
// `at` by itself too: it says which partitions need not be looked at, which a comparison of rows does not.
const between = select(tables.events, '*', 'where project = $1 and at >= $2 and (at, id) > ($2, $3) and at < $4 order by at, id limit $5')
const alerts = select(tables.alerts, '*', newest('id'))
const alert = select(tables.alerts, '*', 'where id = $1')
const session = select(tables.sessions, '*', 'where project = $1 and id = $2')
const under = select(tables.alerts, '*', 'where parent = $3 and id < $1 order by id desc limit $2')
const deliveries = select(tables.deliveries, '*', newest('id'))
const deliveriesOf = query<DeliveryRow>('select * from @deliveries where alert = $1 union all select * from @deliveries where id in (select delivery from @batch_items where alert = $1) order by id')
const inbox = select(tables.inbox, '*', newest('seq'))
const items = query<{ readonly delivery: number; readonly alert: number }>(
  `select asked.delivery, found.alert from unnest($1::bigint[]) as asked(delivery)
   cross join lateral (select alert from @batch_items where delivery = asked.delivery order by alert limit ${pageMax}) as found order by asked.delivery, found.alert`,
)
const attempts = query<AttemptRow>('select * from @every_attempt where delivery = any($1::bigint[]) order by delivery, n')
const held = 'select due_at from @deliveries where id = due.id and done_at is null'
/** The first of a lane that nobody has under way, and the ends of the leases of those that stand before it. */
const nextDue = query<{ readonly due_at: number | null }>(
  `select min(due_at) as due_at from (
     select least(first.due_at, (
       select min(delivery.due_at) from @due as due cross join lateral (${held} and claimed_at is not null offset 0) as delivery
       where due.project = $1 and due.channel = lane.channel and due.priority = lane.priority and due.due_at <= coalesce(first.due_at, ${Number.MAX_SAFE_INTEGER}))) as due_at
     from unnest($2::text[], $3::integer[]) as lane(channel, priority) left join lateral (
       select delivery.due_at from @due as due cross join lateral (${held} and claimed_at is null offset 0) as delivery
       where due.project = $1 and due.channel = lane.channel and due.priority = lane.priority order by due.due_at, due.id limit 1) as first on true
     union all select * from (select due_at from @timers where project = $1 order by due_at limit 1) as timer) as waiting`,
)
const firstDue = query<{ readonly channel: string; readonly due_at: number }>('select channel, min(due_at) as due_at from @due where project = $1 group by channel order by channel')
const waitingBy = (where: string): Query<{ channel: string; priority: number; count: number }> =>
  query(`select channel, priority, count(*) as count from @due ${where} group by channel, priority order by channel, priority`)
const waiting = waitingBy('')
const waitingOf = waitingBy('where project = $1')
const counts = query<{ readonly events: number; readonly alerts: number; readonly deliveries: number; readonly attempts: number }>(
  'select (select count(*) from @events) as events, (select count(*) from @alerts) as alerts, (select count(*) from @deliveries) as deliveries, (select count(*) from @every_attempt) as attempts',
)

/** Each read is one short statement or a few: they see what is committed, and hold nothing open. */
export function postgresReader(context: ReadContext, clock: Pick<Clock, 'monotonicMs'>): Reader & Lists {
  const { sql, projects, destinations, tell } = context

  const eventsIn = async (rows: readonly EventRow[]): Promise<readonly (ReturnType<typeof eventOf> | undefined)[]> => {
    const nameOf = await projects.names(rows.map(({ project }) => project))
    return rows.map((row) => readOrTell(tell, `event ${row.seq}`, () => eventOf(row, nameOf(row.project), tell)))
  }
  const alertsIn = async (rows: readonly AlertRow[]): Promise<readonly (ReturnType<typeof alertOf> | undefined)[]> => {
    const nameOf = await projects.names(rows.map(({ project }) => project))
    return rows.map((row) => readOrTell(tell, `alert ${row.id}`, () => alertOf(row, row.id, nameOf(row.project), tell)))
  }
  const recordsIn = async (rows: readonly DeliveryRow[]): Promise<readonly (DeliveryRecord | undefined)[]> => {
    if (rows.length === 0) return []
    const destinationOf = await destinations.read(rows.map(({ destination }) => destination))
    const batches = rows.filter((row) => row.alert === null).map(({ id }) => id)
    const itemsOf = Map.groupBy(batches.length === 0 ? [] : await sql.all(items, batches), ({ delivery }) => delivery)
    const attemptsOf = Map.groupBy(await sql.all(attempts, rows.map(({ id }) => id)), ({ delivery }) => delivery)
    return rows.map((row) => {
      const destination = readOrTell(tell, `delivery ${row.id}`, () => destinationOf(row.destination))
      if (destination === undefined) return undefined
      const { recipient, route } = destination
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
        alerts: row.alert === null ? (itemsOf.get(row.id) ?? []).map((item) => item.alert) : [row.alert],
        attempts: (attemptsOf.get(row.id) ?? []).map(attemptOf),
        ...present({ result: row.result, doneAtMs: row.done_at }),
      }
    })
  }

  /** A page is as long as was asked for also where rows in it cannot be read: a short one means that there are no more. */
  const readPage = async <Row, T>(page: Page | undefined, statement: Query<Row>, placeOf: (row: Row) => number, read: (rows: readonly Row[]) => Promise<readonly (T | undefined)[]>): Promise<readonly T[]> => {
    const [first, limit] = range(page)
    const found: T[] = []
    let before = first
    while (found.length < limit) {
      const asked = limit - found.length
      const rows = await sql.all(statement, before, asked)
      found.push(...(await read(rows)).filter((one) => one !== undefined))
      const last = rows.at(-1)
      if (last === undefined || rows.length < asked) break
      before = placeOf(last)
    }
    return found
  }

  return {
    ...reportCounts(context),
    ...reportTold(context),
    ...postgresLists(context, {
      alertsOf: async (rows) => (await alertsIn(rows)).filter((one) => one !== undefined),
      deliveriesOf: async (rows) => (await recordsIn(rows)).filter((one) => one !== undefined),
      eventsOf: async (rows) => (await eventsIn(rows)).filter((one) => one !== undefined),
    }, clock),
    events: (page) => readPage(page, events, ({ seq }) => seq, eventsIn),
    async eventsBetween({ project, fromMs, untilMs, after = { atMs: fromMs - 1, id: lastId }, limit }) {
      const number = await projects.known(project)
      const rows = number === undefined ? [] : await sql.all(between, number, whole(after.atMs), after.id, whole(untilMs), Math.min(Math.max(1, limit), pageMax))
      return (await eventsIn(rows)).filter((one) => one !== undefined)
    },
    alerts: (page) => readPage(page, alerts, ({ id }) => id, alertsIn),
    alert: async (id) => (await alertsIn(await sql.all(alert, id)))[0],
    alertsUnder: async (parent, page) => (await alertsIn(await sql.all(under, ...range(page), parent))).filter((one) => one !== undefined),
    async session(project, sessionId) {
      const number = await projects.known(project)
      const row = number === undefined ? undefined : await sql.get(session, number, keyText(sessionId))
      return row && sessionOf(row, project, tell)
    },
    deliveries: (page) => readPage(page, deliveries, ({ id }) => id, recordsIn),
    deliveriesOf: async (id) => (await recordsIn(await sql.all(deliveriesOf, id))).filter((one) => one !== undefined),
    decisionsOf: (id) => decisionsOf(sql, id, tell),
    inbox: async (page) =>
      (await sql.all(inbox, ...range(page))).map(({ seq, id, channel, address, subject, body, severity, at }) => ({
        seq, id, channel, to: address, subject, text: body, severity, atMs: at,
      })),
    async nextDueMs(project, channels, criticalOnly) {
      const number = await projects.known(project)
      if (number === undefined) return undefined
      const lanes = [
        ...channels.filter((channel) => !criticalOnly.includes(channel)).flatMap((channel) => priorities.map((priority) => [channel, priority] as const)),
        ...criticalOnly.map((channel) => [channel, critical] as const),
      ]
      const row = await sql.get(nextDue, number, lanes.map(([channel]) => channel), lanes.map(([, priority]) => priority))
      return row?.due_at ?? undefined
    },
    async firstDue(project) {
      const number = await projects.known(project)
      return number === undefined ? [] : (await sql.all(firstDue, number)).map(({ channel, due_at: dueMs }) => ({ channel, dueMs }))
    },
    async waiting(project) {
      if (project === undefined) return sql.all(waiting)
      const number = await projects.known(project)
      return number === undefined ? [] : sql.all(waitingOf, number)
    },
    counts: async () => (await sql.get(counts)) ?? { events: 0, alerts: 0, deliveries: 0, attempts: 0 },
  }
}
