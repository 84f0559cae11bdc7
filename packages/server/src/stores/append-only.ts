import { sql, type Transaction } from 'kysely'
import type { ServerTables } from './tables.ts'

/** While this fact stands, entries of before its time (milliseconds since 1970) may be deleted. Only `forgetAudit` sets it, within its transaction. */
export const auditForgetsFact = 'audit.forgets-before'

/**
 * Lets the record of changes only grow. Whoever holds the connection but not this code, such as a query of ours gone wrong, is refused
 * by the database and not by good manners. An owner of the database can still drop the trigger: against that helps only a copy elsewhere.
 */
export async function makeAppendOnly(tx: Transaction<ServerTables>, kind: 'sqlite' | 'postgres'): Promise<void> {
  if (kind === 'sqlite') {
    await sql`create trigger server_audit_no_update before update on server_audit begin select raise(abort, 'server_audit only grows'); end`.execute(tx)
    await sql`create trigger server_audit_no_delete before delete on server_audit
      when not exists (select 1 from server_facts where name = ${sql.lit(auditForgetsFact)} and cast(value as integer) > old.at_ms)
      begin select raise(abort, 'server_audit only grows'); end`.execute(tx)
    return
  }
  await sql`create function server_audit_only_grows() returns trigger language plpgsql set search_path from current as $$
    begin
      if tg_op = 'DELETE' then
        if exists (select 1 from server_facts where name = ${sql.lit(auditForgetsFact)} and cast(value as bigint) > old.at_ms) then
          return old;
        end if;
      end if;
      raise exception 'server_audit only grows';
    end $$`.execute(tx)
  await sql`create trigger server_audit_only_grows before update or delete on server_audit for each row execute function server_audit_only_grows()`.execute(tx)
  await sql`create trigger server_audit_no_truncate before truncate on server_audit for each statement execute function server_audit_only_grows()`.execute(tx)
}
