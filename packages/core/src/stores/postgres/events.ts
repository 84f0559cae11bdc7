import type { Event } from '../../model/event.ts'
import { TocsinError } from '../../model/error.ts'
import type { Transaction } from '../../model/store.ts'
import { moreOf } from '../rows/event.ts'
import { tables } from '../rows/tables.ts'
import type { EventRow } from '../rows/tables.ts'
import { whole, wholeOrNull } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { change, changing, insertLists, query } from './statement.ts'
import { storable } from './values.ts'

const insert = changing(
  insertLists(
    tables.events,
    {
      project: 'integer', at: 'bigint', id: 'text', type: 'text', source: 'text', status: 'text', dur: 'bigint', session: 'text', agent: 'text', user_id: 'text', env: 'text',
      provider: 'text', model: 'text', tokens_in: 'bigint', tokens_out: 'bigint', cost: 'bigint', cost_source: 'text', duplicate_of: 'text', more: 'text',
    },
    'on conflict do nothing',
  ),
  tables.events,
  ['project', 'at', 'id'],
)
const theseEvents = 'unnest($1::integer[], $2::bigint[], $3::text[]) with ordinality as asked(project, at, id, place) join @events as event using (project, at, id)'
// Not what may change for a good reason: its session is learned later, its price from another list, its texts are redacted.
type Said = Pick<EventRow, 'type' | 'status' | 'dur' | 'agent' | 'provider' | 'model' | 'tokens_in' | 'tokens_out'>
const find = query<Said & { place: number }>(`select place, type, status, dur, agent, provider, model, tokens_in, tokens_out from ${theseEvents}`)
const mark = change(
  `update @events as event set duplicate_of = given.of from unnest($1::integer[], $2::bigint[], $3::text[], $4::text[]) as given(project, at, id, of)
   where event.project = given.project and event.at = given.at and event.id = given.id`,
)

/** Identity is (project, at, id): inserting the same again changes nothing. */
export function eventWriter({ sql, projects, partitions }: Context): Pick<Transaction, 'insertEvents' | 'sayTheSame' | 'markDuplicates'> {
  return {
    async insertEvents(events) {
      if (events.length === 0) return []
      const numberOf = await projects.numbers(events.map(({ project }) => project))
      await partitions.prepare(events.map(({ atMs }) => whole(atMs)))
      const made = await sql.all(insert, ...columnsOf(events, numberOf)).catch((cause: unknown) => {
        throw withoutPartition(cause, () => partitions.forget())
      })
      if (made.length === events.length) return events.map(() => true)
      const isNew = new Set(made.map(({ project, at, id }) => `${project} ${at} ${id}`))
      // The first of several that are the same is the new one.
      return events.map(({ project, atMs, id }) => isNew.delete(`${numberOf(project)} ${whole(atMs)} ${storable(id)}`))
    },
    async sayTheSame(events) {
      const numberOf = await projects.numbers(events.map(({ project }) => project))
      const rows = events.length === 0 ? [] : await sql.all(find, ...placesOf(events, numberOf))
      const found = new Map(rows.map((row) => [row.place - 1, row]))
      return events.map((event, index) => {
        const row = found.get(index)
        return row !== undefined && saysTheSame(row, event)
      })
    },
    async markDuplicates(marks) {
      if (marks.length === 0) return
      const events = marks.map(({ event }) => event)
      const numberOf = await projects.numbers(events.map(({ project }) => project))
      await sql.run(mark, ...placesOf(events, numberOf), marks.map(({ duplicateOf }) => duplicateOf))
    },
  }
}

type Lists = readonly (readonly (string | number | null)[])[]

function columnsOf(events: readonly Event[], numberOf: (project: string) => number): Lists {
  const list = (value: (event: Event) => string | number | null | undefined): readonly (string | number | null)[] => events.map((event) => value(event) ?? null)
  return [
    ...placesOf(events, numberOf),
    list(({ type }) => type), list(({ source }) => source), list(({ status }) => status), list(({ durationMs }) => whole(durationMs)),
    list(({ sessionId }) => sessionId), list(({ agent }) => agent), list(({ user }) => user), list(({ environment }) => environment),
    list(({ llm }) => llm?.provider), list(({ llm }) => llm?.model), list(({ llm }) => wholeOrNull(llm?.inputTokens)), list(({ llm }) => wholeOrNull(llm?.outputTokens)),
    list(({ llm }) => wholeOrNull(llm?.costNanoUsd)), list(({ llm }) => llm?.costSource), list(({ duplicateOf }) => duplicateOf), list(moreOf),
  ]
}

/** The columns that tell events apart. */
export function placesOf(events: readonly Pick<Event, 'project' | 'atMs' | 'id'>[], numberOf: (project: string) => number): [number[], number[], string[]] {
  return [events.map(({ project }) => numberOf(project)), events.map(({ atMs }) => whole(atMs)), events.map(({ id }) => id)]
}

function saysTheSame(row: Said, { type, status, durationMs, agent, llm }: Event): boolean {
  const text = (value: string | undefined): string | null => (value === undefined ? null : storable(value))
  return (
    row.type === type && row.status === status && row.dur === whole(durationMs) && row.agent === text(agent) && row.provider === text(llm?.provider)
    && row.model === text(llm?.model) && row.tokens_in === wholeOrNull(llm?.inputTokens) && row.tokens_out === wholeOrNull(llm?.outputTokens)
  )
}

/** A row that fits no partition (check_violation): another process dropped it after this one had seen it. */
function withoutPartition(cause: unknown, forget: () => void): unknown {
  const code = cause instanceof TocsinError && cause.cause instanceof Error && 'code' in cause.cause ? cause.cause.code : undefined
  if (code !== '23514') return cause
  forget()
  return new TocsinError('store-busy', 'The day of an event was deleted at this moment. Try again.', { cause })
}
