import { DatabaseSync } from 'node:sqlite'
import { Kysely, type Dialect } from 'kysely'
import pg from 'pg'
import type { Clock } from 'tocsin/engine'
import { migrate, type DatabaseKind } from './migrations.ts'
import { nodeSqliteDialect } from './node-sqlite.ts'
import type { ServerTables } from './tables.ts'
import { tellingPostgres } from './telling-dialect.ts'

/** Accounts, keys, the parts of the configuration that the API made, and the record of changes. */
export interface Database {
  readonly kind: DatabaseKind
  readonly db: Kysely<ServerTables>
  close(): Promise<void>
}

/** Where it is. */
export type DatabaseAt =
  | { readonly file: string }
  /** Of PostgreSQL, such as `postgres://tocsin@localhost/tocsin`, and the schema in which the engine's tables are too. @default 'tocsin' */
  | { readonly url: string; readonly schema?: string }

/** Few: what people and their pages ask for, and not what agents send, which has connections of its own. */
const connectionsMax = 5
const connectMs = 10_000

/**
 * The server's own tables, in the same database as the engine's.
 *
 * @throws TocsinError `store-newer` where a newer server has been here
 */
export async function openDatabase(at: DatabaseAt, clock: Clock): Promise<Database> {
  if ('file' in at) {
    const db = new Kysely<ServerTables>({ dialect: sqlite(at.file, clock) })
    await migrated(db, 'sqlite', clock)
    return { kind: 'sqlite', db, close: () => db.destroy() }
  }
  const schema = at.schema ?? 'tocsin'
  const pool = new pg.Pool({ connectionString: at.url, max: connectionsMax, connectionTimeoutMillis: connectMs, options: `-c search_path=${quoted(schema)}`, types: wholeNumbers })
  const db = new Kysely<ServerTables>({ dialect: tellingPostgres(pool) })
  await migrated(db, 'postgres', clock, schema)
  return { kind: 'postgres', db, close: () => db.destroy() }
}

async function migrated(db: Kysely<ServerTables>, kind: DatabaseKind, clock: Clock, schema?: string): Promise<void> {
  try {
    await migrate(db, kind, clock, schema)
  } catch (failure) {
    await db.destroy()
    throw failure
  }
}

/** A name within the options of a connection, where spaces and backslashes are escaped by a backslash. */
function quoted(schema: string): string {
  return `"${schema.replaceAll('"', '""')}"`.replaceAll(/[\\ ]/g, String.raw`\$&`)
}

/** Times and counts are numbers, as SQLite gives them; the driver gives texts, because they could be larger than numbers are exact. Ours never are. */
const wholeNumbers: pg.CustomTypesConfig = {
  getTypeParser(type, format) {
    const usual: unknown = pg.types.getTypeParser(type, format)
    return type === pg.types.builtins.INT8 && format !== 'binary' ? Number : usual
  },
}

function sqlite(file: string, clock: Clock): Dialect {
  const connection = new DatabaseSync(file)
  // As the engine's connection has it; the file is in WAL mode already.
  connection.exec('pragma synchronous = full; pragma foreign_keys = on')
  return nodeSqliteDialect(connection, clock)
}
