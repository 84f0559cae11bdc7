import type { Pool, PoolClient } from 'pg'
import { TocsinError } from '../../model/error.ts'
import { postgresError } from './errors.ts'
import type { Locks } from './locks.ts'
import { migrations } from './migrations.ts'
import type { Migration } from './migrations.ts'
import { inSchema, quotedName } from './statement.ts'

/** The oldest server whose SQL we speak, as in `server_version_num`. */
const oldestServer = 150_000

/**
 * Brings the schema up to date. Several processes may do so at once: one does it and the others wait. Each step is a transaction of its own.
 *
 * @param steps @default those of this version; others for tests of two versions side by side
 * @throws TocsinError `store-newer` where this library is too old for the schema, `store-failed` where the server is too old
 */
export async function openSchema(pool: Pool, schema: string, locks: Locks, steps: readonly Migration[] = migrations): Promise<void> {
  let client: PoolClient | undefined
  let failed = true
  try {
    client = await pool.connect()
    await refuseOldServer(client)
    while (await takeStep(client, schema, locks, steps)) continue
    failed = false
  } catch (cause) {
    throw postgresError(cause)
  } finally {
    client?.release(failed)
  }
}

/** @returns whether there may be more to do */
async function takeStep(client: PoolClient, schema: string, locks: Locks, steps: readonly Migration[]): Promise<boolean> {
  const { version, compatibleFrom } = await versionOf(client, schema)
  if (version >= steps.length) {
    refuseNewer(version, compatibleFrom, steps.length)
    return false
  }
  await client.query('begin')
  await client.query(locks.migrating)
  // Another process may have done it while this one waited.
  const now = await versionOf(client, schema)
  const step = steps[now.version]
  if (step === undefined) {
    await client.query('rollback')
    return true
  }
  if (now.version === 0) {
    // Only where it is missing: to ask for it needs a right that a user of a prepared schema may lack.
    if (!now.hasSchema) await client.query(`create schema ${quotedName(schema)}`)
    await client.query(inSchema('create table @schema_version(id integer primary key, version integer not null, compatible_from integer not null)', schema))
    await client.query(inSchema('insert into @schema_version values(1, 0, 0)', schema))
  }
  await client.query(inSchema(step.text, schema))
  await client.query(inSchema('update @schema_version set version = $1, compatible_from = greatest(compatible_from, $2)', schema), [now.version + 1, step.compatibleFrom ?? 0])
  await client.query('commit')
  return true
}

interface Version {
  readonly version: number
  /** The oldest library that may work on it. */
  readonly compatibleFrom: number
  readonly hasSchema: boolean
}

async function versionOf(client: PoolClient, schema: string): Promise<Version> {
  const found = await client.query<{ has_schema: boolean; has_version: boolean }>(
    "select to_regnamespace(quote_ident($1)) is not null as has_schema, to_regclass(quote_ident($1) || '.schema_version') is not null as has_version",
    [schema],
  )
  const { has_schema: hasSchema = false, has_version: hasVersion = false } = found.rows[0] ?? {}
  if (!hasVersion) return { version: 0, compatibleFrom: 0, hasSchema }
  const row = (await client.query<{ version: number; compatible_from: number }>(inSchema('select version, compatible_from from @schema_version', schema))).rows[0]
  return { version: row?.version ?? 0, compatibleFrom: row?.compatible_from ?? 0, hasSchema }
}

function refuseNewer(version: number, compatibleFrom: number, own: number): void {
  if (compatibleFrom <= own) return
  throw new TocsinError(
    'store-newer',
    `The database was brought up to date by a newer version of Tocsin (schema ${version}, for libraries that know at least ${compatibleFrom}; this one knows up to ${own}). Update this process; nothing was changed.`,
  )
}

async function refuseOldServer(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ number: string; version: string }>("select current_setting('server_version_num') as number, current_setting('server_version') as version")
  const [server] = rows
  if (server === undefined || Number(server.number) >= oldestServer) return
  throw new TocsinError('store-failed', `Expected PostgreSQL ${oldestServer / 10_000} or newer, found ${server.version}. Update the server, or name another.`)
}
