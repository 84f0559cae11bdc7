import type { CostSource } from '../../model/event.ts'
import type { CallPrint, SameCall } from '../../model/same-call.ts'
import type { Transaction } from '../../model/store.ts'
import { callPeriod, callPeriodMs, looseAround, loosePeriod } from '../rows/call-period.ts'
import { present } from '../rows/json.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { Source } from '../rows/source.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

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
  const gather = prepare.change(`update or ignore calls set period = end_at / ${callPeriodMs} where project = ? and period between ? and ?`)
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

  /** What lay loose while one source was alone is found from now on, as far back as these calls reach. */
  const gatherAround = (prints: readonly CallPrint[]): void => {
    for (const [project, calls] of Map.groupBy(prints, (print) => print.project)) {
      const { from, to } = looseAround(calls)
      gather.run(projects.number(project), from, to)
    }
  }

  return {
    async findSameCalls(prints) {
      const sources = sourcesWith(prints)
      // Where there is one source alone, nobody else can have seen a call.
      const isAlone = ({ project }: CallPrint): boolean => sources.get(project)?.size === 1
      gatherAround(prints.filter((print) => !isAlone(print)))
      return prints.map((call) => {
        const { project, print, eventId, source, startMs, endMs } = call
        const number = projects.number(project)
        const [start, end] = [whole(startMs), whole(endMs)]
        if (isAlone(call)) {
          insert.run(number, loosePeriod(end), print, eventId, source, start, end, null)
          return undefined
        }
        const period = callPeriod(end)
        const first = find.get(number, period - 1, period, period + 1, print, source, end, start, source)
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
