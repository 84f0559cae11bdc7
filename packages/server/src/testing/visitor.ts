import type { Role } from 'tocsin/engine'
import type { ServerWorld } from './server-world.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

/** Somebody with a browser: cookies, and the header of our own page. */
export interface Visitor {
  readonly email: string
  readonly password: string
  /** As sent, such as `tocsin.session_token=…`. */
  readonly cookie: string
  call(method: string, path: string, options?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }): Promise<Answer>
}

const password = 'correct horse battery'

/** Opens the owner link that the terminal showed. */
export async function ownerOf(world: ServerWorld): Promise<Visitor> {
  const token = tokenIn(world.terminal.join('\n'))
  const email = 'olga@example.com'
  return visitor(world, email, await world.call('POST', '/api/v1/welcome', { body: { token, name: 'Olga', email, password } }))
}

/** Invites somebody and lets them come in by the link. */
export async function invited(world: ServerWorld, by: Visitor, { name, role, project }: { readonly name: string; readonly role: Role; readonly project: string }): Promise<Visitor> {
  const email = `${name.toLowerCase()}@example.com`
  const invitation = await by.call('POST', `/api/v1/invitations?project=${project}`, { body: { email, role } })
  return visitor(world, email, await world.call('POST', '/api/v1/join', { body: { token: tokenIn(invitation.text), name, password } }))
}

export async function loggedIn(world: ServerWorld, email: string): Promise<Visitor> {
  return visitor(world, email, await world.call('POST', '/api/auth/sign-in/email', { body: { email, password } }))
}

/** The token of the last link in a text. */
export function tokenIn(text: string): string {
  return /#([\w-]{43})/.exec(text)?.[1] ?? ''
}

function visitor(world: ServerWorld, email: string, { status, headers, text }: Answer): Visitor {
  const cookie = headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '').join('; ')
  if (cookie === '') throw new Error(`expected to be logged in, got ${status} ${text}`)
  return {
    email,
    password,
    cookie,
    call: (method, path, { body, headers: more } = {}) => world.call(method, path, { ...(body !== undefined && { body }), headers: { cookie, 'tocsin-request': '1', ...more } }),
  }
}
