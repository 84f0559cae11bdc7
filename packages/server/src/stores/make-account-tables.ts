import { getMigrations } from 'better-auth/db/migration'
import { sql, type Transaction } from 'kysely'
import { accountTables } from './account-tables.ts'
import type { ServerTables } from './tables.ts'

/** Makes the tables of people, their sessions and their projects, as better-auth of this version wants them. */
export async function makeAccountTables(tx: Transaction<ServerTables>, kind: 'sqlite' | 'postgres'): Promise<void> {
  // It adds what is missing and changes nothing, so that a later step can call it again for a newer version of better-auth.
  // Reason for the casts: its options are mutable types, and it only reads them.
  const { runMigrations } = await getMigrations({ ...(accountTables as unknown as Parameters<typeof getMigrations>[0]), emailAndPassword: { enabled: true }, database: { db: tx, type: kind } })
  await runMigrations()
  await sql`create unique index if not exists server_members_once on server_members("organizationId", "userId")`.execute(tx)
  await sql`create unique index if not exists server_accounts_once on server_accounts("providerId", "accountId")`.execute(tx)
}
