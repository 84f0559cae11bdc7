import type { DeliveryListAsk, Listed, Lists } from '../../../model/lists.ts'
import type { DeliveryRecord } from '../../../model/reader.ts'
import type { DeliveryRow } from '../tables.ts'
import { whole } from '../whole.ts'
import { allOf, Conditions, type ListBackend } from './backend.ts'
import { enoughMs, page, stepTimes, type Walk } from './walk.ts'

/** Rows that are looked at for a page. */
const looksMax = 3_000
/** Waiting deliveries up to which they are sorted instead of looked for. */
const waitingMax = 5_000
/** Destinations up to which each is walked by itself. */
const waysMax = 16
/** Of a channel that is shared by thousands of people. */
const waysReadMax = 1_000
/** Numbers of two processes and their times differ by less, milliseconds. */
const disorderMs = 3_600_000

const unsuccessful: readonly string[] = ['failed', 'bad-address', 'too-old', 'in-doubt']
const isUnsuccessful = "result in ('failed', 'bad-address', 'too-old', 'in-doubt')"
// The channel is named so that the index of what waits is taken, and not one of all there is.
const waitingIn = "select id from @deliveries where done_at is null and project = ? and channel >= '' limit ?"

const byNumber: Pick<Walk<number>, 'table' | 'order' | 'placeOf' | 'valuesOf'> = { table: 'deliveries', order: ['id'], placeOf: ({ id }) => Number(id), valuesOf: (id) => [id] }

export function deliveryLists(backend: ListBackend): Pick<Lists, 'listDeliveries' | 'deliveriesNumbered'> {
  return {
    async listDeliveries(ask) {
      const project = await backend.project(ask.project)
      if (project === undefined) return { items: [] }
      const rows = await rowsFor(backend, ask, project)
      return { items: await backend.deliveriesOf(rows.items), ...(rows.next !== undefined && { next: rows.next }) }
    },
    async deliveriesNumbered(name, ids): Promise<readonly DeliveryRecord[]> {
      const project = await backend.project(name)
      if (project === undefined || ids.length === 0) return []
      const these = new Conditions().anyOf('id', [...new Set(ids)].slice(0, 1_000)).and('+project = ?', project)
      return backend.deliveriesOf(await backend.all<DeliveryRow>(`select * from @deliveries where ${these.text} order by id`, these.values))
    },
  }
}

/** The narrowest way that leads to them, from few rows to many. */
async function rowsFor(backend: ListBackend, ask: DeliveryListAsk, project: number): Promise<Listed<DeliveryRow, number>> {
  const { after, limit, sinceMs, state, results, alert } = ask
  const inProject = new Conditions().and('project = ?', project)
  const filter = new Conditions()
  if (sinceMs !== undefined) filter.and('created_at >= ?', whole(sinceMs))
  if (state === 'waiting') filter.and('done_at is null and claimed_at is null')
  if (state === 'claimed') filter.and('done_at is null and claimed_at is not null')
  if (state === 'done') filter.and('done_at is not null')
  filter.anyOf('result', results)
  const ways = await destinationsOf(backend, ask)
  if (ways?.length === 0) return { items: [] }
  const ofWays = new Conditions().anyOf('destination', ways)
  if (alert !== undefined) {
    const carrying = await backend.all<{ readonly id: number }>('select id from @deliveries where alert = ? union all select delivery as id from @batch_items where alert = ? limit ?', [alert, alert, waitingMax])
    // All of them: they are part of what is told of one alert.
    return amongIds({ ...backend, clock: stopped }, carrying.map(({ id }) => id), allOf(new Conditions().and('+project = ?', project), filter, ofWays), after, limit)
  }
  if (results !== undefined && results.every((result) => unsuccessful.includes(result))) {
    const within = allOf(inProject, new Conditions().and(backend.unsuccessful ?? isUnsuccessful))
    return page<DeliveryRow, number>(backend, { ...byNumber, within }, { filter: allOf(filter, ofWays), after, limit, looksMax })
  }
  if (state === 'waiting' || state === 'claimed') {
    const waiting = await backend.all<{ readonly id: number }>(backend.waiting ?? waitingIn, [project, waitingMax + 1])
    if (waiting.length <= waitingMax) return amongIds(backend, waiting.map(({ id }) => id), allOf(filter, ofWays), after, limit)
  }
  if (ways !== undefined && ways.length <= waysMax) return alongWays(backend, { project, ways, filter, after, limit })
  const isFiltered = ways !== undefined || !filter.isEmpty
  const found = await page<DeliveryRow, number>(backend, { ...byNumber, within: inProject }, { filter: allOf(filter, ofWays), after, limit, looksMax: isFiltered ? looksMax : limit })
  return sinceMs === undefined || found.next === undefined ? found : endingAt(backend, found, sinceMs)
}

/** So few that all may be looked at, some at a time until the page is full; each lies somewhere else, so that it ends early where that takes long. */
async function amongIds(backend: ListBackend, ids: readonly number[], filter: Conditions, after: number | undefined, limit: number): Promise<Listed<DeliveryRow, number>> {
  const looked = [...new Set(ids)].filter((id) => after === undefined || id < after).sort((one, other) => other - one)
  const rows: DeliveryRow[] = []
  const expectedMs = stepTimes(backend)
  for (let from = 0, step = chunkFirst; from < looked.length; from += step, step = chunk) {
    const these = looked.slice(from, from + step)
    const asked = allOf(new Conditions().anyOf('id', these), filter)
    // Found by their numbers: no index of the project is asked.
    rows.push(...(await backend.all<DeliveryRow>(`select * from @deliveries where ${asked.text} order by id desc limit ?`, [...asked.values, limit + 1 - rows.length])))
    if (rows.length > limit) return { items: rows.slice(0, limit), next: rows[limit - 1]?.id ?? 0 }
    const last = these.at(-1)
    if (last !== undefined && from + step < looked.length && expectedMs() > enoughMs) return { items: rows, next: last }
  }
  return { items: rows }
}

/** What went by these ways, each walked by itself: who was told little among a million is found at once. */
async function alongWays(
  backend: ListBackend,
  { project, ways, filter, after, limit }: { readonly project: number; readonly ways: readonly number[]; readonly filter: Conditions; readonly after: number | undefined; readonly limit: number },
): Promise<Listed<DeliveryRow, number>> {
  const each = filter.isEmpty ? limit + 1 : Math.max(limit + 1, Math.floor(looksMax / ways.length))
  const ids: number[] = []
  let end = 0
  for (const way of ways) {
    const found = await backend.all<{ readonly id: number }>('select id from @deliveries where project = ? and destination = ? and id < ? order by id desc limit ?', [project, way, after ?? Number.MAX_SAFE_INTEGER, each])
    ids.push(...found.map(({ id }) => id))
    // Below it this way may hold more than was looked at.
    if (found.length === each) end = Math.max(end, found.at(-1)?.id ?? 0)
  }
  const looked = ids.filter((id) => id >= end).sort((one, other) => other - one)
  const found = await amongIds(backend, looked, filter, undefined, limit)
  return { items: found.items, ...(found.next !== undefined ? { next: found.next } : end > 0 && { next: end }) }
}

/** By which nothing takes long. */
const stopped: NonNullable<ListBackend['clock']> = { monotonicMs: () => 0 }
const chunkFirst = 64
const chunk = 200

/** Of a walk by number that has come to what is older than asked for, nothing follows. */
async function endingAt(backend: ListBackend, { items, next }: Listed<DeliveryRow, number>, sinceMs: number): Promise<Listed<DeliveryRow, number>> {
  const [row] = await backend.all<{ readonly created_at: number }>('select created_at from @deliveries where id = ?', [next ?? 0])
  return row !== undefined && row.created_at < sinceMs - disorderMs ? { items } : { items, ...(next !== undefined && { next }) }
}

async function destinationsOf(backend: ListBackend, { person, channels }: DeliveryListAsk): Promise<readonly number[] | undefined> {
  if (person === undefined && channels === undefined) return undefined
  const asked = new Conditions().equals('person', person).anyOf('channel', channels)
  const rows = await backend.all<{ readonly id: number }>(`select id from @destinations where ${asked.text} order by id desc limit ?`, [...asked.values, waysReadMax])
  return rows.map(({ id }) => id)
}
