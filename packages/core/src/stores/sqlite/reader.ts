import { alertOf } from '../rows/alert.ts'
import { alertQuery } from './alerts.ts'
import { decisionsQuery } from './decisions.ts'
import { sqliteLists, type ListSettings } from './lists.ts'
import type { Destinations } from './destinations.ts'
import { eventOf } from '../rows/event.ts'
import { attemptOf } from '../rows/attempts.ts'
import { stateOf } from '../rows/due.ts'
import { present } from '../rows/json.ts'
import { pageMax, range } from '../rows/pages.ts'
import type { Projects } from './projects.ts'
import { reportCounts } from './report-counts.ts'
import { reportTold } from './report-told.ts'
import { tables } from '../rows/tables.ts'
import type { DeliveryRow } from '../rows/tables.ts'
import { sessionQuery } from './sessions.ts'
import type { Source } from '../rows/source.ts'
import type { Prepare, Statement } from './statement.ts'
import { readOrTell } from '../rows/unreadable.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'
import { priorities, priorityOf } from '../../model/severity.ts'
import type { Lists } from '../../model/lists.ts'
import type { DeliveryRecord, Page, Reader } from '../../model/reader.ts'

const critical = priorityOf('critical')

/** Reads over a connection of their own: they see what is committed, and each is one short statement or a few. */
export function sqliteReader(prepare: Prepare, projects: Projects, destinations: Destinations, tell: TellUnreadable, lists: ListSettings): Reader & Lists {
  const newest = (column: string): string => `where ${column} < ? order by ${column} desc limit ?`
  const events = prepare.select(tables.events, '*', newest('seq'))
  const between = prepare.select(tables.events, '*', 'where project = ? and (at, id) > (?, ?) and at < ? order by at, id limit ?')
  const alerts = prepare.select(tables.alerts, '*', newest('id'))
  const under = prepare.select(tables.alerts, '*', 'where parent = ? and id < ? order by id desc limit ?')
  const deliveries = prepare.select(tables.deliveries, '*', newest('id'))
  const inbox = prepare.select(tables.inbox, '*', newest('seq'))
  const single = prepare.select(tables.deliveries, '*', 'where alert = ?')
  const inBatch = prepare.select(tables.deliveries, '*', 'where id in (select delivery from batch_items where alert = ?)')
  const items = prepare.select(tables.batchItems, ['alert'], `where delivery = ? order by alert limit ${pageMax}`)
  const attempts = prepare.select(tables.everyAttempt, '*', 'where delivery = ? order by n')
  // In one statement, since each begins and ends a transaction of its own: an idle process asks this most of all. One look into the index for each lane.
  const nextOfLane = 'select due_at from deliveries where done_at is null and project = ? and channel = one.value and priority = lane.priority order by due_at limit 1'
  const lanes = (of: readonly number[]): string => `json_each(?) as one, (${of.map((priority) => `select ${priority} as priority`).join(' union all ')}) as lane`
  const nextDue = prepare.query<{ due_at: number | null }>(`
    select min(due_at) as due_at from (
      select (${nextOfLane}) as due_at from ${lanes(priorities)}
      union all select (${nextOfLane}) from ${lanes([critical])}
      union all select * from (select due_at from timers where project = ? order by due_at limit 1))`)
  const byLane = 'group by channel, priority order by channel, priority'
  const waiting = prepare.select(waitingCounts, ['channel', 'priority', 'count'], `where done_at is null ${byLane}`)
  const waitingOf = prepare.select(waitingCounts, ['channel', 'priority', 'count'], `where done_at is null and project = ? ${byLane}`)
  const firstDue = prepare.query<{ channel: string; due_at: number }>('select channel, min(due_at) as due_at from deliveries where done_at is null and project = ? group by channel order by channel')
  const counted = {
    events: prepare.select(rowsOf('events'), ['count']),
    alerts: prepare.select(rowsOf('alerts'), ['count']),
    deliveries: prepare.select(rowsOf('deliveries'), ['count']),
    attempts: prepare.select(rowsOf('everyAttempt'), ['count']),
  }
  const alert = alertQuery(prepare, projects, tell)
  const session = sessionQuery(prepare, projects, tell)
  const decisions = decisionsQuery(prepare, tell)

  const recordOf = (row: DeliveryRow): DeliveryRecord | undefined => {
    const destination = readOrTell(tell, `delivery ${row.id}`, () => destinations.get(row.destination))
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
      alerts: row.alert === null ? items.all(row.id).map((item) => item.alert) : [row.alert],
      attempts: attempts.all(row.id).map(attemptOf),
      ...present({ result: row.result, doneAtMs: row.done_at }),
    }
  }

  return {
    ...reportCounts(prepare, projects),
    ...reportTold(prepare, projects),
    ...sqliteLists(prepare, projects, recordOf, tell, lists),
    events: async (page) => readPage(page, events, (row) => row.seq, (row) => readOrTell(tell, `event ${row.seq}`, () => eventOf(row, projects.name(row.project), tell))),
    async eventsBetween({ project, fromMs, untilMs, after = { atMs: fromMs - 1, id: '\u{10ffff}' }, limit }) {
      const number = projects.known(project)
      const rows = number === undefined ? [] : between.all(number, whole(after.atMs), after.id, whole(untilMs), Math.min(Math.max(1, limit), pageMax))
      return rows.flatMap((row) => readOrTell(tell, `event ${row.seq}`, () => eventOf(row, projects.name(row.project), tell)) ?? [])
    },
    alerts: async (page) => readPage(page, alerts, (row) => row.id, (row) => readOrTell(tell, `alert ${row.id}`, () => alertOf(row, row.id, projects.name(row.project), tell))),
    alert: async (id) => alert(id),
    alertsUnder: async (parent, page) =>
      under.all(parent, ...range(page)).flatMap((row) => readOrTell(tell, `alert ${row.id}`, () => alertOf(row, row.id, projects.name(row.project), tell)) ?? []),
    session: async (project, sessionId) => session(project, sessionId),
    deliveries: async (page) => readPage(page, deliveries, (row) => row.id, recordOf),
    deliveriesOf: async (id) => [...single.all(id), ...inBatch.all(id)].sort((a, b) => a.id - b.id).map(recordOf).filter((one) => one !== undefined),
    decisionsOf: async (id) => decisions(id),
    inbox: async (page) =>
      inbox.all(...range(page)).map(({ seq, id, channel, address, subject, body, severity, at }) => ({
        seq, id, channel, to: address, subject, text: body, severity, atMs: at,
      })),
    async nextDueMs(project, channels, criticalOnly) {
      const number = projects.known(project)
      if (number === undefined) return undefined
      const unlimited = channels.filter((channel) => !criticalOnly.includes(channel))
      return nextDue.get(number, JSON.stringify(unlimited), number, JSON.stringify(criticalOnly), number)?.due_at ?? undefined
    },
    async firstDue(project) {
      const number = projects.known(project)
      return number === undefined ? [] : firstDue.all(number).map(({ channel, due_at: dueMs }) => ({ channel, dueMs }))
    },
    async waiting(project) {
      if (project === undefined) return waiting.all()
      const number = projects.known(project)
      return number === undefined ? [] : waitingOf.all(number)
    },
    async counts() {
      const count = (table: keyof typeof counted): number => counted[table].get()?.count ?? 0
      return { events: count('events'), alerts: count('alerts'), deliveries: count('deliveries'), attempts: count('attempts') }
    },
  }
}

const waitingCounts: Source<{ channel: string; priority: number; count: number }> = { from: 'deliveries', qualified: { count: 'count(*)' } }

function rowsOf(table: keyof typeof tables): Source<{ count: number }> {
  return { from: tables[table].from, qualified: { count: 'count(*)' } }
}

/** A page is as long as was asked for also where rows in it cannot be read: a short one means that there are no more. */
function readPage<Row, T>(page: Page | undefined, statement: Statement<Row>, placeOf: (row: Row) => number, read: (row: Row) => T | undefined): readonly T[] {
  const [first, limit] = range(page)
  const found: T[] = []
  let before = first
  while (found.length < limit) {
    const asked = limit - found.length
    const rows = statement.all(before, asked)
    for (const row of rows) {
      const one = read(row)
      if (one !== undefined) found.push(one)
      before = placeOf(row)
    }
    if (rows.length < asked) break
  }
  return found
}
