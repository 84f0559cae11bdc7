import { betterAuth } from 'better-auth'
import { TocsinError } from 'tocsin/engine'
import { accountTables } from '../stores/account-tables.ts'
import { addressHeader, authPath, cookiePrefix, inside, type AuthSettings, type Sessions } from './auth-settings.ts'
import { hashPassword, passwordChars, verifyPassword } from './password.ts'

const dayS = 86_400
/** Log in again after so long without a visit. */
const sessionS = 7 * dayS
/** A visit prolongs it, at most once a day. */
const prolongS = dayS

/** The library as it is set here: a third of all that a server loads, so that `auth.ts` loads it when somebody comes. */
export function createSessions({ database, secret, secure }: AuthSettings): Sessions {
  const auth = betterAuth({
    // Reason for the cast: its options are mutable types, and it only reads them.
    ...(accountTables as unknown as object),
    appName: 'Tocsin',
    baseURL: inside,
    basePath: authPath,
    secret,
    database: { db: database.db, type: database.kind },
    emailAndPassword: {
      enabled: true,
      // Accounts come from the owner link and from invitations: see accounts.ts.
      disableSignUp: true,
      minPasswordLength: passwordChars.min,
      maxPasswordLength: passwordChars.max,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    // Each look asks the database, behind a memory of some seconds (people.ts): a session that was ended is over.
    session: { ...accountTables.session, expiresIn: sessionS, updateAge: prolongS, cookieCache: { enabled: false } },
    // It counts requests, good ones too, and shares what it cannot tell apart. Failures are counted in front of it: see rate-limit.ts.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    // Thrown to us: else what is no answer of its own is printed on the console, with all its lines.
    onAPIError: { throw: true },
    advanced: {
      cookiePrefix,
      useSecureCookies: secure,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'strict', path: '/' },
      ipAddress: { ipAddressHeaders: [addressHeader] },
      // The guard in front holds for every route, these among them: one rule for all, see http/same-origin.ts.
      disableCSRFCheck: true,
      disableOriginCheck: true,
    },
  })
  return {
    handler: (request) => auth.handler(request).catch((failure: unknown) => {
      throw new TocsinError('store-busy', 'The database does not answer. Try again.', { cause: failure })
    }),
    async session(cookie) {
      const { response, headers } = await auth.api.getSession({ headers: new Headers({ cookie }), returnHeaders: true }).catch((failure: unknown) => {
        // It asks the database and nothing else, and keeps the cause to itself.
        throw new TocsinError('store-busy', 'Whose session it is could not be looked up. Try again.', { cause: failure })
      })
      return response === null ? undefined : { userId: response.user.id, sessionId: response.session.id, setCookie: headers.getSetCookie() }
    },
  }
}
