import type { Connection } from './audit.ts'
import type { NodeRow } from './tables.ts'

const listedMax = 1_000

/** A sign of life; and those that have given none for long are forgotten. */
export async function signNode(db: Connection, row: NodeRow, forgetBeforeMs: number): Promise<void> {
  const { id: _id, ...changed } = row
  await db.insertInto('server_nodes').values(row).onConflict((conflict) => conflict.column('id').doUpdateSet(changed)).execute()
  await db.deleteFrom('server_nodes').where('seen_ms', '<', forgetBeforeMs).execute()
}

export async function removeNode(db: Connection, id: string): Promise<void> {
  await db.deleteFrom('server_nodes').where('id', '=', id).execute()
}

/** Those that began first come first. */
export function listNodes(db: Connection): Promise<readonly NodeRow[]> {
  return db.selectFrom('server_nodes').selectAll().orderBy('started_ms').orderBy('id').limit(listedMax).execute()
}
