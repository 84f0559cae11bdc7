import type { CostSource } from '../../model/event.ts'
import type { CallPrint, SameCall } from '../../model/same-call.ts'
import type { Transaction } from '../../model/store.ts'
import { present } from './json.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { Prepare, Source } from './statement.ts'
import { whole } from './whole.ts'

/**
 * Calls lie by the period in which they end, so that those of one time are near each other on disk. Two that overlap end at
 * most as far apart as the longer one lasts: for calls up to this long the period before and the one after are enough.
 */
const periodMs = 21_600_000

/**
 * The same model call, seen through several sources. A source never sees one call twice, so a call takes at most one
 * event of each source: two equal calls at one time, each seen twice, stay two.
 */
export function callMatcher(prepare: Prepare, projects: Projects): Pick<Transaction, 'findSameCalls' | 'attributeEvents'> {
  const find = prepare.select(
    callWithEvent,
    ['event_id', 'end_at', 'seq', 'session', 'cost', 'cost_source'],
    `where first.project = ? and first.period in (?, ?, ?) and first.print = ? and first.source <> ? and first.start_at <= ? and first.end_at >= ?
       and first.first_id is null
       and not exists (
         select 1 from calls as other
         where other.project = first.project and other.period in (first.period - 1, first.period, first.period + 1) and other.print = first.print
           and other.first_id = first.event_id and other.source = ?)
     order by first.start_at limit 1`,
  )
  const insert = prepare.insert(tables.calls, ['project', 'period', 'print', 'event_id', 'source', 'start_at', 'end_at', 'first_id'], 'on conflict do nothing')
  const sourcesOf = prepare.select(tables.callSources, ['source'], 'where project = ?')
  const addSource = prepare.insert(tables.callSources, ['project', 'source'])

  const attribute = prepare.change('update events set session = ? where project = ? and at = ? and id = ? and session is null')

  /** Those that ever reported a call, and those of this batch. */
  const sourcesWith = (prints: readonly CallPrint[]): ReadonlyMap<string, ReadonlySet<string>> => {
    const sources = new Map<string, Set<string>>()
    for (const { project, source } of prints) {
      const number = projects.number(project)
      const known = sources.get(project) ?? new Set(sourcesOf.all(number).map((row) => row.source))
      sources.set(project, known)
      if (known.has(source)) continue
      known.add(source)
      addSource.run(number, source)
    }
    return sources
  }

  return {
    async findSameCalls(prints) {
      const sources = sourcesWith(prints)
      return prints.map(({ project, print, eventId, source, startMs, endMs }) => {
        const number = projects.number(project)
        const [start, end] = [whole(startMs), whole(endMs)]
        const period = Math.floor(end / periodMs)
        // Where there is one source alone, nobody else can have seen it.
        const isAlone = sources.get(project)?.size === 1
        const first = isAlone ? undefined : find.get(number, period - 1, period, period + 1, print, source, end, start, source)
        insert.run(number, period, print, eventId, source, start, end, first?.event_id ?? null)
        return first === undefined ? undefined : sameCall(first)
      })
    },
    async attributeEvents(attributions) {
      for (const { project, atMs, eventId, sessionId } of attributions) attribute.run(sessionId, projects.number(project), whole(atMs), eventId)
    },
  }
}

/** A call and the event that reported it, which may be gone. */
interface CallWithEvent {
  event_id: string
  end_at: number
  seq: number | null
  session: string | null
  cost: number | null
  cost_source: CostSource | null
}

const callWithEvent: Source<CallWithEvent> = {
  from: 'calls as first left join events on events.project = first.project and events.at = first.end_at and events.id = first.event_id',
}

function sameCall({ event_id: eventId, end_at: atMs, seq, session, cost, cost_source }: CallWithEvent): SameCall {
  if (seq === null || session !== null) return { eventId }
  return { eventId, withoutSession: { atMs, ...present({ costNanoUsd: cost, costSource: cost_source }) } }
}
