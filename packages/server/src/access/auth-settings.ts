import type { Database } from '../stores/database.ts'

/** Never asked for over a network: whatever its address, requests are put to better-auth under this name. */
export const inside = 'http://tocsin.invalid'
export const authPath = '/api/auth'
export const cookiePrefix = 'tocsin'
/** In which the caller's address is handed on: set here, whatever a client sends. */
export const addressHeader = 'x-tocsin-address'

export interface AuthSettings {
  readonly database: Pick<Database, 'db' | 'kind'>
  /** Signs cookies; the same on every node. When it changes, people log in again. */
  readonly secret: string
  /** Cookies only over TLS, under the name `__Secure-…`. */
  readonly secure: boolean
}

/** Sessions of people: better-auth, over the server's own database. */
export interface Sessions {
  /** Answers what better-auth answers under `/api/auth`. */
  handler(request: Request): Promise<Response>
  /** Whose session a cookie is, and cookies that prolong it; nothing where it is none that works. */
  session(cookie: string): Promise<{ readonly userId: string; readonly sessionId: string; readonly setCookie: readonly string[] } | undefined>
}
