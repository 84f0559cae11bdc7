import { createHash } from 'node:crypto'
import type { ColumnsOf, Source } from '../rows/source.ts'
import { allColumns } from './columns.ts'

/** What may be bound: one value, or a list for `unnest` and `any`. Whole numbers beyond 2^53 never get here: see `rows/whole.ts`. */
export type Value = string | number | boolean | null | readonly (string | number | boolean | null)[]

/**
 * A query, with `$1` for its values and `@` before each name of a table, view or sequence of ours: the schema they stand in is put there.
 * It is prepared once in each connection under a name made of its text.
 */
export interface Query<Row> {
  readonly text: string
  /** Its text is asked once: nothing is prepared. */
  readonly once?: true
  /** Its rows are lists, in the order of its columns. */
  readonly lists?: true
  /** For types only; never set. */
  readonly row?: Row
}

/** What comes back of a query, in its order. */
export interface Session {
  /** How many rows it changed. */
  run(query: Query<unknown>, ...values: readonly Value[]): Promise<number>
  get<Row>(query: Query<Row>, ...values: readonly Value[]): Promise<Row | undefined>
  all<Row>(query: Query<Row>, ...values: readonly Value[]): Promise<readonly Row[]>
}

/** `rest` stands after the source: conditions, order and limit. A source that is a single table needs no `@`. */
export function select<Row, Column extends keyof Row & string>(source: Source<Row>, columns: readonly Column[] | '*', rest = ''): Query<Pick<Row, Column>> {
  return { text: `select ${columnText(source, columns)} from ${tableText(source)} ${rest}` }
}

/** The same, and each row a list of these columns: it takes a fifth less to read, which counts where thousands are. */
export function selectLists<Row, const Columns extends readonly (keyof Row & string)[]>(source: Source<Row>, columns: Columns, rest = ''): Query<ColumnsOf<Row, Columns>> {
  return queryLists(`select ${columnText(source, columns)} from ${tableText(source)} ${rest}`)
}

/** An insert, update or delete; how many rows it changed is what is asked of it. */
export function change(text: string): Query<never> {
  return { text }
}

/** An insert, update or delete with `returning` these columns. */
export function changing<Row, Column extends keyof Row & string>(text: string, source: Source<Row>, columns: readonly Column[]): Query<Pick<Row, Column>> {
  return { text: `${text} returning ${columnText(source, columns)}` }
}

/** A query whose columns are no table's: the rows are what the type says. */
export function query<Row>(text: string): Query<Row> {
  return { text }
}

export function queryLists<Row>(text: string): Query<Row> {
  return { text, lists: true }
}

/**
 * Inserts one row for each place of its lists: `$1` holds the values of the first column, and so on. Rows are made in the order of the lists.
 *
 * @param columns each with its type in PostgreSQL
 * @param rest what happens on a conflict, and what comes back
 */
export function insertLists<Row>(source: Source<Row>, columns: { readonly [Column in keyof Row & string]?: string }, rest = ''): string {
  const names = Object.keys(columns)
  const lists = Object.values(columns).map((type, index) => `$${index + 1}::${String(type)}[]`)
  const quoted = names.map((name) => quotedName(name)).join(', ')
  return `insert into @${source.from}(${quoted}) select ${quoted} from unnest(${lists.join(', ')}) with ordinality as given(${quoted}, place) order by place ${rest}`
}

/** The same, and a row that is there already takes over what is given besides its key. The keys of one call must differ. */
export function putLists<Row>(source: Source<Row>, key: readonly (keyof Row & string)[], columns: { readonly [Column in keyof Row & string]?: string }): Query<never> {
  const isKey = new Set<string>(key)
  const others = Object.keys(columns).filter((name) => !isKey.has(name)).map((name) => `${quotedName(name)} = excluded.${quotedName(name)}`)
  return change(insertLists(source, columns, `on conflict (${key.map(quotedName).join(', ')}) do update set ${others.join(', ')}`))
}

/** What stands after `with ordinality`: the place in the lists from which a row comes, counted from 1. */
export interface Placed {
  readonly place: number
}

/**
 * Looks up one row, or none, for each place of its lists: `$1` holds the values of the first column of the key, and so on.
 *
 * @param rest conditions on `held`, the table, with values after those of the key
 */
export function lookup<Row, Column extends keyof Row & string>(
  source: Source<Row>,
  columns: readonly Column[] | '*',
  key: { readonly [Part in keyof Row & string]?: string },
  rest = '',
): Query<Pick<Row, Column> & Placed> {
  const names = Object.keys(key)
  const lists = Object.values(key).map((type, index) => `$${index + 1}::${String(type)}[]`)
  const equal = names.map((name) => `held.${quotedName(name)} = asked.${quotedName(name)}`).join(' and ')
  return { text: `select asked.place, ${columnText(source, columns, 'held')} from unnest(${lists.join(', ')}) with ordinality as asked(${names.map(quotedName).join(', ')}, place) join @${source.from} as held on ${equal} ${rest}` }
}

/** The rows of a lookup, each at its place. */
export function byPlace<Row extends Placed>(rows: readonly Row[], count: number): readonly (Row | undefined)[] {
  const list = Array.from<Row | undefined>({ length: count })
  for (const row of rows) list[row.place - 1] = row
  return list
}

/** A query as one schema sees it. */
export interface Prepared {
  readonly name?: string
  readonly text: string
  readonly rowMode?: 'array'
}

/** Puts the schema into queries, once for each. */
export function preparer(schema: string): (query: Query<unknown>) => Prepared {
  const kept = new WeakMap<Query<unknown>, Prepared>()
  return (asked) => {
    const known = kept.get(asked)
    if (known !== undefined) return known
    const text = inSchema(asked.text, schema)
    if (asked.once === true) return { text }
    const made: Prepared = { ...(asked.lists === true && { rowMode: 'array' }), name: `tocsin_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`, text }
    kept.set(asked, made)
    return made
  }
}

/** `@` before a name becomes the schema. No text of ours holds an address or such an operator. */
export function inSchema(text: string, schema: string): string {
  return text.replaceAll(/@(?=[a-z_])/g, `${quotedName(schema)}.`)
}

/** Names of columns that are words of SQL, and those of schemas. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function tableText<Row>({ from }: Source<Row>): string {
  return /^[a-z_]+$/.test(from) ? `@${from}` : from
}

/** The columns as they stand after `select`. @param of the name of their table in the query, where others have columns of the same names */
export function columnText<Row>(source: Source<Row>, columns: readonly (keyof Row & string)[] | '*', of?: string): string {
  const from = of === undefined ? '' : `${of}.`
  return (columns === '*' ? allOf(source) : columns)
    .map((column) => (source.qualified?.[column] === undefined ? from + quotedName(column) : `${source.qualified[column]} as ${quotedName(column)}`))
    .join(', ')
}

function allOf<Row>({ from }: Source<Row>): readonly (keyof Row & string)[] {
  const columns = allColumns.get(from)
  if (columns === undefined) throw new Error(`expected the columns of ${from} to be listed`)
  return columns as readonly (keyof Row & string)[] // those of the table of this name, as `columns.ts` has them checked
}
