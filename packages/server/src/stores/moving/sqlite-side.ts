import { backup, DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { sleep, storable, TocsinError, type Clock } from 'tocsin/engine'
import { auditForgetsFact } from '../append-only.ts'
import { auditTable, factsOfPlace, factsTable, notCopied, type Row, type Side, type Table } from './side.ts'

/** How long it waits for whoever writes, milliseconds. */
const busyMaxMs = 30_000
const busyPollMs = 5
/** Pages that are copied at once: 8 MB. */
const pagesAtOnce = 2_000

/** Names of columns may be words of SQL. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A file of SQLite that rows are copied from or to. Nothing waits within SQLite, so that an engine of this process could go on. */
export class SqliteSide implements Side {
  readonly #db: DatabaseSync
  readonly #clock: Clock
  readonly #asStorable: boolean

  /** @param texts `storable`: they are read as PostgreSQL can hold them, so that both sides say the same */
  constructor(file: string, clock: Clock, texts: 'plain' | 'storable' = 'plain') {
    this.#asStorable = texts === 'storable'
    this.#db = new DatabaseSync(file, { timeout: 0 })
    this.#clock = clock
    // Of the account tables: they come in their order, and what is copied was checked where it was written.
    this.#db.exec('pragma foreign_keys = off; pragma synchronous = full')
  }

  /** Those that hold what is copied, others before those that name them. */
  tables(): readonly Table[] {
    const names = this.#db.prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name").all().map(({ name }) => String(name)).filter((name) => !notCopied.has(name))
    const named = new Map(names.map((name) => [name, this.#db.prepare(`pragma foreign_key_list(${quoted(name)})`).all().map(({ table }) => String(table))]))
    const isNamed = new Set([...named.values()].flat())
    return inOrder(named).map((name) => {
      const columns = this.#db.prepare(`pragma table_info(${quoted(name)})`).all().map((column) => ({ name: String(column['name']), pk: Number(column['pk']) }))
      const key = columns.flatMap(({ pk }, place) => (pk > 0 ? [{ pk, place }] : [])).toSorted((one, other) => one.pk - other.pk).map(({ place }) => place)
      if (key.length === 0) throw new TocsinError('store-failed', `Expected table ${name} to have a key, found none. It is none of Tocsin's; move it elsewhere.`)
      return { name, columns: columns.map((column) => column.name), key, isTied: isNamed.has(name) || (named.get(name) ?? []).length > 0 }
    })
  }

  async rows(table: Table, after: Row | undefined, limit: number): Promise<readonly Row[]> {
    const key = table.key.map((place) => quoted(table.columns[place] ?? ''))
    const conditions = [...(after === undefined ? [] : [`(${key.join(', ')}) > (${key.map(() => '?').join(', ')})`]), ...onlyCopied(table)]
    const statement = this.#db.prepare(`select ${table.columns.map(quoted).join(', ')} from ${quoted(table.name)} ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`} order by ${key.join(', ')} limit ?`)
    statement.setReturnArrays(true)
    // Reason for the cast: it returns arrays now, which its type cannot say; no table of ours holds bytes or larger numbers.
    const rows = await this.#patient(() => statement.all(...(after ?? []), limit) as unknown as readonly Row[])
    return this.#asStorable ? rows.map((row) => row.map((value) => (typeof value === 'string' ? storable(value) : value))) : rows
  }

  async count(table: Table): Promise<number> {
    const [where = 'true'] = onlyCopied(table)
    return this.#patient(() => Number(this.#db.prepare(`select count(*) as rows from ${quoted(table.name)} where ${where}`).get()?.['rows'] ?? 0))
  }

  async insert(table: Table, rows: readonly Row[], conflicts: 'skip' | 'refuse'): Promise<void> {
    const statement = this.#db.prepare(`insert ${conflicts === 'skip' ? 'or ignore ' : ''}into ${quoted(table.name)}(${table.columns.map(quoted).join(', ')}) values(${table.columns.map(() => '?').join(', ')})`)
    await this.within(() => {
      for (const row of rows) statement.run(...row)
    })
  }

  async remove(table: Table, keys: readonly Row[]): Promise<void> {
    const statement = this.#db.prepare(`delete from ${quoted(table.name)} where ${table.key.map((place) => `${quoted(table.columns[place] ?? '')} = ?`).join(' and ')}`)
    await this.within(() => {
      if (table.name === auditTable) this.putFact(auditForgetsFact, String(Number.MAX_SAFE_INTEGER))
      for (const key of keys) statement.run(...key)
      if (table.name === auditTable) this.removeFact(auditForgetsFact)
    })
  }

  async numbersGiven(): Promise<ReadonlyMap<string, number>> {
    const given = this.#db.prepare('select name, seq from sqlite_sequence').all().map(({ name, seq }) => [String(name), Number(seq)] as const)
    return new Map([...given, ['fences', Number(this.#db.prepare('select last from fences where id = 1').get()?.['last'] ?? 0)]])
  }

  async giveNumbersAfter(given: ReadonlyMap<string, number>): Promise<void> {
    const counts = new Set(this.#db.prepare("select name from sqlite_schema where type = 'table' and sql like '%autoincrement%'").all().map(({ name }) => String(name)))
    await this.within(() => {
      for (const [name, last] of given) {
        if (name === 'fences') this.#db.prepare('update fences set last = max(last, ?) where id = 1').run(last)
        if (!counts.has(name)) continue
        const { changes } = this.#db.prepare('update sqlite_sequence set seq = max(seq, ?) where name = ?').run(last, name)
        if (Number(changes) === 0) this.#db.prepare('insert into sqlite_sequence(name, seq) values(?, ?)').run(name, last)
      }
    })
  }

  fact(name: string): string | undefined {
    // Where agents wrote alone no server has made its tables yet.
    if (this.#db.prepare("select 1 from sqlite_master where name = 'server_facts'").get() === undefined) return undefined
    const value = this.#db.prepare('select value from server_facts where name = ?').get(name)?.['value']
    return typeof value === 'string' ? value : undefined
  }

  putFact(name: string, value: string): void {
    this.#db.prepare('insert into server_facts(name, value) values(?, ?) on conflict(name) do update set value = excluded.value').run(name, value)
  }

  removeFact(name: string): void {
    this.#db.prepare('delete from server_facts where name = ?').run(name)
  }

  /** Waits for whoever writes, and keeps everybody else from writing until `commit` or `rollback`. */
  async lock(): Promise<void> {
    await this.#patient(() => this.#db.exec('begin immediate'))
  }

  commit(): void {
    this.#db.exec('commit')
  }

  rollback(): void {
    if (this.#db.isTransaction) this.#db.exec('rollback')
  }

  /** From now on no table takes a change, from this version or any other: each is refused with this sentence. Within `lock`. */
  freeze(sentence: string): void {
    for (const { name } of this.tables()) {
      for (const change of ['insert', 'update', 'delete'] as const) {
        this.#db.exec(`create trigger if not exists ${quoted(`moved_${name}_${change}`)} before ${change} on ${quoted(name)} begin select raise(abort, '${sentence.replaceAll("'", "''")}'); end`)
      }
    }
  }

  /** One statement or several. */
  exec(sql: string): void {
    this.#db.exec(sql)
  }

  run(sql: string, ...values: readonly SQLInputValue[]): void {
    this.#db.prepare(sql).run(...values)
  }

  /** The whole file, as it is at this moment, whoever writes meanwhile. */
  async copyTo(file: string, progress: { begin(what: string, rows: number): void; readonly passed: (rows: number) => void }): Promise<void> {
    // The view of this connection stays, so that what others write does not make the copy begin anew.
    this.#db.exec('begin; select 1 from sqlite_schema')
    try {
      let done = 0
      progress.begin('the file', Number(this.#db.prepare('pragma page_count').get()?.['page_count'] ?? 0))
      await backup(this.#db, file, {
        rate: pagesAtOnce,
        progress({ totalPages, remainingPages }) {
          progress.passed(totalPages - remainingPages - done)
          done = totalPages - remainingPages
        },
      })
    } finally {
      this.rollback()
    }
  }

  /** In one transaction: that of `lock`, or its own. */
  async within(work: () => void): Promise<void> {
    if (this.#db.isTransaction) return work()
    await this.lock()
    try {
      work()
      this.commit()
    } catch (failure) {
      this.rollback()
      throw failure
    }
  }

  close(): void {
    this.rollback()
    this.#db.close()
  }

  async #patient<T>(work: () => T): Promise<T> {
    const giveUpMs = this.#clock.monotonicMs() + busyMaxMs
    for (;;) {
      try {
        return work()
      } catch (failure) {
        const isBusy = failure instanceof Error && 'errcode' in failure && typeof failure.errcode === 'number' && (failure.errcode & 0xff) === 5
        if (!isBusy) throw failure
        if (this.#clock.monotonicMs() >= giveUpMs) throw new TocsinError('store-busy', `Expected the database to be free within ${busyMaxMs / 1_000} s, found it in use by another process all the time. Try again.`, { cause: failure })
        await sleep(this.#clock, busyPollMs)
      }
    }
  }
}

function onlyCopied(table: Table): readonly string[] {
  return table.name === factsTable ? [`name not like '${factsOfPlace}%'`] : []
}

/** What is named stands before what names it. */
function inOrder(named: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const placed = new Set<string>()
  const place = (name: string): void => {
    if (placed.has(name) || !named.has(name)) return
    for (const other of named.get(name) ?? []) if (other !== name) place(other)
    placed.add(name)
  }
  for (const name of named.keys()) place(name)
  return [...placed]
}

