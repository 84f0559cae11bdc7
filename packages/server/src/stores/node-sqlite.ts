import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { SqliteAdapter, SqliteDialect, SqliteDriver, type CompiledQuery, type DatabaseConnection, type Dialect, type QueryResult, type SqliteDatabase, type SqliteStatement } from 'kysely'
import { sleep, sqliteError, type Clock } from 'tocsin/engine'
import { toldOf } from './telling-dialect.ts'

/** How long a statement waits for other connections, in this process or another, before it is refused as busy. */
const busyMaxMs = 10_000
const busyPollMs = 1

/**
 * Kysely over the SQLite that comes with Node. SQLite's own waiting would hold up the thread, and with it the transaction of the engine in
 * this very process that is waited for; so nothing waits in SQLite, and what is busy is tried again a moment later.
 */
export function nodeSqliteDialect(db: DatabaseSync, clock: Clock): Dialect {
  db.exec('pragma busy_timeout = 0')
  const database = kyselyConnection(db)
  const plain = new SqliteDialect({ database })
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new PatientDriver(database, clock),
    createIntrospector: (kysely) => plain.createIntrospector(kysely),
    createQueryCompiler: () => plain.createQueryCompiler(),
  }
}

class PatientDriver extends SqliteDriver {
  readonly #clock: Clock

  constructor(database: SqliteDatabase, clock: Clock) {
    super({ database })
    this.#clock = clock
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection()
    const clock = this.#clock
    return {
      // What was refused as busy changed nothing, and within a transaction nothing is: it begins with the lock in hand.
      async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
        const giveUpMs = clock.monotonicMs() + busyMaxMs
        for (;;) {
          try {
            return await connection.executeQuery<R>(query)
          } catch (failure) {
            if (!isBusy(failure) || clock.monotonicMs() >= giveUpMs) throw toldOf(failure, sqliteError)
            await sleep(clock, busyPollMs)
          }
        }
      },
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    }
  }
}

function isBusy(failure: unknown): boolean {
  return failure instanceof Error && 'errcode' in failure && typeof failure.errcode === 'number' && (failure.errcode & 0xff) === 5
}

/** What Kysely's SQLite dialect asks of a connection, over the SQLite that comes with Node. */
function kyselyConnection(db: DatabaseSync): SqliteDatabase {
  return {
    close: () => db.close(),
    prepare(sql) {
      // Deferred, a transaction that reads before it writes is refused at once when another connection writes meanwhile.
      const text = sql.trim().toLowerCase() === 'begin' ? 'begin immediate' : sql
      // SQLite itself has undone it where the disk is full: to undo it again would hide why.
      if (sql.trim().toLowerCase() === 'rollback' && !db.isTransaction) return nothing
      const statement = db.prepare(text)
      const bound = (values: readonly unknown[]): SQLInputValue[] => values.map(bindable)
      const prepared: SqliteStatement = {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...bound(values)),
        run(values) {
          const { changes, lastInsertRowid } = statement.run(...bound(values))
          return { changes, lastInsertRowid }
        },
        iterate: (values) => statement.iterate(...bound(values)),
      }
      return prepared
    },
  }
}

const nothing: SqliteStatement = { reader: false, all: () => [], run: () => ({ changes: 0, lastInsertRowid: 0 }), iterate: () => [][Symbol.iterator]() }

/** SQLite knows no booleans, and node:sqlite throws on what it does not know. */
function bindable(value: unknown): SQLInputValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint8Array) return value
  throw new TypeError(`expected a text, a number or bytes to bind, found ${typeof value}`)
}
