import pg from 'pg'
import { advisoryLocks, PartitionMaker, storable, systemClock, TocsinError, type Clock } from 'tocsin/engine'
import { auditForgetsFact } from '../append-only.ts'
import { hearLosses } from '../telling-dialect.ts'
import { auditTable, factsOfPlace, factsTable, notCopied, type Row, type Side, type Table, type Value } from './side.ts'

/** Of the reading, and for making days of events. */
const connectionsMax = 3
const connectMs = 10_000
/** How long it waits for those who write, milliseconds. */
const lockMaxMs = 30_000

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** What differs from SQLite's tables: the ways of deliveries are numbered for each project there, and once for all of them here. */
const destinations = 'destinations'
const digestColumn = 'digest'
const eventsTable = 'events'

interface Columns {
  /** Type of each column by its name, as arrays of it are written. */
  readonly types: ReadonlyMap<string, string>
  /** The one that the database numbers. */
  readonly numbered?: string
}

/** A PostgreSQL that rows are copied from or to. */
export class PostgresSide implements Side {
  readonly #pool: pg.Pool
  readonly #schema: string
  readonly #partitions: PartitionMaker
  readonly #columns: ReadonlyMap<string, Columns>
  /** Of ways that are on record several times, once for each project: the one that stands for them. */
  #sameWay: ReadonlyMap<number, number> = new Map()
  /** Where a transaction is open. */
  #client: pg.PoolClient | undefined

  private constructor(pool: pg.Pool, schema: string, columns: ReadonlyMap<string, Columns>, clock: Clock) {
    this.#pool = pool
    this.#schema = schema
    this.#columns = columns
    this.#partitions = new PartitionMaker(pool, schema, advisoryLocks(schema), clock)
  }

  /** @param url of a database whose tables are there */
  static async open(url: string, clock: Clock = systemClock, schema = 'tocsin'): Promise<PostgresSide> {
    const pool = new pg.Pool({ connectionString: url, max: connectionsMax, connectionTimeoutMillis: connectMs, options: '-c timezone=UTC' })
    hearLosses(pool)
    try {
      const { rows } = await pool.query<{ table_name: string; column_name: string; udt_name: string; is_identity: string }>(
        `select c.table_name, c.column_name, c.udt_name, c.is_identity from information_schema.columns c join pg_class t on t.relname = c.table_name and t.relnamespace = to_regnamespace($2)
         where c.table_schema = $1 and t.relkind in ('r', 'p') and not t.relispartition order by c.table_name, c.ordinal_position`,
        [schema, quoted(schema)],
      )
      const columns = new Map<string, { readonly types: Map<string, string>; numbered?: string }>()
      for (const { table_name: table, column_name: column, udt_name: type, is_identity: identity } of rows) {
        const of = columns.get(table) ?? { types: new Map<string, string>() }
        of.types.set(column, type)
        if (identity === 'YES') of.numbered = column
        columns.set(table, of)
      }
      return new PostgresSide(pool, schema, columns, clock)
    } catch (failure) {
      await pool.end()
      throw failure
    }
  }

  /**
   * These tables of SQLite as they are here too.
   *
   * @throws TocsinError `store-failed` where one holds what the other has no place for
   */
  check(tables: readonly Table[]): void {
    const names = new Set(tables.map(({ name }) => name))
    const other = [...this.#columns.keys()].find((name) => !names.has(name) && !notCopied.has(name))
    if (other !== undefined) throw new TocsinError('store-failed', `Expected tables of this version on both sides, found ${other} in PostgreSQL alone. Use the same version of Tocsin for both.`)
    for (const { name, columns } of tables) {
      const missing = columns.find((column) => this.#columns.get(name)?.types.has(column) !== true)
      if (missing !== undefined) throw new TocsinError('store-failed', `Expected tables of this version on both sides, found no ${name}.${missing} in PostgreSQL. Use the same version of Tocsin for both.`)
    }
  }

  async rows(table: Table, after: Row | undefined, limit: number): Promise<readonly Row[]> {
    const key = table.key.map((place) => this.#inBytes(table, place))
    const shown = table.columns.map((column) => quoted(column)).join(', ')
    const others = table.name === destinations && this.#sameWay.size > 0 ? [`id not in (${[...this.#sameWay.keys()].join(', ')})`] : []
    const conditions = [...(after === undefined ? [] : [`(${key.join(', ')}) > (${after.map((_value, index) => `$${index + 1}`).join(', ')})`]), ...onlyCopied(table), ...others]
    const { rows } = await this.#query<Value[]>({ text: `select ${shown} from ${this.#named(table.name)} ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`} order by ${key.join(', ')} limit ${limit}`, values: [...(after ?? [])], rowMode: 'array', types: plainTypes })
    if (this.#sameWay.size === 0 || table.name !== 'deliveries') return rows
    const place = table.columns.indexOf('destination')
    return rows.map((row) => row.map((value, index) => (index === place ? (this.#sameWay.get(Number(value)) ?? value) : value)))
  }

  async count(table: Table): Promise<number> {
    const [where = 'true'] = onlyCopied(table)
    const { rows } = await this.#query<{ rows: string }>({ text: `select count(*) as rows from ${this.#named(table.name)} where ${where}` })
    return Number(rows[0]?.rows ?? 0) - (table.name === destinations ? this.#sameWay.size : 0)
  }

  async insert(table: Table, rows: readonly Row[], conflicts: 'skip' | 'refuse'): Promise<void> {
    const columns = [...table.columns, ...(table.name === destinations ? [digestColumn] : [])]
    const lists: unknown[] = columns.map((column, place) => rows.map((row) => this.#bindable(table, column, column === digestColumn ? `moved ${String(row[0])}` : (row[place] ?? null))))
    if (table.name === eventsTable) {
      const at = table.columns.indexOf('at')
      await this.#partitions.prepare(rows.map((row) => Number(row[at])))
    }
    const types = columns.map((column) => this.#typeOf(table.name, column))
    await this.#query({
      text: `insert into ${this.#named(table.name)}(${columns.map(quoted).join(', ')}) overriding system value
        select * from unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')}) ${conflicts === 'skip' ? 'on conflict do nothing' : ''}`,
      values: lists,
    })
  }

  async remove(table: Table, keys: readonly Row[]): Promise<void> {
    const columns = table.key.map((place) => table.columns[place] ?? '')
    const names = columns.map(quoted).join(', ')
    const lists: unknown[] = columns.map((column, index) => keys.map((key) => this.#bindable(table, column, key[index] ?? null)))
    const text = `delete from ${this.#named(table.name)} where (${names}) in (select * from unnest(${columns.map((column, index) => `$${index + 1}::${this.#typeOf(table.name, column)}[]`).join(', ')}))`
    if (table.name !== auditTable) return void (await this.#query({ text, values: lists }))
    await this.putFact(auditForgetsFact, String(Number.MAX_SAFE_INTEGER))
    await this.#query({ text, values: lists })
    await this.removeFact(auditForgetsFact)
  }

  async numbersGiven(): Promise<ReadonlyMap<string, number>> {
    const given = new Map<string, number>()
    for (const [name, sequence] of this.#sequences()) {
      const { rows } = await this.#query<{ last: string }>({ text: `select case when is_called then last_value else last_value - 1 end as last from ${sequence.from}` })
      given.set(name, Number(rows[0]?.last ?? 0))
    }
    return given
  }

  async giveNumbersAfter(given: ReadonlyMap<string, number>): Promise<void> {
    for (const [name, { from, column }] of this.#sequences()) {
      const held = column === undefined ? '0' : `coalesce((select max(${quoted(column)}) from ${this.#named(name)}), 0)`
      await this.#query({ text: `select setval($1::regclass, greatest(highest, 1), highest > 0) from (select greatest($2::bigint, ${held}) as highest) as numbers`, values: [from, given.get(name) ?? 0] })
    }
  }

  /** What was just filled is planned for as it is. */
  async analyse(): Promise<void> {
    for (const name of this.#columns.keys()) await this.#query({ text: `analyze ${this.#named(name)}` })
  }

  async fact(name: string): Promise<string | undefined> {
    const { rows } = await this.#query<{ value: string }>({ text: `select value from ${this.#named(factsTable)} where name = $1`, values: [name] })
    return rows[0]?.value
  }

  async putFact(name: string, value: string): Promise<void> {
    await this.#query({ text: `insert into ${this.#named(factsTable)}(name, value) values($1, $2) on conflict(name) do update set value = excluded.value`, values: [name, value] })
  }

  async removeFact(name: string): Promise<void> {
    await this.#query({ text: `delete from ${this.#named(factsTable)} where name = $1`, values: [name] })
  }

  /** Everything is read as it is at this moment, whoever writes. */
  async hold(): Promise<void> {
    await this.#begin('begin isolation level repeatable read read only')
    await this.findSameWays()
  }

  /** Waits for those who write, and keeps everybody else from writing until `commit` or `rollback`. */
  async lock(): Promise<void> {
    await this.#begin(`begin; set local lock_timeout = ${lockMaxMs}; set local idle_in_transaction_session_timeout = 0`)
    const tables = [...this.#columns.keys()].filter((name) => !notCopied.has(name)).map((name) => this.#named(name))
    await this.#query({ text: `lock table ${tables.join(', ')} in share row exclusive mode` })
    await this.findSameWays()
  }

  async commit(): Promise<void> {
    await this.#end('commit')
  }

  async rollback(): Promise<void> {
    if (this.#client !== undefined) await this.#end('rollback')
  }

  /** From now on no table takes a change, from this version or any other: each is refused with this sentence. Within `lock`. */
  async freeze(sentence: string): Promise<void> {
    await this.#query({ text: `create or replace function ${this.#named('moved_away')}() returns trigger language plpgsql as $$ begin raise exception '${sentence.replaceAll("'", "''").replaceAll('%', '%%').replaceAll('$$', '')}'; end $$` })
    for (const name of this.#columns.keys()) {
      if (notCopied.has(name)) continue
      await this.#query({ text: `drop trigger if exists moved_away on ${this.#named(name)}; create trigger moved_away before insert or update or delete or truncate on ${this.#named(name)} for each statement execute function ${this.#named('moved_away')}()` })
    }
  }

  async close(): Promise<void> {
    await this.rollback()
    await this.#partitions.close()
    await this.#pool.end()
  }

  /** As a source: ways that are on record once for each project are one in SQLite, and deliveries name the first of them. */
  async findSameWays(): Promise<void> {
    const columns = [...(this.#columns.get(destinations)?.types.keys() ?? [])].filter((column) => column !== 'id' && column !== digestColumn).map(quoted).join(', ')
    const { rows } = await this.#query<{ id: string; first: string }>({ text: `select id, first from (select id, min(id) over (partition by ${columns}) as first from ${this.#named(destinations)}) as ways where id <> first` })
    this.#sameWay = new Map(rows.map(({ id, first }) => [Number(id), Number(first)]))
  }

  async #begin(text: string): Promise<void> {
    this.#client = await this.#pool.connect()
    await this.#client.query(text)
  }

  async #end(text: string): Promise<void> {
    const client = this.#client
    this.#client = undefined
    try {
      await client?.query(text)
    } finally {
      client?.release(text !== 'commit')
    }
  }

  /** All that number something: columns, events (whose days are tables of their own), and fences. */
  #sequences(): readonly (readonly [name: string, { readonly from: string; readonly column?: string }])[] {
    const identities = [...this.#columns].flatMap(([name, { numbered }]) => (numbered === undefined ? [] : [[name, { from: `${quoted(this.#schema)}.${quoted(`${name}_${numbered}_seq`)}`, column: numbered }] as const]))
    return [...identities, [eventsTable, { from: this.#named('event_seqs'), column: 'seq' }], ['fences', { from: this.#named('fences') }]]
  }

  #query<R extends pg.QueryResultRow>(query: pg.QueryConfig & { readonly rowMode?: 'array' }): Promise<pg.QueryResult<R>> {
    return (this.#client ?? this.#pool).query<R>(query)
  }

  #named(name: string): string {
    return `${quoted(this.#schema)}.${quoted(name)}`
  }

  #typeOf(table: string, column: string): string {
    return this.#columns.get(table)?.types.get(column) ?? 'text'
  }

  #inBytes(table: Table, place: number): string {
    const column = table.columns[place] ?? ''
    return this.#typeOf(table.name, column) === 'text' ? `${quoted(column)} collate "C"` : quoted(column)
  }

  #bindable(table: Table, column: string, value: Value): Value | boolean {
    if (value === null) return null
    if (this.#typeOf(table.name, column) === 'bool') return value === 1
    return typeof value === 'string' ? storable(value) : value
  }
}

function onlyCopied(table: Table): readonly string[] {
  return table.name === factsTable ? [`name not like '${factsOfPlace}%'`] : []
}

/** As SQLite would give them. */
const plainTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number) => plain.get(oid) ?? String) as pg.CustomTypesConfig['getTypeParser'], // all columns arrive as text, which its overloads cannot say
}

const plain: ReadonlyMap<number, (text: string) => Value> = new Map<number, (text: string) => Value>([
  [16, (text) => (text === 't' ? 1 : 0)],
  ...[20, 21, 23, 700, 701, 1700].map((oid) => [oid, Number] as const),
  ...[1114, 1184].map((oid) => [oid, (text: string): string => new Date(oid === 1114 ? `${text}Z` : text).toISOString()] as const),
])
