/** One value as both databases can hold it: SQLite's form. Booleans are 0 and 1, times of PostgreSQL's own type are ISO 8601. */
export type Value = string | number | null

/** Values in the order of the table's columns. */
export type Row = readonly Value[]

/** A table as it is copied. */
export interface Table {
  readonly name: string
  /** In the order in which their values stand in a row; the same on both sides. */
  readonly columns: readonly string[]
  /** Places among `columns` of what tells rows apart, first what orders them first. */
  readonly key: readonly number[]
  /** Names another table, or is named by one, in a way that the database checks. */
  readonly isTied: boolean
}

/** A database that rows are copied from or to. */
export interface Side {
  /** At most `limit` rows after this key, in the order of keys: numbers by size, texts by their bytes. Absent: from the beginning. */
  rows(table: Table, after: Row | undefined, limit: number): Promise<readonly Row[]>
  count(table: Table): Promise<number>
  /** @param conflicts `skip`: a row that the database refuses because another like it is there is left out; `refuse`: all fail */
  insert(table: Table, rows: readonly Row[], conflicts: 'skip' | 'refuse'): Promise<void>
  remove(table: Table, keys: readonly Row[]): Promise<void>
  /** The highest number that was ever given out, by table (and `fences`): it is never given to another. */
  numbersGiven(): Promise<ReadonlyMap<string, number>>
  giveNumbersAfter(given: ReadonlyMap<string, number>): Promise<void>
}

/** Only in one kind of database, or about the database itself. */
export const notCopied: ReadonlySet<string> = new Set(['fences', 'due', 'schema_version', 'server_migrations', 'tocsin_backup'])

/** Facts about one database, and not about the installation: they stay where they are. */
export const factsOfPlace = 'moving.'

/** The table of facts, some of which are not copied. */
export const factsTable = 'server_facts'

/** The record of changes, which only grows. */
export const auditTable = 'server_audit'

export function keyOf(table: Table, row: Row): Row {
  return table.key.map((place) => row[place] ?? null)
}

/** Below 0: `one` stands first. Texts are compared by their bytes in UTF-8, as both databases do. */
export function compareKeys(one: Row, other: Row): number {
  for (const [place, value] of one.entries()) {
    const against = other[place]
    if (value === against) continue
    if (typeof value === 'number' && typeof against === 'number') return value - against
    return Buffer.compare(Buffer.from(String(value)), Buffer.from(String(against)))
  }
  return 0
}
