import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Operation } from 'tocsin/engine'
import { keyPrincipal, type Principal } from '../access/principal.ts'
import type { ServerParts } from '../parts.ts'
import type { RunningProject } from '../projects/projects.ts'
import { Problem } from './problem.ts'
import { isUnsafe, requireOwnPage } from './same-origin.ts'
import { callerKey, refuseWhileClosed } from './too-many.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Who may call this route: whoever may do this operation, everybody (`public`), whoever has logged in (`person`),
     * or whoever has a key or has logged in (`known`). A route that says nothing is refused when the server starts.
     * `signed`: the call proves itself by a signature or a token that its handler checks.
     */
    readonly access?: Operation | 'public' | 'signed' | 'person' | 'known'
    /** `installation`: it belongs to no one project, and `request.project` is not set. @default 'project' */
    readonly scope?: 'project' | 'installation'
  }
  interface FastifyRequest {
    /** Who asks. Reading it on a public route throws. */
    principal: Principal
    /** The project that is asked about. */
    project: RunningProject
    /** Of a person: which of their sessions it is. */
    sessionId: string | undefined
  }
}

/**
 * Puts the one check in front of every route: who asks, about which project, and whether they may. A key in `Authorization` counts before a
 * session. The project is that of the key, or `?project=` or the header `tocsin-project`, or the only one there is. One that is not theirs
 * is answered as if it did not exist.
 */
export function guard(app: FastifyInstance, { keys, projects, access: { people, limits, refusedKeys } }: Pick<ServerParts, 'keys' | 'projects' | 'access'>): void {
  app.decorateRequest('principal')
  app.decorateRequest('project')
  app.decorateRequest('sessionId')
  app.addHook('onRoute', ({ config, method, url }) => {
    if (config?.access === undefined) throw new Error(`expected config.access on every route, found none on ${String(method)} ${url}`)
  })
  app.addHook('onRequest', async (request, reply) => {
    const { access, scope = 'project' } = request.routeOptions.config
    if (access === undefined || access === 'public' || access === 'signed') return
    const principal = await principalOf(request, reply)
    request.principal = principal
    if (access === 'person') {
      if (principal.kind !== 'user') throw new Problem(403, 'people-only', 'This is for people who have logged in, and not for keys.')
      return
    }
    if (access === 'known') return
    if (scope === 'installation') {
      if (!projects.names().some((name) => principal.may(access, name))) throw refusedOf(request, principal, access)
      return
    }
    const project = projectOf(request, principal)
    if (!principal.may(access, project.name)) throw refusedOf(request, principal, access, project.name)
    request.project = project
  })

  async function principalOf(request: FastifyRequest, reply: FastifyReply): Promise<Principal> {
    const { authorization, cookie } = request.headers
    if (authorization !== undefined) return keyHolder(authorization, request)
    const visitor = cookie === undefined ? undefined : await people.find(cookie)
    if (visitor === undefined) throw new Problem(401, 'no-key', 'Expected a key or a session: send the header "Authorization: Bearer tok_…" (`tocsin keys create` makes one), or log in.')
    // After the session was found: what has no session is told so, whatever page it comes from.
    if (isUnsafe(request)) requireOwnPage(request)
    for (const line of visitor.setCookie) void reply.header('set-cookie', line)
    request.sessionId = visitor.sessionId
    return visitor.principal
  }

  async function keyHolder(authorization: string, request: FastifyRequest): Promise<Principal> {
    const given = /^Bearer ([^\s]{1,500})$/i.exec(authorization)?.[1]
    const from = callerKey(request)
    // Whoever guesses from the same address does not keep out a key that is known to be good.
    if (given === undefined || !keys.hasWorked(given)) refuseWhileClosed('keys that do not work, from this address', limits.keysOfAddress, from)
    const key = given === undefined ? undefined : await keys.find(given)
    if (key !== undefined) return keyPrincipal(key)
    limits.keysOfAddress.count(from)
    const dead = given === undefined ? undefined : await keys.findDead(given)
    refusedKeys.note(given ?? '', dead?.dead ?? 'unknown', dead?.project)
    if (dead !== undefined) throw new Problem(401, `key-${dead.dead}`, `The key …${dead.last4} ${dead.dead === 'revoked' ? 'was revoked' : 'has expired'}. \`tocsin keys create\` makes another.`)
    throw new Problem(401, 'bad-key', 'This key is not known here. `tocsin keys list` shows those that work.')
  }

  /** Of a key that tries what it may not it is kept that it did: who sets up an agent with it looks for why nothing arrives. */
  function refusedOf({ headers: { authorization = '' } }: FastifyRequest, principal: Principal, operation: Operation, project?: string): Problem {
    if (principal.kind === 'key') refusedKeys.note(authorization, 'wrong-scope', project)
    return forbidden(principal, operation)
  }

  function projectOf(request: FastifyRequest, principal: Principal): RunningProject {
    const theirs = projects.names().filter((name) => principal.roleIn(name) !== undefined)
    const asked = askedFor(request) ?? (theirs.length === 1 ? theirs[0] : undefined)
    if (asked === undefined) throw theirs.length === 0 ? new Problem(403, 'no-project', 'No project is yours. Ask an admin to invite you.') : new Problem(400, 'which-project', `Expected ?project= with one of ${theirs.join(', ')}.`)
    const project = theirs.includes(asked) ? projects.get(asked) : undefined
    if (project === undefined) throw new Problem(404, 'not-found', `There is no project "${asked.slice(0, 100)}" that you may see.`)
    return project
  }
}

function askedFor({ query, headers }: FastifyRequest): string | undefined {
  const inQuery: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, 'project') : undefined
  if (typeof inQuery === 'string') return inQuery
  const header = headers['tocsin-project']
  return typeof header === 'string' ? header : undefined
}

function forbidden(principal: Principal, operation: Operation): Problem {
  const who = principal.kind === 'key' ? `The key "${principal.name}"` : 'Your role'
  return new Problem(403, 'forbidden', `${who} does not allow ${operation}.`)
}
