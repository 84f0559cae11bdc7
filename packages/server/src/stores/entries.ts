import { sql } from 'kysely'
import type { Connection } from './audit.ts'
import type { DatabaseKind } from './migrations.ts'
import type { EntryRow, ProjectRow } from './tables.ts'

/** Any number that no other program uses for its own locks on this database. */
const configurationLock = 7_420_115_302

/** Name of the fact that counts the changes of a project's configuration, before its name. */
const versionFact = 'config.version:'
/** Counts the projects that were made and taken away. */
const projectsFact = 'projects.version'

/**
 * Runs alone among all that change the configuration, on all machines: what is checked within it still holds when it is written. Within it,
 * await nothing but the database.
 */
export function changingConfiguration<T>(db: Connection, kind: DatabaseKind, work: (tx: Connection) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    // SQLite's transaction is alone by itself.
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${configurationLock})`.execute(tx)
    return work(tx)
  })
}

/** All that the API made in a project, routes and other lists in their order. */
export function entriesOf(db: Connection, project: string): Promise<readonly EntryRow[]> {
  return db.selectFrom('server_entries').selectAll().where('project', '=', project).orderBy('kind').orderBy('place').orderBy('name').execute()
}

/** All of a kind, in every project. */
export function allEntries(tx: Connection, kind: string): Promise<readonly EntryRow[]> {
  return tx.selectFrom('server_entries').selectAll().where('kind', '=', kind).orderBy('project').orderBy('name').execute()
}

export async function putEntry(tx: Connection, row: EntryRow): Promise<void> {
  const { project: _project, kind: _kind, name: _name, ...changed } = row
  await tx.insertInto('server_entries').values(row).onConflict((conflict) => conflict.columns(['project', 'kind', 'name']).doUpdateSet(changed)).execute()
}

export async function removeEntry(tx: Connection, { project, kind, name }: Pick<EntryRow, 'project' | 'kind' | 'name'>): Promise<void> {
  await tx.deleteFrom('server_entries').where('project', '=', project).where('kind', '=', kind).where('name', '=', name).execute()
}

/** What `Store.onWake` hears when a configuration was changed: no name of a project, which has no colon. */
export const configurationWake = 'tocsin:configuration'

/** The configuration of a project has changed: the number of the change, unlike any before it. Other servers hear of it when it is committed. */
export async function nextVersion(tx: Connection, kind: DatabaseKind, project: string): Promise<number> {
  const version = await counted(tx, `${versionFact}${project}`)
  await wake(tx, kind)
  return version
}

/** On the channel of the engine's store: see `Wakes` there. */
async function wake(tx: Connection, kind: DatabaseKind): Promise<void> {
  if (kind === 'postgres') await sql`select pg_notify(current_schema() || '_wake', ${configurationWake})`.execute(tx)
}

/** The changes of each project so far; a project without any is not in it. */
export async function configurationVersions(db: Connection): Promise<{ readonly projects: number; readonly byProject: ReadonlyMap<string, number> }> {
  const rows = await db.selectFrom('server_facts').selectAll().where((is) => is.or([is('name', '=', projectsFact), is('name', 'like', `${versionFact}%`)])).execute()
  const byProject = new Map(rows.flatMap(({ name, value }) => (name.startsWith(versionFact) ? [[name.slice(versionFact.length), Number(value)] as const] : [])))
  return { projects: Number(rows.find(({ name }) => name === projectsFact)?.value ?? 0), byProject }
}

/** Projects that the API made, by name. */
export function madeProjects(db: Connection): Promise<readonly ProjectRow[]> {
  return db.selectFrom('server_projects').selectAll().orderBy('name').execute()
}

/** `false`: there is one of this name. */
export async function addProject(tx: Connection, kind: DatabaseKind, row: ProjectRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx.insertInto('server_projects').values(row).onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
  if (numInsertedOrUpdatedRows === 0n) return false
  await counted(tx, projectsFact)
  await wake(tx, kind)
  return true
}

/**
 * With all that was configured in it, and everybody's way into it: whoever makes another of this name later starts with nobody in it.
 *
 * @returns `false`: there is none of this name
 */
export async function removeProject(tx: Connection, kind: DatabaseKind, name: string, nowMs: number): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('server_projects').where('name', '=', name).executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await tx.deleteFrom('server_entries').where('project', '=', name).execute()
  await tx.updateTable('server_keys').set({ revoked_ms: nowMs }).where('project', '=', name).where('revoked_ms', 'is', null).execute()
  const organization = tx.selectFrom('server_organizations').select('id').where('slug', '=', name)
  await tx.deleteFrom('server_members').where('organizationId', '=', organization).execute()
  await tx.deleteFrom('server_invitations').where('organizationId', '=', organization).execute()
  await tx.deleteFrom('server_organizations').where('slug', '=', name).execute()
  await nextVersion(tx, kind, name)
  await counted(tx, projectsFact)
  return true
}

async function counted(tx: Connection, name: string): Promise<number> {
  const fact = await tx.selectFrom('server_facts').select('value').where('name', '=', name).executeTakeFirst()
  const value = Number(fact?.value ?? 0) + 1
  await tx.insertInto('server_facts').values({ name, value: String(value) }).onConflict((conflict) => conflict.column('name').doUpdateSet({ value: String(value) })).execute()
  return value
}
