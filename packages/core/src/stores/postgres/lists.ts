import type { Clock } from '../../model/clock.ts'
import type { Lists } from '../../model/lists.ts'
import { listsOver } from '../rows/lists/lists.ts'
import type { ListBackend, ListValue } from '../rows/lists/backend.ts'
import { sessionOf } from '../rows/session.ts'
import { readOrTell } from '../rows/unreadable.ts'
import type { ReadContext } from './context.ts'
import { keyText } from './key.ts'
import { query, type Query } from './statement.ts'

/** Texts that stay prepared: one for each set of filters that was asked for; beyond it they are prepared again. */
const preparedMax = 200

/** What the reader makes of rows. */
export type RowReaders = Pick<ListBackend, 'alertsOf' | 'deliveriesOf' | 'eventsOf'>

export function postgresLists({ sql, projects, tell }: ReadContext, readers: RowReaders, clock: Pick<Clock, 'monotonicMs'>): Lists {
  const prepared = new Map<string, Query<unknown>>()
  const queryOf = <Row>(text: string): Query<Row> => {
    const known = prepared.get(text)
    // The text says what its rows are.
    if (known !== undefined) return known as Query<Row>
    if (prepared.size >= preparedMax) prepared.clear()
    let count = 0
    const made = query<Row>(text.replaceAll('?', () => `$${(count += 1)}`))
    prepared.set(text, made)
    return made
  }
  return listsOver({
    tell,
    clock,
    failedEvents: 'events',
    waiting: 'select id from @due where project = ? limit ?',
    unsuccessful: 'unsuccessful',
    all: <Row>(text: string, values: readonly ListValue[]) => sql.all(queryOf<Row>(text), ...values),
    textAt: (column, name) => `case when @is_json(${column}) then ${column}::json ->> '${name}' end`,
    key: keyText,
    project: (name) => projects.known(name),
    sessionsOf: async (rows, project) => rows.flatMap((row) => readOrTell(tell, `session ${row.id}`, () => sessionOf(row, project, tell)) ?? []),
    ...readers,
  })
}
