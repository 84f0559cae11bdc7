import type { Kysely } from 'kysely'
import { auditForgetsFact } from './append-only.ts'
import type { AuditRow, ServerTables } from './tables.ts'

/** The database, or a transaction in it: what is written within it is kept or dropped with the rest of it. */
export type Connection = Kysely<ServerTables>

/** Who changed something. A `Principal` of a request is one; `command`: somebody at the terminal of the machine. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'command' | 'installation'
  readonly id: string
  /** For people. */
  readonly name: string
}

/** Who does it and from where, for the record of changes. */
export interface By {
  readonly principal: Actor
  /** `request.ip`; absent: from this machine. */
  readonly address?: string
}

export type NewAuditRow = Omit<AuditRow, 'seq'>

/** One entry of the record of changes, as it is kept. */
export type AuditEntry = Omit<AuditRow, 'seq'> & { readonly seq: number }

export interface AuditQuery {
  /** Absent: of all projects. */
  readonly project?: string
  /** What belongs to no one project too. */
  readonly withInstallation: boolean
  /** Only entries before this one; absent: the newest. */
  readonly before?: number
  readonly actor?: string
  /** Such as `channels.update`, or `channels` for all about them. */
  readonly action?: string
  /** At most this many. */
  readonly limit: number
}

export async function appendAudit(db: Connection, row: NewAuditRow): Promise<void> {
  await db.insertInto('server_audit').values(row).execute()
}

/** Newest first. */
export async function readAudit(db: Connection, { project, withInstallation, before, actor, action, limit }: AuditQuery): Promise<readonly AuditEntry[]> {
  let query = db.selectFrom('server_audit').selectAll().orderBy('seq', 'desc').limit(limit)
  if (project !== undefined) query = query.where((where) => where.or([where('project', '=', project), ...(withInstallation ? [where('project', 'is', null)] : [])]))
  if (before !== undefined) query = query.where('seq', '<', before)
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (action !== undefined) query = query.where((where) => where.or([where('action', '=', action), where('action', 'like', `${action.replace(/[\\%_]/g, '')}.%`)]))
  return query.execute()
}

/**
 * Forgets what is older: the only way by which an entry leaves. The database itself refuses every other, see `append-only.ts`.
 *
 * @returns how many it forgot; at most `rowsMax`
 */
export async function forgetAudit(db: Connection, beforeMs: number, rowsMax = 10_000): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await tx.insertInto('server_facts').values({ name: auditForgetsFact, value: String(beforeMs) }).onConflict((conflict) => conflict.column('name').doUpdateSet({ value: String(beforeMs) })).execute()
    const old = tx.selectFrom('server_audit').select('seq').where('at_ms', '<', beforeMs).orderBy('seq').limit(rowsMax)
    const { numDeletedRows } = await tx.deleteFrom('server_audit').where('seq', 'in', old).executeTakeFirst()
    await tx.deleteFrom('server_facts').where('name', '=', auditForgetsFact).execute()
    return Number(numDeletedRows)
  })
}
