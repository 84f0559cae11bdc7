import type { Connection } from './audit.ts'
import type { AddressCodeRow, VerifiedAddressRow } from './tables.ts'

/** In the place of the one that the same account asked for before. */
export async function putAddressCode(db: Connection, row: AddressCodeRow): Promise<void> {
  const { project: _project, user_id: _user, ...changed } = row
  await db.insertInto('server_address_codes').values(row).onConflict((conflict) => conflict.columns(['project', 'user_id']).doUpdateSet(changed)).execute()
}

export function addressCode(db: Connection, project: string, userId: string): Promise<AddressCodeRow | undefined> {
  return db.selectFrom('server_address_codes').selectAll().where('project', '=', project).where('user_id', '=', userId).executeTakeFirst()
}

/** Counts one try, on all machines together. @returns nothing where there is none, it has expired, or no try is left */
export function tryAddressCode(db: Connection, { project, userId, nowMs, triesMax }: { readonly project: string; readonly userId: string; readonly nowMs: number; readonly triesMax: number }): Promise<AddressCodeRow | undefined> {
  return db
    .updateTable('server_address_codes')
    .set((row) => ({ tries: row('tries', '+', 1) }))
    .where('project', '=', project)
    .where('user_id', '=', userId)
    .where('expires_ms', '>', nowMs)
    .where('tries', '<', triesMax)
    .returningAll()
    .executeTakeFirst()
}

/** @returns whether it was there: of two who use the same one, one hears yes */
export async function removeAddressCode(db: Connection, { project, user_id: userId, code_hash: hash }: Pick<AddressCodeRow, 'project' | 'user_id' | 'code_hash'>): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('server_address_codes').where('project', '=', project).where('user_id', '=', userId).where('code_hash', '=', hash).executeTakeFirst()
  return numDeletedRows > 0n
}

/** Of all projects; nobody waits for them any more. */
export async function forgetAddressCodes(db: Connection, beforeMs: number): Promise<void> {
  await db.deleteFrom('server_address_codes').where('expires_ms', '<', beforeMs).execute()
}

export async function putVerifiedAddress(db: Connection, row: VerifiedAddressRow): Promise<void> {
  await db.insertInto('server_verified_addresses').values(row).onConflict((conflict) => conflict.columns(['project', 'person', 'kind', 'hash']).doUpdateSet({ at_ms: row.at_ms })).execute()
}

export function verifiedAddresses(db: Connection, project: string, person: string): Promise<readonly VerifiedAddressRow[]> {
  return db.selectFrom('server_verified_addresses').selectAll().where('project', '=', project).where('person', '=', person).execute()
}

/** That a person of this name proved anything is known no more. @returns how many addresses */
/** Of everybody in a project. */
export function verifiedAddressesOf(db: Connection, project: string): Promise<readonly VerifiedAddressRow[]> {
  return db.selectFrom('server_verified_addresses').selectAll().where('project', '=', project).execute()
}

export async function forgetVerifiedAddresses(db: Connection, project: string, person: string): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('server_verified_addresses').where('project', '=', project).where('person', '=', person).executeTakeFirst()
  return Number(numDeletedRows)
}
