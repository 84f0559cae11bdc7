import type { Connection } from './audit.ts'
import { timeOf } from './accounts.ts'

/** Links that work once: to own the installation, and to join a project. Only hashes of their tokens are kept. */

const ownerLink = 'tocsin-owner-link'

/** @param hash of its token */
export async function putOwnerLink(db: Connection, { id, hash, nowMs, expiresMs }: { readonly id: string; readonly hash: string; readonly nowMs: number; readonly expiresMs: number }): Promise<void> {
  const at = new Date(nowMs)
  // Only the newest works: whoever makes one doubts those before.
  await db.deleteFrom('server_verifications').where('identifier', '=', ownerLink).execute()
  await db.insertInto('server_verifications').values({ id, identifier: ownerLink, value: hash, expiresAt: new Date(expiresMs), createdAt: at, updatedAt: at }).execute()
}

/** Whether one waits that still works. */
export async function anyOwnerLink(db: Connection, nowMs: number): Promise<boolean> {
  const rows = await db.selectFrom('server_verifications').select('expiresAt').where('identifier', '=', ownerLink).execute()
  return rows.some(({ expiresAt }) => timeOf(expiresAt) > nowMs)
}

export async function hasOwnerLink(db: Connection, hash: string, nowMs: number): Promise<boolean> {
  const row = await db.selectFrom('server_verifications').select('expiresAt').where('identifier', '=', ownerLink).where('value', '=', hash).executeTakeFirst()
  return row !== undefined && timeOf(row.expiresAt) > nowMs
}

/** Uses it up. @returns whether there was one that still worked */
export async function takeOwnerLink(db: Connection, hash: string, nowMs: number): Promise<boolean> {
  const row = await db.deleteFrom('server_verifications').where('identifier', '=', ownerLink).where('value', '=', hash).returning('expiresAt').executeTakeFirst()
  return row !== undefined && timeOf(row.expiresAt) > nowMs
}

/** Before the id of whose password it is. */
const resetLink = 'tocsin-reset:'

/** The links of the same account before work no more. */
export async function putResetLink(db: Connection, { id, userId, hash, nowMs, expiresMs }: { readonly id: string; readonly userId: string; readonly hash: string; readonly nowMs: number; readonly expiresMs: number }): Promise<void> {
  const at = new Date(nowMs)
  const identifier = `${resetLink}${userId}`
  await db.deleteFrom('server_verifications').where('identifier', '=', identifier).execute()
  await db.insertInto('server_verifications').values({ id, identifier, value: hash, expiresAt: new Date(expiresMs), createdAt: at, updatedAt: at }).execute()
}

export async function hasResetLink(db: Connection, hash: string, nowMs: number): Promise<boolean> {
  const row = await db.selectFrom('server_verifications').select('expiresAt').where('identifier', 'like', `${resetLink}%`).where('value', '=', hash).executeTakeFirst()
  return row !== undefined && timeOf(row.expiresAt) > nowMs
}

/** Uses it up. @returns whose it was, where it still worked */
export async function takeResetLink(db: Connection, hash: string, nowMs: number): Promise<string | undefined> {
  const row = await db.deleteFrom('server_verifications').where('identifier', 'like', `${resetLink}%`).where('value', '=', hash).returning(['identifier', 'expiresAt']).executeTakeFirst()
  return row !== undefined && timeOf(row.expiresAt) > nowMs ? row.identifier.slice(resetLink.length) : undefined
}

export interface Invitation {
  readonly id: string
  readonly project: string
  readonly email: string
  readonly role: string
  readonly expiresMs: number
  readonly createdMs: number
  /** Whose it is. */
  readonly inviterId: string
}

export async function putInvitation(db: Connection, { hash, organizationId, invitation }: { readonly hash: string; readonly organizationId: string; readonly invitation: Omit<Invitation, 'project'> }): Promise<void> {
  const { id, email, role, expiresMs, createdMs, inviterId } = invitation
  // Invited again: the older link works no more.
  await db.updateTable('server_invitations').set({ status: 'canceled' }).where('organizationId', '=', organizationId).where('email', '=', email).where('status', '=', 'pending').execute()
  await db.insertInto('server_invitations').values({ id, organizationId, email, role, status: 'pending', expiresAt: new Date(expiresMs), createdAt: new Date(createdMs), inviterId, tokenHash: hash }).execute()
}

const listedMax = 200

/** That can still be accepted, newest first; at most 200. */
export async function pendingInvitations(db: Connection, project: string, nowMs: number): Promise<readonly Invitation[]> {
  const rows = await invitations(db).where('project.slug', '=', project).where('invitation.status', '=', 'pending').where('invitation.expiresAt', '>', new Date(nowMs)).orderBy('invitation.createdAt', 'desc').limit(listedMax).execute()
  return rows.map(invitationOf)
}

/** Uses it up. @returns nothing where there is none that still works */
export async function takeInvitation(db: Connection, hash: string, nowMs: number): Promise<Invitation | undefined> {
  const found = await pendingInvitation(db, hash, nowMs)
  if (found === undefined) return undefined
  const { numUpdatedRows } = await db.updateTable('server_invitations').set({ status: 'accepted' }).where('id', '=', found.id).where('status', '=', 'pending').executeTakeFirst()
  return numUpdatedRows > 0n ? found : undefined
}

export async function pendingInvitation(db: Connection, hash: string, nowMs: number): Promise<Invitation | undefined> {
  const row = await invitations(db).where('invitation.tokenHash', '=', hash).where('invitation.status', '=', 'pending').executeTakeFirst()
  const invitation = row && invitationOf(row)
  return invitation !== undefined && invitation.expiresMs > nowMs ? invitation : undefined
}

export async function cancelInvitation(db: Connection, project: string, id: string): Promise<boolean> {
  const organization = db.selectFrom('server_organizations').select('id').where('slug', '=', project)
  const { numUpdatedRows } = await db.updateTable('server_invitations').set({ status: 'canceled' }).where('id', '=', id).where('status', '=', 'pending').where('organizationId', '=', organization).executeTakeFirst()
  return numUpdatedRows > 0n
}

function invitations(db: Connection) {
  return db
    .selectFrom('server_invitations as invitation')
    .innerJoin('server_organizations as project', 'project.id', 'invitation.organizationId')
    .select(['invitation.id', 'project.slug as project', 'invitation.email', 'invitation.role', 'invitation.expiresAt', 'invitation.createdAt', 'invitation.inviterId'])
}

function invitationOf({ expiresAt, createdAt, ...rest }: Omit<Invitation, 'expiresMs' | 'createdMs'> & { readonly expiresAt: string | Date; readonly createdAt: string | Date }): Invitation {
  return { ...rest, expiresMs: timeOf(expiresAt), createdMs: timeOf(createdAt) }
}
