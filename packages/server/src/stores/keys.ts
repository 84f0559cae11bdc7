import type { Connection } from './audit.ts'
import type { KeyRow } from './tables.ts'

/** Keys of programs. Only their hashes are kept. */

export async function insertKey(db: Connection, row: KeyRow): Promise<void> {
  await db.insertInto('server_keys').values(row).execute()
}

export async function keyByHash(db: Connection, hash: string): Promise<KeyRow | undefined> {
  return db.selectFrom('server_keys').selectAll().where('hash', '=', hash).executeTakeFirst()
}

export async function keyById(db: Connection, id: string): Promise<KeyRow | undefined> {
  return db.selectFrom('server_keys').selectAll().where('id', '=', id).executeTakeFirst()
}

/**
 * Newest first.
 *
 * @param project only its keys; absent: all there are
 */
export async function listKeys(db: Connection, { project, withInstallation, limit, before }: { readonly project?: string; readonly withInstallation: boolean; readonly limit: number; readonly before?: KeyPlace }): Promise<readonly KeyRow[]> {
  let query = db.selectFrom('server_keys').selectAll().orderBy('created_ms', 'desc').orderBy('id', 'desc').limit(limit)
  if (project !== undefined) query = query.where((where) => where.or([where('project', '=', project), ...(withInstallation ? [where('project', 'is', null)] : [])]))
  if (before !== undefined) query = query.where((where) => where.or([where('created_ms', '<', before.createdMs), where.and([where('created_ms', '=', before.createdMs), where('id', '<', before.id)])]))
  return query.execute()
}

export interface KeyPlace {
  readonly createdMs: number
  readonly id: string
}

/** @returns whether it was alive until now */
export async function revokeKey(db: Connection, id: string, nowMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('server_keys').set({ revoked_ms: nowMs }).where('id', '=', id).where('revoked_ms', 'is', null).executeTakeFirst()
  return numUpdatedRows > 0n
}

/** When each was last used; an older time than what stands there changes nothing. */
export async function touchKeys(db: Connection, uses: ReadonlyMap<string, number>): Promise<void> {
  // In one order, so that two servers do not wait for each other in a circle.
  for (const [id, usedMs] of [...uses].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    await db.updateTable('server_keys').set({ used_ms: usedMs }).where('id', '=', id).where((where) => where.or([where('used_ms', 'is', null), where('used_ms', '<', usedMs)])).execute()
  }
}
