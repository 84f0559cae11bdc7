import { PostgresAdapter, PostgresDialect, PostgresDriver, type CompiledQuery, type DatabaseConnection, type Dialect, type QueryResult } from 'kysely'
import type pg from 'pg'
import { postgresError, type TocsinError } from 'tocsin/engine'

/**
 * What a database threw, as the product's error where it is the world's failure: away, full, read-only. What is our own mistake, such as a
 * statement that it does not understand, stays as it is.
 */
export function toldOf(failure: unknown, errorOf: (thrown: unknown) => TocsinError): unknown {
  const told = errorOf(failure)
  return told.code === 'store-failed' ? failure : told
}

/** Kysely over PostgreSQL, whose connections say so when they are lost, and never end the process by it. */
export function tellingPostgres(pool: pg.Pool): Dialect {
  hearLosses(pool)
  const plain = new PostgresDialect({ pool })
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new TellingDriver({ pool }),
    createIntrospector: (kysely) => plain.createIntrospector(kysely),
    createQueryCompiler: () => plain.createQueryCompiler(),
  }
}

/**
 * A connection can be lost while it is idle, and just as well between two statements of whoever has it in hand: an event that nobody listens
 * to ends the process. Whoever has it hears of it at the next statement; the pool makes another.
 */
export function hearLosses(pool: pg.Pool): void {
  const nobody = (): void => undefined
  pool.on('error', nobody)
  pool.on('connect', (client) => client.on('error', nobody))
}

class TellingDriver extends PostgresDriver {
  readonly #telling = new WeakSet<DatabaseConnection>()

  override async acquireConnection(...options: Parameters<PostgresDriver['acquireConnection']>): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection(...options).catch(tell)
    if (this.#telling.has(connection)) return connection
    this.#telling.add(connection)
    const execute = connection.executeQuery.bind(connection)
    // The connection itself, and none around it: the driver knows those that it has made.
    connection.executeQuery = <R>(query: CompiledQuery, ...more: ExecuteOptions): Promise<QueryResult<R>> => execute<R>(query, ...more).catch(tell)
    return connection
  }
}

type ExecuteOptions = Parameters<DatabaseConnection['executeQuery']> extends [unknown, ...infer More] ? More : never

function tell(failure: unknown): never {
  throw toldOf(failure, postgresError)
}
