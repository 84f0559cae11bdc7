import type { Listed } from '../../../model/lists.ts'
import { whole } from '../whole.ts'
import { allOf, type Conditions, type ListBackend, type ListValue } from './backend.ts'

/** How a list is walked: along an index, from the newest to the oldest. */
export interface Walk<Place> {
  readonly table: string
  /** What the index begins with: it is walked within these. */
  readonly within: Conditions
  /** At least, and less than: of the first column of the order. */
  readonly range?: { readonly from?: number | undefined; readonly until?: number | undefined }
  /** Columns of the order, each as it stands in the index. */
  readonly order: readonly string[]
  readonly placeOf: (values: Readonly<Record<string, ListValue>>) => Place
  readonly valuesOf: (place: Place) => readonly ListValue[]
  /** @default newest first */
  readonly oldestFirst?: boolean
}

/** Rows of the walk that are looked at first; then twice as many each time. */
const stepFirst = 100

/**
 * A page of rows that pass the filter. So many of the walk are looked at and no more, some at a time, and fewer where that takes long: where
 * few pass, the page is short and says where to go on. What is looked at is counted by the index alone.
 *
 * @param ask.isWhole it is not ended early for taking long
 */
export async function page<Row, Place>(
  backend: ListBackend,
  walk: Walk<Place>,
  ask: { readonly filter: Conditions; readonly after: Place | undefined; readonly limit: number; readonly looksMax: number; readonly isWhole?: boolean },
): Promise<Listed<Row, Place>> {
  type Found = Row & Record<string, ListValue>
  const { table, placeOf } = walk
  const { filter, after, limit, looksMax, isWhole = false } = ask
  const sorted = sortedBy(walk)
  const rowsOf = (asked: Conditions, count: number): Promise<readonly Found[]> => backend.all<Found>(`select * from @${table} where ${asked.text} order by ${sorted} limit ?`, [...asked.values, count])
  if (filter.isEmpty) return pageOf(await rowsOf(stretch(walk, after), limit + 1))
  const found: Found[] = []
  let next: Place | undefined
  for await (const { asked, end } of stretches(backend, walk, { after, stepFirst: Math.max(stepFirst, limit), looksMax, isWhole })) {
    found.push(...(await rowsOf(allOf(asked, filter), limit + 1 - found.length)))
    if (end === undefined || found.length > limit) return pageOf(found)
    next = end
  }
  return { items: found, ...(next !== undefined && { next }) }

  function pageOf(rows: readonly Found[]): Listed<Row, Place> {
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    return { items, ...(last !== undefined && { next: placeOf(last) }) }
  }
}

/**
 * What of a walk is looked at, one stretch after the other, each of twice as many entries: until so many were looked at, or it takes long. Each is
 * named before it is read, and the next one when that was done; the last has no end where the walk itself ends.
 */
export async function* stretches<Place>(
  backend: ListBackend,
  walk: Walk<Place>,
  { after, stepFirst: first = stepFirst, looksMax, isWhole = false }: { readonly after?: Place | undefined; readonly stepFirst?: number; readonly looksMax: number; readonly isWhole?: boolean },
): AsyncGenerator<{ readonly asked: Conditions; readonly end: Place | undefined }, void> {
  const expectedMs = stepTimes(backend)
  let from = after
  for (let looked = 0, step = Math.min(looksMax, first); ; ) {
    const within = stretch(walk, from)
    const [last] = await backend.all<Record<string, ListValue>>(`select ${walk.order.join(', ')} from @${walk.table} where ${within.text} order by ${sortedBy(walk)} limit 1 offset ?`, [...within.values, step - 1])
    const end = last && walk.placeOf(last)
    yield { asked: stretch(walk, from, end), end }
    looked += step
    if (end === undefined || looked >= looksMax || (!isWhole && expectedMs() > enoughMs)) return
    from = end
    step = Math.min(step * 2, looksMax - looked)
  }
}

function sortedBy({ order, oldestFirst = false }: Pick<Walk<never>, 'order' | 'oldestFirst'>): string {
  return order.map((column) => `${column} ${oldestFirst ? 'asc' : 'desc'}`).join(', ')
}

/**
 * After one place and up to another. For each of its two ends one condition is said, the narrower one: of two SQLite takes one for the index and
 * reads millions of entries that the other forbids.
 */
function stretch<Place>({ within, range = {}, order, valuesOf, oldestFirst = false }: Walk<Place>, after: Place | undefined, end?: Place): Conditions {
  const [first = ''] = order
  const [tuple, marks] = order.length === 1 ? [first, '?'] : [`(${order.join(', ')})`, `(${order.map(() => '?').join(', ')})`]
  const asked = allOf(within)
  const beyond = (place: Place, sign: string): Conditions => asked.and(`${tuple} ${sign} ${marks}`, ...valuesOf(place))
  const firstOf = (place: Place): number => Number(valuesOf(place)[0])
  const [lower, upper] = oldestFirst ? [after, end] : [end, after]
  if (lower !== undefined && (range.from === undefined || firstOf(lower) >= range.from)) beyond(lower, oldestFirst ? '>' : '>=')
  else if (range.from !== undefined) asked.and(`${first} >= ?`, whole(range.from))
  if (upper !== undefined && (range.until === undefined || firstOf(upper) < range.until)) beyond(upper, oldestFirst ? '<=' : '<')
  else if (range.until !== undefined) asked.and(`${first} < ?`, whole(range.until))
  return asked
}

/** What is looked at for one page may take about so long, milliseconds: on a disk that has to look for each row the page ends early. */
export const enoughMs = 20

/** Called after each step: the milliseconds that all of them and one of twice the last would take. Without a clock it says that they take none. */
export function stepTimes({ clock }: ListBackend): () => number {
  if (clock === undefined) return () => 0
  const sinceMs = clock.monotonicMs()
  let lastMs = sinceMs
  return () => {
    const nowMs = clock.monotonicMs()
    const expectedMs = nowMs - sinceMs + 2 * (nowMs - lastMs)
    lastMs = nowMs
    return expectedMs
  }
}
