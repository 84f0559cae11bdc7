import { addressHeader, authPath, cookiePrefix, inside, type AuthSettings, type Sessions } from './auth-settings.ts'

/** Sessions of people, and how the names of their cookies begin. */
export interface Auth extends Sessions {
  readonly cookiePrefix: string
}

/** Loads better-auth when it is asked for something the first time: a server for agents alone starts without it. */
export function createAuth(settings: AuthSettings): Auth {
  let loading: Promise<Sessions> | undefined
  const load = (): Promise<Sessions> =>
    (loading ??= import('./better-auth.ts').then(({ createSessions }) => createSessions(settings)).catch((failure: unknown) => {
      // Tried again for the next who comes.
      loading = undefined
      throw failure
    }))
  return {
    cookiePrefix: settings.secure ? `__Secure-${cookiePrefix}.` : `${cookiePrefix}.`,
    handler: async (request) => (await load()).handler(request),
    session: async (cookie) => (await load()).session(cookie),
  }
}

/** A request as better-auth is put it: what a client says of itself in headers stays outside. */
export function authRequest(path: string, { method, body, cookie, address, userAgent }: { readonly method: string; readonly body?: unknown; readonly cookie?: string; readonly address: string; readonly userAgent?: string }): Request {
  return new Request(`${inside}${authPath}${path}`, {
    method,
    headers: {
      [addressHeader]: address,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(cookie !== undefined && { cookie }),
      ...(userAgent !== undefined && { 'user-agent': userAgent.slice(0, 300) }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}
