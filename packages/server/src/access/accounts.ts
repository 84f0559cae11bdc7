import type { Chance, Clock, Role } from 'tocsin/engine'
import { adminsOf, anyUser, countOwnersAlone, deleteSessions, deleteUser, insertUser, memberById, membersOf, organizationOf, passwordHashOf, putMember, removeMember, rolesOf, sessionsOf, setOwner, setPassword, userByEmail, userById, type Member, type SessionOfUser, type WhichSessions } from '../stores/accounts.ts'
import type { Actor, By, Connection } from '../stores/audit.ts'
import { writeFact } from '../stores/facts.ts'
import { anyOwnerLink, cancelInvitation, hasOwnerLink, pendingInvitation, pendingInvitations, putInvitation, putOwnerLink, takeInvitation, takeOwnerLink, type Invitation } from '../stores/links.ts'
import { recordChange } from './audit.ts'
import { hashPassword, verifyPassword } from './password.ts'
import type { People } from './people.ts'
import { hashOf, secretText } from './secret-text.ts'

export interface Applicant {
  readonly name: string
  readonly email: string
  readonly password: string
}

/** Why it was not done. */
export type Refusal =
  /** The link was used, has expired, or never was. */
  | 'no-link'
  /** There is an account with this address, and this is not its password. */
  | 'wrong-password'
  /** Somebody has to own the installation. */
  | 'last-owner'
  /** There is nobody by this id in the project. */
  | 'nobody'
  /** Only an owner makes owners, and changes them. */
  | 'owners-only'
  /** They have a role in projects in which whoever asks changes nobody. */
  | 'other-projects'

export type Done<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly why: Refusal }

/** Who has an account, and which role in which project. Each change is on record. */
export interface Accounts {
  /** The only token of its kind: those before work no more. */
  makeOwnerLink(by: By): Promise<string>
  /** The same, where nobody owns the installation and no link waits: of several servers that ask at once one gets it. */
  makeFirstOwnerLink(by: By): Promise<string | undefined>
  /** Makes an owner, or gives the account of this address a new password and the installation. */
  welcome(token: string, applicant: Applicant, address: string): Promise<Done<{ readonly userId: string }>>
  invite(invitation: { readonly project: string; readonly email: string; readonly role: Role }, by: { readonly principal: Actor; readonly address: string }): Promise<{ readonly id: string; readonly token: string; readonly expiresMs: number }>
  cancelInvitation(project: string, id: string, by: By): Promise<boolean>
  /** Who was invited with this token, and to what. */
  invitationOf(token: string): Promise<Invitation | undefined>
  /** Makes the account, or adds the project to that which is there. */
  join(token: string, applicant: Omit<Applicant, 'email'>, address: string): Promise<Done<{ readonly userId: string; readonly email: string }>>
  setRole(where: { readonly project: string; readonly userId: string; readonly role: Role; readonly byOwner: boolean }, by: By): Promise<Done<Member>>
  /** Whoever has a role in a project, by e-mail address. */
  members(project: string, page: { readonly limit: number; readonly after?: string }): Promise<readonly Member[]>
  /** Names of owners and admins, whom to ask for what one may not; at most `limit`. */
  admins(project: string, limit: number): Promise<readonly string[]>
  /** Somebody of a project. */
  member(project: string, userId: string): Promise<Member | undefined>
  /** Those that can still be accepted, newest first; at most 200. */
  invitations(project: string): Promise<readonly Invitation[]>
  /** Where somebody is logged in, newest first; at most 100. */
  sessions(userId: string): Promise<readonly SessionOfUser[]>
  /** Ends one session of somebody, or all but one. @returns how many */
  endSessions(userId: string, which: WhichSessions, by: By): Promise<number>
  /** From the project; whoever has no other loses the account. */
  remove(where: { readonly project: string; readonly userId: string; readonly byOwner: boolean }, by: By): Promise<Done<Member>>
}

/** An owner link is for whoever sits at the terminal now. */
export const ownerLinkMs = 30 * 60_000
export const invitationMs = 7 * 86_400_000

const refused = (why: Refusal): { readonly ok: false; readonly why: Refusal } => ({ ok: false, why })

export function createAccounts({ db, clock, chance, people }: { readonly db: Connection; readonly clock: Clock; readonly chance: Chance; readonly people: Pick<People, 'forget'> }): Accounts {
  const record = (tx: Connection, change: Parameters<typeof recordChange>[1]): Promise<void> => recordChange({ db: tx, clock }, change)
  const newId = (kind: string): string => `${kind}_${chance.id()}`

  async function putLink(tx: Connection, { principal, address }: By): Promise<string> {
    const token = secretText(chance)
    const nowMs = clock.nowMs()
    await putOwnerLink(tx, { id: newId('lnk'), hash: hashOf(token), nowMs, expiresMs: nowMs + ownerLinkMs })
    await record(tx, { principal, action: 'owner-link.create', target: 'installation', after: { expiresMs: nowMs + ownerLinkMs }, ...(address !== undefined && { address }) })
    return token
  }

  return {
    makeOwnerLink: (by) => db.transaction().execute((tx) => putLink(tx, by)),

    async makeFirstOwnerLink(by) {
      const needless = async (on: Connection): Promise<boolean> => (await anyUser(on)) || (await anyOwnerLink(on, clock.nowMs()))
      if (await needless(db)) return undefined
      return db.transaction().execute(async (tx) => {
        // Whoever comes second waits here until the link of the first is there to be seen.
        await writeFact(tx, 'first-link', String(clock.nowMs()))
        return (await needless(tx)) ? undefined : putLink(tx, by)
      })
    },

    async welcome(token, { name, email: given, password }, address) {
      const hash = hashOf(token)
      const email = given.toLowerCase()
      // Asked first: who guesses gets no password hashed. Hashed outside the transaction, which would hold up others meanwhile.
      if (!(await hasOwnerLink(db, hash, clock.nowMs()))) return refused('no-link')
      const passwordHash = await hashPassword(password)
      const userId = await db.transaction().execute(async (tx) => {
        const nowMs = clock.nowMs()
        if (!(await takeOwnerLink(tx, hash, nowMs))) return undefined
        const known = await userByEmail(tx, email)
        const id = known?.id ?? newId('usr')
        if (known === undefined) await insertUser(tx, { id, name, email, owner: true, passwordHash, nowMs })
        else {
          await setPassword(tx, id, passwordHash, nowMs)
          await setOwner(tx, id, true, nowMs)
          await deleteSessions(tx, id)
        }
        const principal: Actor = { kind: 'user', id, name }
        await record(tx, { principal, action: 'members.own', target: id, ...(known !== undefined && { before: { email, owner: known.owner } }), after: { email, owner: true, by: 'owner link' }, address })
        return id
      })
      if (userId === undefined) return refused('no-link')
      people.forget(userId)
      return { ok: true, value: { userId } }
    },

    async invite({ project, email: given, role }, { principal, address }) {
      const email = given.toLowerCase()
      const token = secretText(chance)
      const nowMs = clock.nowMs()
      const id = newId('inv')
      const expiresMs = nowMs + invitationMs
      await db.transaction().execute(async (tx) => {
        const organizationId = await organizationOf(tx, project, newId('org'), nowMs)
        await putInvitation(tx, { hash: hashOf(token), organizationId, invitation: { id, email, role, expiresMs, createdMs: nowMs, inviterId: principal.id } })
        await record(tx, { project, principal, action: 'invitations.create', target: id, after: { email, role, expiresMs }, address })
      })
      return { id, token, expiresMs }
    },

    cancelInvitation: (project, id, { principal, address }) =>
      db.transaction().execute(async (tx) => {
        if (!(await cancelInvitation(tx, project, id))) return false
        await record(tx, { project, principal, action: 'invitations.cancel', target: id, ...(address !== undefined && { address }) })
        return true
      }),

    invitationOf: (token) => pendingInvitation(db, hashOf(token), clock.nowMs()),

    async join(token, { name, password }, address) {
      const hash = hashOf(token)
      const invitation = await pendingInvitation(db, hash, clock.nowMs())
      if (invitation === undefined) return refused('no-link')
      const { email, project, role } = invitation
      const known = await userByEmail(db, email)
      const kept = known && (await passwordHashOf(db, known.id))
      // Whoever holds the link of somebody with an account does not become that somebody.
      if (known !== undefined && (kept === undefined || !(await verifyPassword({ hash: kept, password })))) return refused('wrong-password')
      const passwordHash = known === undefined ? await hashPassword(password) : ''
      const userId = await db.transaction().execute(async (tx) => {
        const nowMs = clock.nowMs()
        if ((await takeInvitation(tx, hash, nowMs)) === undefined) return undefined
        const there = await userByEmail(tx, email)
        // Whoever gave the installation away owns it no more.
        if (role === 'owner' && (await userById(tx, invitation.inviterId))?.owner !== true) return undefined
        // Made meanwhile, by another invitation: its password was not asked for.
        if (there !== undefined && there.id !== known?.id) return undefined
        const id = known?.id ?? newId('usr')
        if (known === undefined) await insertUser(tx, { id, name, email, owner: role === 'owner', passwordHash, nowMs })
        else if (role === 'owner') await setOwner(tx, id, true, nowMs)
        if (role !== 'owner') await putMember(tx, { id: newId('mem'), organizationId: await organizationOf(tx, project, newId('org'), nowMs), userId: id, role, nowMs })
        await record(tx, { project, principal: { kind: 'user', id, name: known?.name ?? name }, action: 'members.join', target: id, after: { email, role, invitation: invitation.id }, address })
        return id
      })
      if (userId === undefined) return refused('no-link')
      people.forget(userId)
      return { ok: true, value: { userId, email } }
    },

    member: (project, userId) => memberById(db, project, userId),
    members: (project, page) => membersOf(db, project, page),
    admins: (project, limit) => adminsOf(db, project, limit),
    invitations: (project) => pendingInvitations(db, project, clock.nowMs()),
    sessions: (userId) => sessionsOf(db, userId, clock.nowMs()),

    async endSessions(userId, which, { principal, address }) {
      const ended = await db.transaction().execute(async (tx) => {
        const count = await deleteSessions(tx, userId, which)
        if (count > 0) await record(tx, { principal, action: 'login.end', target: userId, after: { sessions: count }, ...(address !== undefined && { address }) })
        return count
      })
      people.forget(userId)
      return ended
    },

    async setRole({ project, userId, role, byOwner }, { principal, address }) {
      const done = await db.transaction().execute(async (tx): Promise<Done<Member>> => {
        const member = await memberById(tx, project, userId)
        if (member === undefined) return refused('nobody')
        if (!byOwner && (member.role === 'owner' || role === 'owner')) return refused('owners-only')
        if (member.role === role) return { ok: true, value: member }
        if (member.role === 'owner' && (await countOwnersAlone(tx)) === 1) return refused('last-owner')
        const nowMs = clock.nowMs()
        if ((member.role === 'owner') !== (role === 'owner')) await setOwner(tx, userId, role === 'owner', nowMs)
        if (role !== 'owner') await putMember(tx, { id: newId('mem'), organizationId: await organizationOf(tx, project, newId('org'), nowMs), userId, role, nowMs })
        await record(tx, { project, principal, action: 'members.update', target: userId, before: { role: member.role }, after: { role }, ...(address !== undefined && { address }) })
        return { ok: true, value: { ...member, role } }
      })
      people.forget(userId)
      return done
    },

    async remove({ project, userId, byOwner }, { principal, address }) {
      const done = await db.transaction().execute(async (tx): Promise<Done<Member>> => {
        const member = await memberById(tx, project, userId)
        if (member === undefined) return refused('nobody')
        if (member.role === 'owner') {
          if (!byOwner) return refused('owners-only')
          if ((await countOwnersAlone(tx)) === 1) return refused('last-owner')
          await setOwner(tx, userId, false, clock.nowMs())
        }
        await removeMember(tx, project, userId)
        if ((await rolesOf(tx, userId)).size === 0) await deleteUser(tx, userId)
        await record(tx, { project, principal, action: 'members.remove', target: userId, before: { email: member.email, role: member.role }, ...(address !== undefined && { address }) })
        return { ok: true, value: member }
      })
      people.forget(userId)
      return done
    },
  }
}
