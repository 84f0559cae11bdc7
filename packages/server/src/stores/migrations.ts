import { sql, type Kysely, type Transaction } from 'kysely'
import { TocsinError, type Clock } from 'tocsin/engine'
import { makeAppendOnly } from './append-only.ts'
import type { ServerTables } from './tables.ts'

export type DatabaseKind = 'sqlite' | 'postgres'

type Make = (tx: Transaction<ServerTables>, kind: DatabaseKind) => Promise<void>

export interface Step {
  readonly make: Make
  /**
   * The fewest steps that a server must know to work on the tables after this one, which is kept in the database. A step that only adds leaves it
   * out: servers of the version before go on beside newer ones, and may be started anew while they are replaced one by one.
   */
  readonly compatibleFrom?: number
}

/** Each runs once, in this order; one that was published never changes. */
export const steps: readonly Step[] = [
  { make: makeTables },
  { make: makeAppendOnly },
  // Loaded here alone: what they are made by is large, and whoever has them does not wait for it.
  { make: async (tx, kind) => (await import('./make-account-tables.ts')).makeAccountTables(tx, kind) },
  { make: makeAddressTables },
  { make: async (tx) => void (await sql`create table server_nodes(id text primary key, host text not null, version text not null, started_ms bigint not null, seen_ms bigint not null, intake text not null)`.execute(tx)) },
]

async function makeTables(tx: Transaction<ServerTables>, kind: DatabaseKind): Promise<void> {
  const counted = kind === 'sqlite' ? sql`integer primary key autoincrement` : sql`bigint generated always as identity primary key`
  await sql`create table server_projects(name text primary key, title text not null, created_ms bigint not null, created_by text not null)`.execute(tx)
  await sql`create table server_entries(project text not null, kind text not null, name text not null, body text not null, version bigint not null, place bigint not null,
    changed_ms bigint not null, changed_by text not null, primary key(project, kind, name))`.execute(tx)
  await sql`create table server_keys(id text primary key, hash text not null unique, name text not null, last4 text not null, scope text not null, project text,
    created_ms bigint not null, created_by text not null, expires_ms bigint, revoked_ms bigint, used_ms bigint)`.execute(tx)
  await sql`create table server_audit(seq ${counted}, at_ms bigint not null, project text, actor text not null, actor_name text not null, action text not null, target text not null,
    "before" text, "after" text, address text)`.execute(tx)
  await sql`create index server_audit_project on server_audit(project, seq)`.execute(tx)
  await sql`create table server_facts(name text primary key, value text not null)`.execute(tx)
}

async function makeAddressTables(tx: Transaction<ServerTables>): Promise<void> {
  await sql`create table server_address_codes(project text not null, user_id text not null, kind text not null, address text not null, code_hash text not null, tries bigint not null,
    created_ms bigint not null, expires_ms bigint not null, primary key(project, user_id))`.execute(tx)
  await sql`create table server_verified_addresses(project text not null, person text not null, kind text not null, hash text not null, at_ms bigint not null,
    primary key(project, person, kind, hash))`.execute(tx)
}

/** Fact of the database: the fewest steps that a server must know. */
const compatibleFact = 'tables-compatible-from'

/** Any number that no other program uses for its own locks on this database. */
const migrationLock = 7_420_115_301

/**
 * Brings the tables of the server up to date; several processes may do so at once.
 *
 * @param schema of PostgreSQL, made where it is not there
 * @param own @default those of this version; others for tests of two versions side by side
 * @throws TocsinError `store-newer` where a newer server has changed what this one relies on
 */
export async function migrate(db: Kysely<ServerTables>, kind: DatabaseKind, clock: Clock, schema?: string, own: readonly Step[] = steps): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // SQLite's transaction is alone by itself.
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(tx)
    // Only where it is missing: to ask for it needs a right that a user of a prepared schema may lack.
    if (schema !== undefined && !(await hasSchema(tx, schema))) await sql`create schema ${sql.id(schema)}`.execute(tx)
    await sql`create table if not exists server_migrations(version bigint primary key, applied_ms bigint not null)`.execute(tx)
    const { version } = await tx.selectFrom('server_migrations').select(({ fn }) => fn.max('version').as('version')).executeTakeFirstOrThrow()
    // No row: max() of nothing is null, whatever its type says.
    const current = version ?? 0
    if (current > own.length) return refuseNewer(tx, current, own.length)
    for (const [index, { make, compatibleFrom }] of own.slice(current).entries()) {
      await make(tx, kind)
      await tx.insertInto('server_migrations').values({ version: current + index + 1, applied_ms: clock.nowMs() }).execute()
      if (compatibleFrom === undefined) continue
      const row = { name: compatibleFact, value: String(compatibleFrom) }
      await tx.insertInto('server_facts').values(row).onConflict((conflict) => conflict.column('name').doUpdateSet({ value: row.value })).execute()
    }
  })
}

async function hasSchema(tx: Transaction<ServerTables>, schema: string): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`select to_regnamespace(quote_ident(${schema})) is not null as has`.execute(tx)
  return rows[0]?.has === true
}

async function refuseNewer(tx: Transaction<ServerTables>, current: number, known: number): Promise<void> {
  const fact = await tx.selectFrom('server_facts').select('value').where('name', '=', compatibleFact).executeTakeFirst()
  const needed = Number(fact?.value ?? 0)
  if (needed <= known) return
  throw new TocsinError('store-newer', `The server's tables were brought up to date by a newer version of Tocsin (version ${current}, for servers that know at least ${needed}; this one knows up to ${known}). Update this server; nothing was changed.`)
}
