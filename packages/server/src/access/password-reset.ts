import type { Chance, Clock } from 'tocsin/engine'
import { deleteSessions, memberById, rolesOf, setPassword, userById } from '../stores/accounts.ts'
import type { By, Connection } from '../stores/audit.ts'
import { hasResetLink, putResetLink, takeResetLink } from '../stores/links.ts'
import type { Done } from './accounts.ts'
import { recordChange } from './audit.ts'
import { hashPassword } from './password.ts'
import type { People } from './people.ts'
import { hashOf, secretText } from './secret-text.ts'

const resetMs = 86_400_000

/** A new password for somebody who has lost theirs: by a link that an admin makes, once. */
export interface PasswordResets {
  /**
   * Ends their sessions at once; the links before work no more.
   *
   * @param where `mayIn`: whether who asks may change members there. An account is the same in all its projects, so that it takes all of them
   */
  make(where: { readonly project: string; readonly userId: string; readonly byOwner: boolean; readonly mayIn: (project: string) => boolean }, by: By): Promise<Done<{ readonly token: string; readonly email: string; readonly expiresMs: number }>>
  /** Uses the link up, and sets the password. */
  take(token: string, password: string, address: string): Promise<Done<{ readonly userId: string; readonly email: string }>>
}

export function createPasswordResets({ db, clock, chance, people }: { readonly db: Connection; readonly clock: Clock; readonly chance: Chance; readonly people: Pick<People, 'forget'> }): PasswordResets {
  return {
    async make({ project, userId, byOwner, mayIn }, { principal, address }) {
      const token = secretText(chance)
      const done = await db.transaction().execute(async (tx): Promise<Done<{ token: string; email: string; expiresMs: number }>> => {
        const member = await memberById(tx, project, userId)
        if (member === undefined) return { ok: false, why: 'nobody' }
        if (member.role === 'owner' && !byOwner) return { ok: false, why: 'owners-only' }
        if (!byOwner && ![...(await rolesOf(tx, userId)).keys()].every(mayIn)) return { ok: false, why: 'other-projects' }
        const nowMs = clock.nowMs()
        const expiresMs = nowMs + resetMs
        await putResetLink(tx, { id: `lnk_${chance.id()}`, userId, hash: hashOf(token), nowMs, expiresMs })
        const sessions = await deleteSessions(tx, userId)
        await recordChange({ db: tx, clock }, { project, principal, action: 'members.reset-link', target: userId, after: { expiresMs, sessions }, ...(address !== undefined && { address }) })
        return { ok: true, value: { token, email: member.email, expiresMs } }
      })
      people.forget(userId)
      return done
    },

    async take(token, password, address) {
      const hash = hashOf(token)
      // Asked first: who guesses gets no password hashed.
      if (!(await hasResetLink(db, hash, clock.nowMs()))) return { ok: false, why: 'no-link' }
      const passwordHash = await hashPassword(password)
      const user = await db.transaction().execute(async (tx) => {
        const nowMs = clock.nowMs()
        const userId = await takeResetLink(tx, hash, nowMs)
        const found = userId === undefined ? undefined : await userById(tx, userId)
        if (found === undefined) return undefined
        await setPassword(tx, found.id, passwordHash, nowMs)
        await deleteSessions(tx, found.id)
        await recordChange({ db: tx, clock }, { principal: { kind: 'user', id: found.id, name: found.name }, action: 'members.password', target: found.id, after: { by: 'reset link' }, address })
        return found
      })
      if (user === undefined) return { ok: false, why: 'no-link' }
      people.forget(user.id)
      return { ok: true, value: { userId: user.id, email: user.email } }
    },
  }
}
