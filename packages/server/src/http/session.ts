import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Access } from '../access/access.ts'
import { recordChange } from '../access/audit.ts'
import { authRequest } from '../access/auth.ts'
import { authPath } from '../access/auth-settings.ts'
import { passwordChars } from '../access/password.ts'
import { changedBy } from './by.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'
import { refuseOtherSites } from './same-origin.ts'
import { callerKey, refuseWhileClosed } from './too-many.ts'

const tags = ['session']
const emailSchema = z.string().min(1).max(254)
const givenPassword = z.string().min(1).max(passwordChars.max)
const user = z.object({ id: z.string(), name: z.string(), email: z.string() })

/**
 * Logging in and out: better-auth behind the routes of it that people need here, and no others. What it offers beside (signing up,
 * organisations) would be a second table of permissions.
 */
export const sessionRoutes: Routes = (untyped, { access, database: { db }, clock }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const { auth, people, limits, homes } = access

  app.post(`${authPath}/sign-in/email`, { config: { access: 'public' }, schema: { summary: 'Logs in', description: 'Begins a session, in a cookie. It lasts 7 days from the last visit.', tags, operationId: 'logIn', body: z.strictObject({ email: emailSchema, password: givenPassword, rememberMe: z.boolean().optional() }), response: { 200: z.object({ user }) } } }, async (request, reply) => {
    refuseOtherSites(request)
    const account = request.body.email.toLowerCase()
    const from = callerKey(request)
    const both = `${account} ${from}`
    refuseWhileClosed('wrong passwords from this address', limits.loginOfAddress, from)
    refuseWhileClosed('wrong passwords for this account', limits.loginOfBoth, both)
    if (!homes.has(account, from)) refuseWhileClosed('wrong passwords for this account', limits.loginOfAccount, account)
    // Counted before the answer is known, so that many tries at once do not all slip through.
    limits.loginOfAddress.count(from)
    limits.loginOfBoth.count(both)
    limits.loginOfAccount.count(account)
    const response = await auth.handler(callOf(request, '/sign-in/email', request.body))
    if (!response.ok) {
      if (response.status >= 500) throw new Problem(503, 'busy', 'Logging in is not possible right now. Try again in a moment.', { retryAfterSeconds: 2 })
      await recordChange({ db, clock }, { action: 'login.fail', target: await people.called(account), address: request.ip })
      throw new Problem(401, 'wrong-password', 'There is no account with this address and password.')
    }
    limits.loginOfAddress.uncount(from)
    limits.loginOfBoth.forget(both)
    limits.loginOfAccount.uncount(account)
    homes.add(account, from)
    const { user: who } = z.object({ user }).parse(await response.json())
    await recordChange({ db, clock }, { principal: { kind: 'user', id: who.id, name: who.name }, action: 'login.succeed', target: who.id, address: request.ip })
    sendCookies(reply, response)
    return { user: who }
  })

  app.post(`${authPath}/sign-out`, { config: { access: 'person' }, schema: { summary: 'Logs out', description: 'Ends this session, at once here and within 5 s on other nodes.', tags, operationId: 'logOut', response: { 204: z.null() } } }, async (request, reply) => {
    const response = await auth.handler(callOf(request, '/sign-out', {}))
    people.forget(request.principal.id)
    if (!response.ok) throw new Problem(503, 'busy', 'The session could not be ended. Try again.', { retryAfterSeconds: 2 })
    await recordChange({ db, clock }, { ...changedBy(request), action: 'login.end', target: request.principal.id })
    sendCookies(reply, response)
    return reply.status(204).send(null)
  })

  app.get(`${authPath}/get-session`, { config: { access: 'person' }, schema: { summary: 'Whose session it is', tags, operationId: 'getOwnSession', response: { 200: z.object({ user }) } } }, async ({ principal: { id, name, email = '' } }) => ({ user: { id, name, email } }))

  app.post(`${authPath}/change-password`, { config: { access: 'person' }, schema: { summary: 'Changes the password', description: 'Ends every other session.', tags, operationId: 'changePassword', body: z.strictObject({ currentPassword: givenPassword, newPassword: z.string().min(passwordChars.min).max(passwordChars.max) }), response: { 204: z.null() } } }, async (request, reply) => {
    const { principal } = request
    const from = `${principal.email ?? ''} ${callerKey(request)}`
    refuseWhileClosed('wrong passwords for this account', limits.loginOfBoth, from)
    limits.loginOfBoth.count(from)
    const response = await auth.handler(callOf(request, '/change-password', { ...request.body, revokeOtherSessions: true }))
    if (!response.ok) throw new Problem(403, 'wrong-password', 'Expected the password that you have now, found another.')
    limits.loginOfBoth.forget(from)
    people.forget(principal.id)
    await recordChange({ db, clock }, { ...changedBy(request), action: 'members.password', target: principal.id })
    sendCookies(reply, response)
    return reply.status(204).send(null)
  })
}

/** Begins a session for whoever has just proved who they are. @returns its cookies */
export async function logIn({ auth, homes }: Access, request: FastifyRequest, { email, password }: { readonly email: string; readonly password: string }): Promise<readonly string[]> {
  const response = await auth.handler(callOf(request, '/sign-in/email', { email, password }))
  if (!response.ok) throw new Problem(503, 'busy', 'The account is made; logging in was not possible right now. Log in.', { retryAfterSeconds: 2 })
  homes.add(email.toLowerCase(), callerKey(request))
  return response.headers.getSetCookie()
}

function callOf({ method, headers, ip }: FastifyRequest, path: string, body: unknown): Request {
  return authRequest(path, { method, body, address: ip, ...(headers.cookie !== undefined && { cookie: headers.cookie }), ...(headers['user-agent'] !== undefined && { userAgent: headers['user-agent'] }) })
}

function sendCookies(reply: FastifyReply, response: Response): void {
  for (const line of response.headers.getSetCookie()) void reply.header('set-cookie', line)
}
