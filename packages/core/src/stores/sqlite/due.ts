import type { Alert } from '../../model/alert.ts'
import { priorities } from '../../model/severity.ts'
import type { DueDelivery, Transaction } from '../../model/store.ts'
import type { AlertMemory } from './alert-memory.ts'
import { alertQuery } from './alerts.ts'
import { batchLines } from './batch-lines.ts'
import { batchTotals } from './batch-totals.ts'
import type { Destinations } from './destinations.ts'
import type { Destination } from '../rows/destinations.ts'
import { dueColumns, dueDeliveryOf, dueRowOf, linedUp, stateOf, type DueRow } from '../rows/due.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { Source } from '../rows/source.ts'
import type { Prepare } from './statement.ts'
import { readOrTell, UnreadableRow } from '../rows/unreadable.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'

/** Alerts of what cannot be read that are looked at. */
const alertsMax = 100

/** Alerts of a batch that are looked at together. */
const membersMax = 1_000

/** How often it looks on behind deliveries that cannot be read, in one transaction. */
const looksMax = 20

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
): Pick<Transaction, 'dueLanes' | 'due' | 'delivery' | 'expired' | 'remains' | 'alertsIn'> {
  // One priority at a time: over several, SQLite would read every row that is not due yet.
  const findDue = prepare.selectLists(tables.deliveries, dueColumns, 'where done_at is null and project = ? and channel = ? and priority = ? and due_at <= ? order by due_at limit ?')
  const findAny = prepare.select(tables.deliveries, ['id'], 'where done_at is null and project = ? and channel = ? and priority = ? and due_at <= ? limit 1')
  // Rare, and asked for rarely: it may read all that waits, and no more: other indices of the project hold all there ever was.
  const findExpired = prepare.selectLists(
    { ...tables.deliveries, from: 'deliveries indexed by deliveries_due' },
    dueColumns,
    `where done_at is null and project = ? and expires_at < ? and (claimed_at is null or due_at <= ?)
     and channel not in (select value from json_each(?)) order by id limit ?`,
  )
  const findOne = prepare.selectLists(tables.deliveries, dueColumns, 'where id = ?')
  const findAlert = alertQuery(prepare, projects, tell)
  const linesOf = batchLines(prepare)

  const totalsOf = batchTotals(prepare)

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
  const findAllMembers = prepare.select(tables.batchItems, ['alert'], `where delivery = ? and alert > ? order by alert limit ${membersMax}`)
  const recordEnd = prepare.put(tables.attempts, ['delivery', 'n', 'at', 'ms', 'outcome', 'code', 'detail'])

  // What waits is withdrawn when something newer takes its place; what was in flight then has to ask. The same news to another
  // device of the person was enqueued with it and is no newer.
  const newerThan = ({ id, fence, alert, created_at }: DueRow, { channel, recipient }: Destination): number | undefined =>
    fence === 0 || alert === null ? undefined : findNewer.get(alert, id, channel, recipient.person, recipient.address, created_at)?.id

  const one = (id: number): readonly Alert[] => {
    const alert = memory.get(id) ?? findAlert(id)
    return alert === undefined ? [] : [alert]
  }

  const dueOf = (row: DueRow): DueDelivery => {
    const project = projects.name(row.project)
    const destination = destinations.get(row.destination)
    const alerts = row.alert !== null ? { alerts: one(row.alert) } : linedUp(linesOf(row.id, row.items), (id) => one(id)[0])
    return dueDeliveryOf(row, { project, destination, alerts, totals: () => totalsOf(row.id), supersededBy: newerThan(row, destination) }, tell)
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
    async dueLanes(project, channels, nowMs) {
      const number = projects.number(project)
      return channels.flatMap((channel) => priorities.flatMap((priority) => (findAny.get(number, channel, priority, whole(nowMs)) === undefined ? [] : { channel, priority })))
    },
    async due({ project, channel, priority, nowMs, limit }) {
      for (let look = 1; look <= looksMax; look += 1) {
        const rows = findDue.all(projects.number(project), channel, priority, whole(nowMs), limit)
        const found = rows.flatMap((row) => readOrEnd(dueRowOf(row), nowMs))
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
    async alertsIn(delivery, after) {
      const row = findRemains.get(delivery)
      if (row === undefined) return []
      return row.alert === null ? findAllMembers.all(delivery, after).map(({ alert }) => alert) : [row.alert].filter((alert) => alert > after)
    },
    async expired(project, otherThan, nowMs, limit) {
      return findExpired.all(projects.number(project), whole(nowMs), whole(nowMs), JSON.stringify(otherThan), limit).flatMap((row) => readOrEnd(dueRowOf(row), nowMs))
    },
    async delivery(id) {
      const list = findOne.get(id)
      const row = list && dueRowOf(list)
      const due = row && readOrTell(tell, `delivery ${id}`, () => dueOf(row))
      if (row === undefined || due === undefined) return undefined
      return { state: stateOf(row), due, ...(row.result !== null && { result: row.result }) }
    },
  }
}
