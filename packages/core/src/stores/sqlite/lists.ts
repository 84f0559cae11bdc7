import type { Clock } from '../../model/clock.ts'
import type { Lists } from '../../model/lists.ts'
import type { DeliveryRecord } from '../../model/reader.ts'
import { alertOf } from '../rows/alert.ts'
import { eventOf } from '../rows/event.ts'
import { listsOver } from '../rows/lists/lists.ts'
import { sessionOf } from '../rows/session.ts'
import type { DeliveryRow } from '../rows/tables.ts'
import { readOrTell } from '../rows/unreadable.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import type { Projects } from './projects.ts'
import type { Prepare, Statement } from './statement.ts'

/** Texts that stay prepared: one for each set of filters that was asked for; beyond it they are prepared again. */
const preparedMax = 200

/** Whose lists: `isListed` says that the file has `listIndices`. */
export interface ListSettings {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly isListed: boolean
}

export function sqliteLists(prepare: Prepare, projects: Projects, recordOf: (row: DeliveryRow) => DeliveryRecord | undefined, tell: TellUnreadable, { clock, isListed }: ListSettings): Lists {
  const prepared = new Map<string, Statement<never>>()
  const statement = <Row>(text: string): Statement<Row> => {
    const known = prepared.get(text)
    // The text says what its rows are.
    if (known !== undefined) return known
    if (prepared.size >= preparedMax) prepared.clear()
    const made = prepare.query<Row>(text.replaceAll(/@(?=[a-z])/g, ''))
    prepared.set(text, made as unknown as Statement<never>) // as above
    return made
  }
  const read = <Row, T>(rows: readonly Row[], name: (row: Row) => string, one: (row: Row) => T | undefined): readonly T[] => rows.flatMap((row) => readOrTell(tell, name(row), () => one(row)) ?? [])
  return listsOver({
    tell,
    clock,
    // Named: where few failed, SQLite would walk along all there are.
    ...(isListed && { failedEvents: 'events indexed by events_failed' }),
    all: async <Row>(text: string, values: Parameters<Statement<Row>['all']>) => statement<Row>(text).all(...values),
    // Text that is no JSON is passed over, as everywhere.
    textAt: (column, name) => `case when json_valid(${column}) then json_extract(${column}, '$.${name}') end`,
    key: (sessionId) => sessionId,
    project: async (name) => projects.known(name),
    alertsOf: async (rows) => read(rows, (row) => `alert ${row.id}`, (row) => alertOf(row, row.id, projects.name(row.project), tell)),
    deliveriesOf: async (rows) => rows.map(recordOf).filter((one) => one !== undefined),
    sessionsOf: async (rows, project) => read(rows, (row) => `session ${row.id}`, (row) => sessionOf(row, project, tell)),
    eventsOf: async (rows) => read(rows, (row) => `event ${row.seq}`, (row) => eventOf(row, projects.name(row.project), tell)),
  })
}
