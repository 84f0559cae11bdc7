import type { Connection } from './audit.ts'
import type { UserRow } from './tables.ts'

/** People, their ways to log in, and which projects are theirs. The tables are better-auth's: see `account-tables.ts`. */

export interface NewUser {
  readonly id: string
  readonly name: string
  /** Lower case. */
  readonly email: string
  readonly owner: boolean
  readonly passwordHash: string
  readonly nowMs: number
}

const credential = 'credential'

export async function insertUser(db: Connection, { id, name, email, owner, passwordHash, nowMs }: NewUser): Promise<void> {
  const at = new Date(nowMs)
  // Whoever has the link that made the account has read their mail, or was trusted by an admin.
  await db.insertInto('server_users').values({ id, name, email, owner, emailVerified: true, image: null, createdAt: at, updatedAt: at }).execute()
  await db.insertInto('server_accounts').values({ id: `acc_${id}`, accountId: id, providerId: credential, userId: id, password: passwordHash, createdAt: at, updatedAt: at }).execute()
}

export interface User {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly owner: boolean
  readonly createdMs: number
}

export async function userByEmail(db: Connection, email: string): Promise<User | undefined> {
  const row = await db.selectFrom('server_users').selectAll().where('email', '=', email).executeTakeFirst()
  return row && userOf(row)
}

export async function userById(db: Connection, id: string): Promise<User | undefined> {
  const row = await db.selectFrom('server_users').selectAll().where('id', '=', id).executeTakeFirst()
  return row && userOf(row)
}

export async function anyUser(db: Connection): Promise<boolean> {
  return (await db.selectFrom('server_users').select('id').limit(1).executeTakeFirst()) !== undefined
}

function userOf({ id, name, email, owner, createdAt }: { readonly [Name in 'id' | 'name' | 'email']: UserRow[Name] } & { readonly owner: boolean | number | null; readonly createdAt: string | Date }): User {
  return { id, name, email, owner: owner === true || owner === 1, createdMs: timeOf(createdAt) }
}

/** Of a time as either database gives it, in milliseconds since 1970. */
export function timeOf(time: string | Date): number {
  return new Date(time).getTime()
}

export async function passwordHashOf(db: Connection, userId: string): Promise<string | undefined> {
  const row = await db.selectFrom('server_accounts').select('password').where('providerId', '=', credential).where('accountId', '=', userId).executeTakeFirst()
  return row?.password ?? undefined
}

export async function setPassword(db: Connection, userId: string, passwordHash: string, nowMs: number): Promise<void> {
  await db.updateTable('server_accounts').set({ password: passwordHash, updatedAt: new Date(nowMs) }).where('providerId', '=', credential).where('accountId', '=', userId).execute()
}

export async function setOwner(db: Connection, userId: string, owner: boolean, nowMs: number): Promise<void> {
  await db.updateTable('server_users').set({ owner, updatedAt: new Date(nowMs) }).where('id', '=', userId).execute()
}

/** How many own the installation. Others who ask within a transaction wait for its end, so that of two who give it up at once one stays. */
export async function countOwnersAlone(tx: Connection): Promise<number> {
  const row = { name: 'owners.counted', value: '' }
  await tx.insertInto('server_facts').values(row).onConflict((conflict) => conflict.column('name').doUpdateSet({ value: row.value })).execute()
  return (await tx.selectFrom('server_users').select('id').where('owner', '=', true).execute()).length
}

/** With their sessions and memberships. */
export async function deleteUser(db: Connection, userId: string): Promise<void> {
  await db.deleteFrom('server_users').where('id', '=', userId).execute()
}

/** Projects of a user, with the role in each. */
export async function rolesOf(db: Connection, userId: string): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('server_members as member').innerJoin('server_organizations as project', 'project.id', 'member.organizationId').select(['project.slug', 'member.role']).where('member.userId', '=', userId).execute()
  return new Map(rows.map(({ slug, role }) => [slug, role]))
}

export interface Member {
  readonly userId: string
  readonly name: string
  readonly email: string
  /** `owner` of whoever owns the installation. */
  readonly role: string
  readonly sinceMs: number
}

/** Whoever has a role in a project, by e-mail address. */
export async function membersOf(db: Connection, project: string, { limit, after }: { readonly limit: number; readonly after?: string }): Promise<readonly Member[]> {
  let query = members(db, project).orderBy('user.email').limit(limit)
  if (after !== undefined) query = query.where('user.email', '>', after)
  return (await query.execute()).map(memberOf)
}

/** Names of those who may change what others may not, by e-mail address. */
export async function adminsOf(db: Connection, project: string, limit: number): Promise<readonly string[]> {
  const rows = await members(db, project).where((where) => where.or([where('user.owner', '=', true), where('member.role', '=', 'admin')])).orderBy('user.email').limit(limit).execute()
  return rows.map(({ name }) => name)
}

export async function memberById(db: Connection, project: string, userId: string): Promise<Member | undefined> {
  const row = await members(db, project).where('user.id', '=', userId).executeTakeFirst()
  return row && memberOf(row)
}

function members(db: Connection, project: string) {
  const organization = db.selectFrom('server_organizations').select('id').where('slug', '=', project)
  return db
    .selectFrom('server_users as user')
    .leftJoin('server_members as member', (join) => join.onRef('member.userId', '=', 'user.id').on('member.organizationId', '=', organization))
    .select(['user.id as userId', 'user.name', 'user.email', 'user.owner', 'user.createdAt', 'member.role', 'member.createdAt as memberAt'])
    .where((where) => where.or([where('user.owner', '=', true), where('member.id', 'is not', null)]))
}

function memberOf({ userId, name, email, owner, createdAt, role, memberAt }: { readonly userId: string; readonly name: string; readonly email: string; readonly owner: boolean | number | null; readonly createdAt: string | Date; readonly role: string | null; readonly memberAt: string | Date | null }): Member {
  const isOwner = owner === true || owner === 1
  return { userId, name, email, role: isOwner || role === null ? 'owner' : role, sinceMs: timeOf(isOwner || memberAt === null ? createdAt : memberAt) }
}

/** The organisation that stands for a project; made where it is not there. */
export async function organizationOf(db: Connection, project: string, newId: string, nowMs: number): Promise<string> {
  await db.insertInto('server_organizations').values({ id: newId, name: project, slug: project, createdAt: new Date(nowMs) }).onConflict((conflict) => conflict.column('slug').doNothing()).execute()
  return (await db.selectFrom('server_organizations').select('id').where('slug', '=', project).executeTakeFirstOrThrow()).id
}

export async function putMember(db: Connection, { id, organizationId, userId, role, nowMs }: { readonly id: string; readonly organizationId: string; readonly userId: string; readonly role: string; readonly nowMs: number }): Promise<void> {
  await db.insertInto('server_members').values({ id, organizationId, userId, role, createdAt: new Date(nowMs) }).onConflict((conflict) => conflict.columns(['organizationId', 'userId']).doUpdateSet({ role })).execute()
}

/** @returns whether they were a member */
export async function removeMember(db: Connection, project: string, userId: string): Promise<boolean> {
  const organization = db.selectFrom('server_organizations').select('id').where('slug', '=', project)
  const { numDeletedRows } = await db.deleteFrom('server_members').where('userId', '=', userId).where('organizationId', '=', organization).executeTakeFirst()
  return numDeletedRows > 0n
}

export interface SessionOfUser {
  readonly id: string
  readonly createdMs: number
  readonly expiresMs: number
  readonly address?: string
  readonly userAgent?: string
}

const sessionsMax = 100

/** Newest first; at most 100. */
export async function sessionsOf(db: Connection, userId: string, nowMs: number): Promise<readonly SessionOfUser[]> {
  const rows = await db.selectFrom('server_sessions').select(['id', 'createdAt', 'expiresAt', 'ipAddress', 'userAgent']).where('userId', '=', userId).where('expiresAt', '>', new Date(nowMs)).orderBy('createdAt', 'desc').limit(sessionsMax).execute()
  return rows.map(({ id, createdAt, expiresAt, ipAddress, userAgent }) => ({
    id, createdMs: timeOf(createdAt), expiresMs: timeOf(expiresAt),
    ...(ipAddress !== null && ipAddress !== '' && { address: ipAddress }),
    ...(userAgent !== null && userAgent !== '' && { userAgent }),
  }))
}


export type WhichSessions = { readonly id: string } | { readonly but: string }

/** @param which absent: all of them. @returns how many there were */
export async function deleteSessions(db: Connection, userId: string, which?: WhichSessions): Promise<number> {
  let query = db.deleteFrom('server_sessions').where('userId', '=', userId)
  if (which !== undefined) query = 'id' in which ? query.where('id', '=', which.id) : query.where('id', '!=', which.but)
  return Number((await query.executeTakeFirst()).numDeletedRows)
}
