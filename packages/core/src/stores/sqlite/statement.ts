import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { TocsinError } from '../../model/error.ts'
import type { ColumnsOf, Source } from '../rows/source.ts'
import { storeError } from './errors.ts'

/** What may be bound. Whole numbers beyond 2^53 never get here: see `whole.ts`. */
export type Value = string | number | null

/** A prepared query. Values stand in the order of its question marks. */
export interface Statement<Row> {
  run(...values: Value[]): { readonly changes: number; readonly id: number }
  get(...values: Value[]): Row | undefined
  all(...values: Value[]): Row[]
}

/** Prepares a query once, when it is first used; it is then run raw. The names of columns are checked against the schema by their types. */
export interface Prepare {
  /** `rest` stands after the source: conditions, order and limit. */
  select<Row, Column extends keyof Row & string>(source: Source<Row>, columns: readonly Column[] | '*', rest?: string): Statement<Pick<Row, Column>>
  /** The same, each row a list of its columns: half the time for the rows of a hot path. */
  selectLists<Row, const Columns extends readonly (keyof Row & string)[]>(
    source: Source<Row>,
    columns: Columns,
    rest?: string,
  ): Statement<ColumnsOf<Row, Columns>>
  /** `rest` says what happens on a conflict; `returning` what comes back. */
  insert<Row, Column extends keyof Row & string>(
    table: Source<Row>,
    columns: readonly (keyof Row & string)[],
    rest?: string,
    returning?: readonly Column[],
  ): Statement<Pick<Row, Column>>
  /** Replaces the row of the same key. */
  put<Row>(table: Source<Row>, columns: readonly (keyof Row & string)[]): Statement<never>
  /** Its rows are what the type says: for queries that are put together of parts. */
  query<Row>(text: string): Statement<Row>
  /** An update, a delete, or an insert of rows that are selected. */
  change(text: string): Statement<never>
}

/** @param failed is told of every error of the database, before it is thrown */
export function preparer(db: DatabaseSync, failed: (error: TocsinError) => void): Prepare {
  const prepare = <Row>(text: string, _rows: Source<Row>, rowsAre: 'objects' | 'lists' = 'objects'): Statement<Row> => {
    let made: StatementSync | undefined
    // At first use: an agent uses a third of them, and each takes memory.
    const statement = (): StatementSync => {
      if (made !== undefined) return made
      made = db.prepare(plannedOnce(text))
      if (rowsAre === 'lists') made.setReturnArrays(true)
      return made
    }
    const count = text.split('?').length - 1
    // node:sqlite binds NULL for a value that is missing.
    const check = (values: readonly Value[]): void => {
      if (values.length !== count) throw new Error(`expected ${count} values, got ${values.length}: ${text}`)
    }
    const fail = (cause: unknown): TocsinError => {
      const error = storeError(cause)
      failed(error)
      return error
    }
    return {
      run(...values) {
        check(values)
        try {
          const { changes, lastInsertRowid } = statement().run(...values)
          return { changes: Number(changes), id: Number(lastInsertRowid) }
        } catch (cause) {
          throw fail(cause)
        }
      },
      get(...values) {
        check(values)
        try {
          // The columns were checked against the source; node:sqlite cannot know their types.
          return statement().get(...values) as unknown as Row | undefined
        } catch (cause) {
          throw fail(cause)
        }
      },
      all(...values) {
        check(values)
        try {
          // As above.
          return statement().all(...values) as unknown as Row[]
        } catch (cause) {
          throw fail(cause)
        }
      },
    }
  }

  const insertText = (verb: string, table: string, columns: readonly string[]): string =>
    `${verb} into ${table}(${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`

  return {
    select: (source, columns, rest = '') => prepare(selectText(source, columns, rest), source),
    selectLists: (source, columns, rest = '') => prepare(selectText(source, columns, rest), { from: source.from }, 'lists'),
    insert: (table, columns, rest = '', returning = []) =>
      prepare(`${insertText('insert', table.from, columns)} ${rest} ${returning.length === 0 ? '' : `returning ${returning.join(', ')}`}`, table),
    put: (table, columns) => prepare(insertText('insert or replace', table.from, columns), nothing),
    query: (text) => prepare(text, { from: '' }),
    change: (text) => prepare(text, nothing),
  }
}

const nothing: Source<never> = { from: '' }

/**
 * SQLite 3.47 and later plans a query anew for every value that is bound to a bare `limit ?`, which takes four times as long as running it. What is worked
 * out of a value is not looked at.
 */
function plannedOnce(text: string): string {
  return text.replaceAll(/\blimit \?(?! \+)/g, 'limit ? + 0')
}

function selectText<Row>(source: Source<Row>, columns: readonly (keyof Row & string)[] | '*', rest: string): string {
  return `select ${columnText(source, columns)} from ${source.from} ${rest}`
}

function columnText<Row>(source: Source<Row>, columns: readonly (keyof Row & string)[] | '*'): string {
  if (columns === '*') return '*'
  return columns.map((column) => (source.qualified?.[column] === undefined ? column : `${source.qualified[column]} as ${column}`)).join(', ')
}
