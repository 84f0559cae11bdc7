import { roles, type Clock, type Role } from 'tocsin/engine'
import { rolesOf, userByEmail, userById } from '../stores/accounts.ts'
import type { Connection } from '../stores/audit.ts'
import type { Auth } from './auth.ts'
import { BoundedMap } from './bounded-map.ts'
import { userPrincipal, type Principal } from './principal.ts'

/** A person by the cookie of their session. */
export interface Visitor {
  readonly principal: Principal
  readonly sessionId: string
  /** Prolongs the session: to be sent on. */
  readonly setCookie: readonly string[]
}

export interface People {
  find(cookie: string): Promise<Visitor | undefined>
  /** How whoever tried this e-mail address stands on record: whatever else was typed there may be a password. */
  called(email: string): Promise<string>
  /** Whoever it is, they are looked up again: their roles, name or sessions changed. */
  forget(userId: string): void
}

/** For so long a session, or a role, that was ended on another node still holds on this one. */
const visitorHeldMs = 5_000
const heldMax = 5_000
const cookieCharsMax = 4_000

/** People who have logged in, held for some seconds so that a page full of requests costs one look at the database. */
export function createPeople({ db, clock, auth }: { readonly db: Connection; readonly clock: Clock; readonly auth: Auth }): People {
  // How often each was told to be looked up again: a stream that is open longer than anything is held hears of it too.
  const changes = new BoundedMap<string, number>(heldMax)
  const held = new BoundedMap<string, { readonly visitor: Visitor; readonly untilMs: number }>(heldMax)
  return {
    async find(header) {
      const cookie = cookiesUnder(auth.cookiePrefix, header)
      if (cookie === undefined) return undefined
      const nowMs = clock.monotonicMs()
      const hit = held.get(cookie)
      if (hit !== undefined && hit.untilMs > nowMs) return hit.visitor
      held.delete(cookie)
      const session = await auth.session(cookie)
      // Before the look, so that what changes during it counts.
      const seen = changes.get(session?.userId ?? '')
      const user = session && (await userById(db, session.userId))
      if (session === undefined || user === undefined) return undefined
      const principal = userPrincipal({ ...user, roles: knownRoles(await rolesOf(db, user.id)), isOver: () => changes.get(user.id) !== seen })
      const visitor: Visitor = { principal, sessionId: session.sessionId, setCookie: session.setCookie }
      // What prolongs it is sent once.
      held.set(cookie, { visitor: { ...visitor, setCookie: [] }, untilMs: nowMs + visitorHeldMs })
      return visitor
    },
    called: async (email) => (await userByEmail(db, email))?.email ?? 'unknown',
    forget(userId) {
      changes.set(userId, (changes.get(userId) ?? 0) + 1)
      held.deleteWhere(({ visitor }) => visitor.principal.id === userId)
    },
  }
}

/** Of all cookies that a browser sends those of our session, as a header. */
function cookiesUnder(prefix: string, header: string): string | undefined {
  const found = header.split(';').map((part) => part.trim()).filter((part) => part.startsWith(prefix)).join('; ')
  return found === '' || found.length > cookieCharsMax ? undefined : found
}

/** Without roles that a newer server has given and this one does not know. */
function knownRoles(given: ReadonlyMap<string, string>): ReadonlyMap<string, Role> {
  return new Map([...given].flatMap(([project, name]) => {
    const role = roles.find((known) => known === name)
    return role === undefined ? [] : [[project, role] as const]
  }))
}
