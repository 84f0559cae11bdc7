import type { Alert } from '../../model/alert.ts'
import { priorities } from '../../model/severity.ts'
import type { DueDelivery, DueLane, Transaction } from '../../model/store.ts'
import { dueColumns, dueDeliveryOf, dueRowOf, linedUp, stateOf, type DueList, type DueRow } from '../rows/due.ts'
import { tables } from '../rows/tables.ts'
import { readOrTell, UnreadableRow } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'
import { alertsById } from './alerts.ts'
import { batchLines, batchTotals } from './batch-lines.ts'
import type { Context } from './context.ts'
import { change, query, queryLists, select } from './statement.ts'

/** Alerts of what cannot be read that are looked at. */
const alertsMax = 100

/** Alerts of a batch that are looked at together. */
const membersMax = 1_000

/** How often it looks on behind deliveries that cannot be read, in one transaction. */
const looksMax = 20

/** The deliveries of rows of `due`, one by one in their order. Joined, the database might read and sort all that waits. */
const theDelivery = (columns: readonly string[], where: string): string =>
  `cross join lateral (select ${columns.map((column) => `held.${column}`).join(', ')} from @deliveries as held where held.id = due.id and ${where} offset 0) as delivery`
const columnsOfDelivery = dueColumns.map((column) => `delivery.${column}`).join(', ')

// One priority at a time: over several, all that is not due yet would be read. What another transaction holds is left to it. What is under way stands among them until it is settled, and is passed over.
const findDue = queryLists<DueList>(
  `select ${columnsOfDelivery} from @due as due ${theDelivery(dueColumns, 'held.done_at is null and held.due_at <= $4')}
   where due.project = $1 and due.channel = $2 and due.priority = $3 and due.due_at <= $4 order by due.due_at, due.id limit $5 for update of due skip locked`,
)
// The first of each, in the order of the index: looked for in any order, the database might read what has ended since it last cleaned up.
const findLanes = query<DueLane>(
  `select channel, priority from unnest($2::text[]) as channels(channel) cross join unnest($3::integer[]) as priorities(priority) cross join lateral (
     select from @due as due where due.project = $1 and due.channel = channels.channel and due.priority = priorities.priority and due.due_at <= $4 order by due.due_at, due.id limit 1) as first`,
)
// Rare, and asked for rarely: it may read all that waits.
const findExpired = queryLists<DueList>(
  `select ${columnsOfDelivery} from @due as due ${theDelivery(dueColumns, 'held.done_at is null and held.expires_at < $2 and (held.claimed_at is null or held.due_at <= $2)')}
   where due.project = $1 and due.channel <> all($3::text[]) order by due.id limit $4 for update of due skip locked`,
)
const findOne = select(tables.deliveries, dueColumns, 'where id = $1')
const findNewer = query<{ readonly id: number; readonly newer: number | null }>(
  `select mine.id, (
     select max(newer.id) from @deliveries as newer join @destinations as theirs on theirs.id = newer.destination
     where newer.alert = mine.alert and newer.id > mine.id and newer.channel = destinations.channel and theirs.person = destinations.person
       and (theirs.address = destinations.address or (theirs.person <> '' and newer.created_at > mine.created_at))) as newer
   from @deliveries as mine join @destinations as destinations on destinations.id = mine.destination where mine.id = any($1::bigint[])`,
)

const end = change("update @deliveries set result = 'failed', done_at = $1, claimed_at = null, batch_key = null where id = any($2::bigint[])")
const recordEnd = change(
  `insert into @attempts(delivery, n, at, ms, outcome, code, detail)
   select delivery, n, $3, 0, 'bad-content', 'unreadable', detail from unnest($1::bigint[], $2::integer[], $4::text[]) as given(delivery, n, detail)
   on conflict(delivery, n) do update set at = excluded.at, ms = 0, outcome = excluded.outcome, code = excluded.code, detail = excluded.detail, provider_id = null`,
)
const setTimers = change(
  `insert into @timers(project, kind, key, due_at) select project, 'unreadable', id::text, $3 from unnest($1::integer[], $2::bigint[]) as given(project, id)
   on conflict(project, kind, key) do update set due_at = excluded.due_at`,
)

const findRemains = select(tables.deliveries, ['channel', 'news', 'created_at', 'alert'], 'where id = $1')
const findMembers = select(tables.batchItems, ['alert'], `where delivery = $1 and late = 0 order by alert limit ${alertsMax}`)
const findAllMembers = select(tables.batchItems, ['alert'], `where delivery = $1 and alert > $2 order by alert limit ${membersMax}`)

/**
 * What is due, and one delivery by its number.
 *
 * @param attention is asked at once about all alerts that are due: whoever claims asks about each of them next
 */
export function dueQueries({ sql, projects, destinations, rare, tell, unclaimed }: Context, attention: Pick<Transaction, 'hushes'>): Pick<Transaction, 'dueLanes' | 'due' | 'delivery' | 'expired' | 'remains' | 'alertsIn'> {
  // What waits is withdrawn when something newer takes its place; what was in flight then has to ask. The same news to another
  // device of the person was enqueued with it and is no newer.
  const newerThan = async (rows: readonly DueRow[]): Promise<ReadonlyMap<number, number>> => {
    const asking = rows.filter(({ fence, alert }) => fence !== 0 && alert !== null)
    const found = asking.length === 0 ? [] : await sql.all(findNewer, asking.map(({ id }) => id))
    return new Map(found.flatMap(({ id, newer }) => (newer === null ? [] : [[id, newer] as const])))
  }

  /** What each of them carries, in as many statements as for one. What is returned throws UnreadableRow for a row that cannot be read. */
  const reading = async (rows: readonly DueRow[]): Promise<(row: DueRow) => DueDelivery> => {
    const batches = rows.filter(({ alert }) => alert === null)
    const lines = await batchLines(sql, batches)
    for (const { id, claimed_at } of rows) if (claimed_at === null) unclaimed.add(id)
    const ids = new Set([...rows.flatMap(({ alert }) => alert ?? []), ...[...lines.values()].flatMap((some) => some.map(({ alert }) => alert))])
    const alerts = await alertsById({ sql, projects, destinations, tell }, [...ids])
    const nameOf = await projects.names(rows.map(({ project }) => project))
    const totals = await batchTotals(sql, batches.filter(({ id, items }) => items > (lines.get(id)?.length ?? 0)).map(({ id }) => id))
    const destinationOf = await destinations.read(rows.map(({ destination }) => destination))
    const newer = await newerThan(rows)
    const one = (id: number): readonly Alert[] => [alerts.get(id)].filter((alert) => alert !== undefined)
    return (row) =>
      dueDeliveryOf(row, {
        project: nameOf(row.project),
        destination: destinationOf(row.destination),
        alerts: row.alert === null ? linedUp(lines.get(row.id) ?? [], (id) => alerts.get(id)) : { alerts: one(row.alert) },
        totals: () => totals.get(row.id),
        supersededBy: newer.get(row.id),
      }, tell)
  }

  /** What cannot be read can never be sent: it ends here, so that it does not stand before everything else. */
  const readOrEnd = async (rows: readonly DueRow[], nowMs: number): Promise<readonly DueDelivery[]> => {
    if (rows.length === 0) return []
    const read = await reading(rows)
    const bad: { readonly row: DueRow; readonly why: string }[] = []
    const good: DueDelivery[] = []
    for (const row of rows) {
      try {
        good.push(read(row))
      } catch (unreadable) {
        if (!(unreadable instanceof UnreadableRow)) throw unreadable
        bad.push({ row, why: unreadable.message })
      }
    }
    if (bad.length === 0) return good
    const ids = bad.map(({ row }) => row.id)
    await sql.run(end, whole(nowMs), ids)
    await sql.run(recordEnd, ids, bad.map(({ row }) => row.attempts + 1), whole(nowMs), bad.map(({ why }) => `The delivery cannot be read: ${why}.`))
    await sql.run(setTimers, bad.map(({ row }) => row.project), ids, whole(nowMs))
    for (const { row, why } of bad) tell(`delivery ${row.id}`, `${why}; it was ended as failed`)
    return good
  }

  return {
    async dueLanes(project, channels, nowMs) {
      const number = await projects.known(project)
      return number === undefined || channels.length === 0 ? [] : sql.all(findLanes, number, channels, priorities, whole(nowMs))
    },
    async due({ project, channel, priority, nowMs, limit }) {
      const number = await projects.known(project)
      if (number === undefined) return []
      for (let look = 1; look <= looksMax; look += 1) {
        const rows = (await sql.all(findDue, number, channel, priority, whole(nowMs), limit)).map(dueRowOf)
        const found = await readOrEnd(rows, nowMs)
        if (await rare.mayHush()) await attention.hushes(found.flatMap(({ notification }) => notification.alerts.map(({ id }) => id)))
        // Nothing means that nothing is due, not that what stood first could not be read.
        if (found.length > 0 || rows.length === 0) return found
      }
      return []
    },
    async remains(delivery) {
      const row = await sql.get(findRemains, delivery)
      if (row === undefined) return undefined
      const alerts = row.alert === null ? (await sql.all(findMembers, delivery)).map(({ alert }) => alert) : [row.alert]
      return { channel: row.channel, news: row.news, createdAtMs: row.created_at, alerts }
    },
    async alertsIn(delivery, after) {
      const row = await sql.get(findRemains, delivery)
      if (row === undefined) return []
      return row.alert === null ? (await sql.all(findAllMembers, delivery, after)).map(({ alert }) => alert) : [row.alert].filter((alert) => alert > after)
    },
    async expired(project, otherThan, nowMs, limit) {
      const number = await projects.known(project)
      return number === undefined ? [] : readOrEnd((await sql.all(findExpired, number, whole(nowMs), otherThan, limit)).map(dueRowOf), nowMs)
    },
    async delivery(id) {
      const row = await sql.get(findOne, id)
      if (row === undefined) return undefined
      const read = await reading([row])
      const due = readOrTell(tell, `delivery ${id}`, () => read(row))
      return due && { state: stateOf(row), due, ...(row.result !== null && { result: row.result }) }
    },
  }
}
