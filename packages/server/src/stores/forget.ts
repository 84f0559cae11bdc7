import { sql } from 'kysely'
import { forgetAudit, type Connection } from './audit.ts'

/** When somebody last began to forget; see `claimForgetting`. */
const lastFact = 'retention.begun'

/** When somebody last began to forget; absent: nobody did yet. */
export async function lastForgetting(db: Connection): Promise<number | undefined> {
  const row = await db.selectFrom('server_facts').select('value').where('name', '=', lastFact).executeTakeFirst()
  return row === undefined || row.value === '0' ? undefined : Number(row.value)
}

/** What is over stays to be looked at for so long, milliseconds. */
const overKeptMs = 30 * 86_400_000
const rowsAtOnce = 1_000
const auditRowsAtOnce = 5_000

/** Takes it upon itself to forget. @returns whether nobody else did within `everyMs`: of several servers that ask at once one hears yes */
export async function claimForgetting(db: Connection, nowMs: number, everyMs: number): Promise<boolean> {
  await db.insertInto('server_facts').values({ name: lastFact, value: '0' }).onConflict((conflict) => conflict.column('name').doNothing()).execute()
  // One that lies ahead is of a clock that was wrong: it must not stop this for ever.
  const isTime = sql<boolean>`(cast(value as bigint) <= ${nowMs - everyMs} or cast(value as bigint) > ${nowMs + everyMs})`
  const { numUpdatedRows } = await db.updateTable('server_facts').set({ value: String(nowMs) }).where('name', '=', lastFact).where(isTime).executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * Forgets some of what is old: entries of the record of changes from before `auditBeforeMs`; sessions and links that do not work any more; and keys
 * and invitations that have not worked for 30 days. Each sort in a bounded transaction of its own.
 *
 * @returns how many rows, and whether there is more
 */
export async function forgetServerRows(db: Connection, { nowMs, auditBeforeMs }: { readonly nowMs: number; readonly auditBeforeMs: number }): Promise<{ readonly rows: number; readonly isMore: boolean }> {
  const [now, over] = [new Date(nowMs), new Date(nowMs - overKeptMs)]
  const audit = await forgetAudit(db, auditBeforeMs, auditRowsAtOnce)
  const deleted = await Promise.all([
    db.deleteFrom('server_sessions').where('id', 'in', (from) => from.selectFrom('server_sessions').select('id').where('expiresAt', '<', now).limit(rowsAtOnce)).executeTakeFirst(),
    db.deleteFrom('server_verifications').where('id', 'in', (from) => from.selectFrom('server_verifications').select('id').where('expiresAt', '<', now).limit(rowsAtOnce)).executeTakeFirst(),
    db.deleteFrom('server_invitations').where('id', 'in', (from) => from.selectFrom('server_invitations').select('id').where('expiresAt', '<', over).limit(rowsAtOnce)).executeTakeFirst(),
    db
      .deleteFrom('server_keys')
      .where('id', 'in', (from) => from.selectFrom('server_keys').select('id').where((where) => where.or([where('revoked_ms', '<', over.getTime()), where('expires_ms', '<', over.getTime())])).limit(rowsAtOnce))
      .executeTakeFirst(),
  ])
  const counts = deleted.map(({ numDeletedRows }) => Number(numDeletedRows))
  return { rows: counts.reduce((sum, count) => sum + count, audit), isMore: audit >= auditRowsAtOnce || counts.some((count) => count >= rowsAtOnce) }
}
