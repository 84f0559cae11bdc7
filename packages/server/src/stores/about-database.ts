import { sql } from 'kysely'
import type { Database } from './database.ts'

export interface AboutDatabase {
  readonly kind: Database['kind']
  /** Of the whole database, with its indexes. */
  readonly bytes: number
  /** How many changes of their tables the server and the engine have made. */
  readonly schema: { readonly server: number; readonly engine: number }
}

export async function aboutDatabase({ db, kind }: Database): Promise<AboutDatabase> {
  const server = (await db.selectFrom('server_migrations').select(({ fn }) => fn.max('version').as('version')).executeTakeFirstOrThrow()).version
  const { rows } = kind === 'sqlite'
    ? await sql<{ bytes: number; engine: number }>`select (select page_count from pragma_page_count) * (select page_size from pragma_page_size) as bytes, (select user_version from pragma_user_version) as engine`.execute(db)
    : await sql<{ bytes: number; engine: number }>`select pg_database_size(current_database()) as bytes, (select version from schema_version) as engine`.execute(db)
  const [row = { bytes: 0, engine: 0 }] = rows
  return { kind, bytes: row.bytes, schema: { server, engine: row.engine } }
}
