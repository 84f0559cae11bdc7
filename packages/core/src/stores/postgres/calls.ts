import type { CallPrint, SameCall } from '../../model/same-call.ts'
import type { Transaction } from '../../model/store.ts'
import { present } from '../rows/json.ts'
import { tables } from '../rows/tables.ts'
import { callPeriod, callPeriodMs, looseAround } from '../rows/call-period.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { placesOf } from './events.ts'
import { byPlace, change, insertLists, lookup, query } from './statement.ts'
import { storable } from './values.ts'

/** A call on record that another source reported first. */
interface First {
  readonly eventId: string
  readonly startMs: number
  readonly endMs: number
}

/** A print with its place in the keys. */
interface Call extends Omit<CallPrint, 'project'> {
  readonly project: string
  readonly number: number
  readonly period: number
}

// A file that moved here may hold calls that nobody looked for so far: see `call-period.ts`.
const sourcesOf = query<{ project: number; source: string; has_loose: boolean }>(
  'select project, source, exists(select 1 from @calls as call where call.project = known.project and call.period < -1) as has_loose from @call_sources as known where project = any($1::integer[])',
)
const gather = change(
  `with loose as (delete from @calls where project = $1::integer and period between $2::bigint and $3::bigint returning *)
   insert into @calls(project, period, print, event_id, source, start_at, end_at, first_id)
     select project, end_at / ${callPeriodMs}, print, event_id, source, start_at, end_at, first_id from loose order by end_at, print, event_id
   on conflict do nothing`,
)
const addSources = change(insertLists(tables.callSources, { project: 'integer', source: 'text' }, 'on conflict do nothing'))
// Of each as many as calls of this batch may take, the earliest first.
const findFirst = query<{ place: number; event_id: string; start_at: number; end_at: number }>(
  `select asked.place, found.event_id, found.start_at, found.end_at
   from unnest($1::integer[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]) with ordinality as asked(project, period, print, source, start_at, end_at, place)
   cross join lateral (
     select event_id, start_at, end_at from @calls as first
     where first.project = asked.project and first.period between asked.period - 1 and asked.period + 1 and first.print = asked.print
       and first.source <> asked.source and first.start_at <= asked.end_at and first.end_at >= asked.start_at and first.first_id is null
       and not exists (
         select 1 from @calls as other
         where other.project = first.project and other.period between first.period - 1 and first.period + 1 and other.print = first.print
           and other.first_id = first.event_id and other.source = asked.source)
     order by start_at limit $7) as found
   order by asked.place, found.start_at`,
)
const insert = change(
  insertLists(
    tables.calls,
    { project: 'integer', period: 'bigint', print: 'text', event_id: 'text', source: 'text', start_at: 'bigint', end_at: 'bigint', first_id: 'text' },
    'on conflict do nothing',
  ),
)
const findEvents = lookup(tables.events, ['session', 'cost', 'cost_source'], { project: 'integer', at: 'bigint', id: 'text' })
const attribute = change(
  `update @events as event set session = given.session from unnest($1::integer[], $2::bigint[], $3::text[], $4::text[]) as given(project, at, id, session)
   where event.project = given.project and event.at = given.at and event.id = given.id and event.session is null`,
)

/**
 * The same model call, seen through several sources. A source never sees one call twice, so a call takes at most one
 * event of each source: two equal calls at one time, each seen twice, stay two.
 */
export function callMatcher({ sql, projects }: Context): Pick<Transaction, 'findSameCalls' | 'attributeEvents'> {
  /** Where more than one source ever reported a call, those of this batch too: where there is one alone, nobody else can have seen it. */
  const severalSources = async (calls: readonly Call[]): Promise<ReadonlySet<number>> => {
    const known = new Map<number, Set<string>>()
    const loose = new Set<number>()
    for (const { project, source, has_loose: hasLoose } of await sql.all(sourcesOf, [...new Set(calls.map(({ number }) => number))])) {
      known.set(project, (known.get(project) ?? new Set()).add(source))
      if (hasLoose) loose.add(project)
    }
    const fresh: [number, string][] = []
    for (const { number, source } of calls) {
      const sources = known.get(number) ?? new Set()
      if (!sources.has(source)) fresh.push([number, source])
      known.set(number, sources.add(source))
    }
    if (fresh.length > 0) await sql.run(addSources, fresh.map(([number]) => number), fresh.map(([, source]) => source))
    const several = new Set([...known].flatMap(([number, sources]) => (sources.size > 1 ? [number] : [])))
    for (const number of [...loose].filter((one) => several.has(one)).sort((a, b) => a - b)) {
      const { from, to } = looseAround(calls.filter((call) => call.number === number))
      await sql.run(gather, number, from, to)
    }
    return several
  }

  const onRecord = async (calls: readonly Call[], several: ReadonlySet<number>): Promise<ReadonlyMap<Call, readonly First[]>> => {
    const asked = calls.filter(({ number }) => several.has(number))
    if (asked.length === 0) return new Map()
    const rows = await sql.all(
      findFirst, asked.map(({ number }) => number), asked.map(({ period }) => period), asked.map(({ print }) => print), asked.map(({ source }) => source),
      asked.map(({ startMs }) => startMs), asked.map(({ endMs }) => endMs), mostAlike(asked),
    )
    const found = new Map<Call, First[]>()
    for (const { place, event_id: eventId, start_at: startMs, end_at: endMs } of rows) {
      const call = asked[place - 1]
      if (call !== undefined) found.set(call, [...(found.get(call) ?? []), { eventId, startMs, endMs }])
    }
    return found
  }

  return {
    async findSameCalls(prints) {
      if (prints.length === 0) return []
      const numberOf = await projects.numbers(prints.map(({ project }) => project))
      const calls = prints.map(({ startMs, endMs, eventId, ...print }): Call => {
        const end = whole(endMs)
        return { ...print, eventId: storable(eventId), startMs: whole(startMs), endMs: end, number: numberOf(print.project), period: callPeriod(end) }
      })
      const firsts = matched(calls, await onRecord(calls, await severalSources(calls)))
      await sql.run(
        insert, calls.map(({ number }) => number), calls.map(({ period }) => period), calls.map(({ print }) => print), calls.map(({ eventId }) => eventId), calls.map(({ source }) => source),
        calls.map(({ startMs }) => startMs), calls.map(({ endMs }) => endMs), firsts.map((first) => first?.eventId ?? null),
      )
      return withEvents(calls, firsts)
    },
    async attributeEvents(attributions) {
      if (attributions.length === 0) return
      const numberOf = await projects.numbers(attributions.map(({ project }) => project))
      await sql.run(attribute, ...placesOf(attributions.map(({ eventId: id, ...rest }) => ({ ...rest, id })), numberOf), attributions.map(({ sessionId }) => sessionId))
    },
  }

  /** The events of those that came first; they may be gone. */
  async function withEvents(calls: readonly Call[], firsts: readonly (First | undefined)[]): Promise<readonly (SameCall | undefined)[]> {
    const matches = calls.flatMap(({ project }, index) => {
      const first = firsts[index]
      return first === undefined ? [] : [{ index, place: { project, atMs: first.endMs, id: first.eventId } }]
    })
    if (matches.length === 0) return firsts.map(() => undefined)
    const numberOf = await projects.numbers(calls.map(({ project }) => project))
    const rows = byPlace(await sql.all(findEvents, ...placesOf(matches.map(({ place }) => place), numberOf)), matches.length)
    const same = Array.from<SameCall | undefined>({ length: calls.length })
    for (const [at, { index, place }] of matches.entries()) {
      const row = rows[at]
      const withoutSession = row === undefined || row.session !== null ? undefined : { atMs: place.atMs, ...present({ costNanoUsd: row.cost, costSource: row.cost_source }) }
      same[index] = { eventId: place.id, ...(withoutSession !== undefined && { withoutSession }) }
    }
    return same
  }
}

/** One after the other: each takes the earliest that overlaps it and that its source has not taken, on record or earlier in the batch. */
function matched(calls: readonly Call[], onRecord: ReadonlyMap<Call, readonly First[]>): readonly (First | undefined)[] {
  const taken = new Set<string>()
  const firstsInBatch = new Map<string, Call[]>()
  return calls.map((call) => {
    const alike = JSON.stringify([call.number, call.print])
    const inBatch = (firstsInBatch.get(alike) ?? []).filter(
      (other) => other.source !== call.source && Math.abs(other.period - call.period) <= 1 && other.startMs <= call.endMs && other.endMs >= call.startMs,
    )
    const free = [...(onRecord.get(call) ?? []), ...inBatch].filter(({ eventId }) => !taken.has(JSON.stringify([alike, eventId, call.source])))
    const first = free.reduce<First | undefined>((best, one) => (best === undefined || one.startMs < best.startMs ? one : best), undefined)
    if (first === undefined) firstsInBatch.set(alike, [...(firstsInBatch.get(alike) ?? []), call])
    else taken.add(JSON.stringify([alike, first.eventId, call.source]))
    return first
  })
}

/** How many calls of one source have the same print: that many of those on record may be taken. */
function mostAlike(calls: readonly Call[]): number {
  const counts = new Map<string, number>()
  for (const { number, print, source } of calls) {
    const key = JSON.stringify([number, print, source])
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return Math.max(...counts.values())
}
