import type { FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { roles } from 'tocsin/engine'
import { z } from 'zod'
import type { Refusal } from '../access/accounts.ts'
import { sendInvitation, sendReset } from '../access/invitation-mail.ts'
import { passwordChars } from '../access/password.ts'
import { followAccount } from '../own/follow-account.ts'
import { changedBy } from './by.ts'
import { byOf } from './entries.ts'
import { pageOf, pageQuery, placeOf } from './lists/asking.ts'
import { pageAnswer } from './page-answer.ts'
import { Problem, sentencesFor } from './problem.ts'
import type { Routes } from './routes.ts'
import { refuseOtherSites } from './same-origin.ts'
import { logIn } from './session.ts'
import { callerKey, refuseWhileClosed } from './too-many.ts'

const role = z.enum(roles)
const memberShape = z.strictObject({ id: z.string(), name: z.string(), email: z.string(), role, sinceMs: z.number() }).meta({ id: 'Member' })
const invitationShape = z.strictObject({ id: z.string(), email: z.string(), role, expiresMs: z.number(), createdMs: z.number() }).meta({ id: 'Invitation' })
const email = z.email().max(254)
const person = z.strictObject({ id: z.string().max(100) })
const tags = ['members']

export const nameSchema = z.string().trim().min(1).max(100)
export const passwordSchema = z.string().min(passwordChars.min).max(passwordChars.max)
export const tokenSchema = z.string().min(1).max(200)

/** People with an account: who they are, what they may, and how they come in. */
export const memberRoutes: Routes = (untyped, { access, publicUrl, configuration, projects }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const { accounts, limits, resets } = access
  // The token stands after `#`: browsers keep that part to themselves, so that no log of a server or proxy has it.
  const linkTo = (page: 'join' | 'reset', token: string): string => `${publicUrl().replace(/\/+$/, '')}/${page}#${token}`

  app.get('/api/v1/members', { config: { access: 'members:read' }, schema: { summary: 'Lists who has a role in the project', tags, operationId: 'listMembers', querystring: z.strictObject({ project: pageQuery.project, cursor: pageQuery.cursor, limit: pageQuery.limit }), response: { 200: pageOf(memberShape) } } }, async ({ query: { cursor, limit }, project }) => {
    const after = placeOf(z.string(), cursor)
    const found = await accounts.members(project.name, { limit: limit + 1, ...(after !== undefined && { after }) })
    const items = found.slice(0, limit)
    return pageAnswer(items.map(({ userId, role: given, ...rest }) => ({ id: userId, role: knownRole(given), ...rest })), found.length > limit ? items.at(-1)?.email : undefined)
  })

  app.put('/api/v1/members/:id', { config: { access: 'members:write' }, schema: { summary: 'Gives somebody another role', description: 'Only an owner makes owners, and changes them; an owner owns the whole installation. Who they are among the people that the API made has the role from then on.', tags, operationId: 'updateMember', params: person, body: z.strictObject({ role }), response: { 200: memberShape } } }, async (request) => {
    const { params: { id }, body, project, principal } = request
    const done = await accounts.setRole({ project: project.name, userId: id, role: body.role, byOwner: principal.isEverywhere }, changedBy(request))
    if (!done.ok) throw problemOf(done.why)
    await followAccount({ configuration, accounts, projects }, done.value, byOf(request))
    const { userId, role: given, ...rest } = done.value
    return { id: userId, role: knownRole(given), ...rest }
  })

  app.delete('/api/v1/members/:id', { config: { access: 'members:write' }, schema: { summary: 'Takes somebody out of the project', description: 'Whoever has no other project loses the account, and their sessions with it. An owner stops owning the installation. Of the people that the API made whoever has this e-mail address goes too, or has no address any more where a route needs them.', tags, operationId: 'removeMember', params: person, response: { 204: z.null() } } }, async (request, reply) => {
    const { params: { id }, project, principal } = request
    const done = await accounts.remove({ project: project.name, userId: id, byOwner: principal.isEverywhere }, changedBy(request))
    if (!done.ok) throw problemOf(done.why)
    await followAccount({ configuration, accounts, projects }, done.value, byOf(request))
    return reply.status(204).send(null)
  })

  app.post('/api/v1/members/:id/reset-link', { config: { access: 'members:write' }, schema: { summary: 'Makes somebody a link to a new password', description: 'By e-mail, through the project’s own channel. Where there is none, or it fails, the link is answered here, once: hand it on yourself. It works for 24 hours and once; the sessions of the account end now. Of an account with other projects only whoever may change members in all of them makes one.', tags, operationId: 'makeResetLink', params: person, response: { 201: z.strictObject({ expiresMs: z.number(), sent: z.boolean(), why: z.string().optional(), url: z.string().optional() }) } } }, async (request, reply) => {
    const { params: { id }, project, principal } = request
    refuseWhileClosed('links', limits.invitationsOfPerson, principal.id)
    limits.invitationsOfPerson.count(principal.id)
    const done = await resets.make({ project: project.name, userId: id, byOwner: principal.isEverywhere, mayIn: (name) => principal.may('members:write', name) }, changedBy(request))
    if (!done.ok) throw problemOf(done.why)
    const { token, email: to, expiresMs } = done.value
    const link = linkTo('reset', token)
    const outcome = await sendReset({ project, to, by: principal.name, link })
    return reply.status(201).send({ expiresMs, sent: outcome.sent, ...(!outcome.sent && { why: sentencesFor(request)(outcome.why), url: link }) })
  })

  app.post('/api/v1/reset-password', { config: { access: 'public' }, schema: { summary: 'Sets a new password and logs in', description: 'With the token of the link.', tags, operationId: 'resetPassword', body: z.strictObject({ token: tokenSchema, password: passwordSchema }), response: { 201: z.strictObject({ id: z.string() }) } } }, async (request, reply) => {
    const { token, password } = request.body
    refuseOtherSites(request)
    const from = callerKey(request)
    refuseWhileClosed('links that do not work, from this address', limits.linksOfAddress, from)
    const done = await resets.take(token, password, request.ip)
    if (!done.ok) {
      limits.linksOfAddress.count(from)
      throw problemOf(done.why)
    }
    return welcomed(reply, done.value.userId, await logIn(access, request, { email: done.value.email, password }))
  })

  app.get('/api/v1/invitations', { config: { access: 'members:read' }, schema: { summary: 'Lists invitations that can still be accepted', description: 'At most 200, newest first.', tags, operationId: 'listInvitations', response: { 200: z.strictObject({ items: z.array(invitationShape) }) } } }, async ({ project }) => ({
    items: (await accounts.invitations(project.name)).map(({ id, email: to, role: given, expiresMs, createdMs }) => ({ id, email: to, role: knownRole(given), expiresMs, createdMs })),
  }))

  app.post(
    '/api/v1/invitations',
    {
      config: { access: 'members:write' },
      schema: {
        summary: 'Invites somebody', tags, operationId: 'invite',
        description: "By e-mail, through the project's own channel. Where there is none, or it fails, the link is answered here, once: hand it on yourself. It works for 7 days.",
        body: z.strictObject({ email, role }),
        response: { 201: z.strictObject({ id: z.string(), expiresMs: z.number(), sent: z.boolean(), why: z.string().optional().meta({ description: 'Why it was not sent.' }), url: z.string().optional() }) },
      },
    },
    async (request, reply) => {
      const { body, project, principal } = request
      if (body.role === 'owner' && !principal.isEverywhere) throw problemOf('owners-only')
      refuseWhileClosed('invitations', limits.invitationsOfPerson, principal.id)
      limits.invitationsOfPerson.count(principal.id)
      const { id, token, expiresMs } = await accounts.invite({ project: project.name, email: body.email, role: body.role }, changedBy(request))
      const link = linkTo('join', token)
      const outcome = await sendInvitation({ project, to: body.email, by: principal.name, role: body.role, link })
      return reply.status(201).send({ id, expiresMs, sent: outcome.sent, ...(!outcome.sent && { why: sentencesFor(request)(outcome.why), url: link }) })
    },
  )

  app.delete('/api/v1/invitations/:id', { config: { access: 'members:write' }, schema: { summary: 'Takes an invitation back', tags, operationId: 'cancelInvitation', params: person, response: { 204: z.null() } } }, async (request, reply) => {
    const { params: { id }, project } = request
    if (!(await accounts.cancelInvitation(project.name, id, changedBy(request)))) throw new Problem(404, 'not-found', `There is no invitation "${id}" in project ${project.name} that waits.`)
    return reply.status(204).send(null)
  })

  app.post('/api/v1/join', { config: { access: 'public' }, schema: { summary: 'Accepts an invitation and logs in', description: 'With the token of the link. Whoever has an account gives its password.', tags, operationId: 'join', body: z.strictObject({ token: tokenSchema, name: nameSchema, password: passwordSchema }), response: { 201: z.strictObject({ id: z.string() }) } } }, async (request, reply) => {
    const { token, name, password } = request.body
    refuseOtherSites(request)
    const from = callerKey(request)
    refuseWhileClosed('links that do not work, from this address', limits.linksOfAddress, from)
    const done = await accounts.join(token, { name, password }, request.ip)
    if (!done.ok) {
      limits.linksOfAddress.count(from)
      throw problemOf(done.why)
    }
    return welcomed(reply, done.value.userId, await logIn(access, request, { email: done.value.email, password }))
  })
}

/** With the cookies of the session, that was begun. */
export function welcomed(reply: FastifyReply, id: string, cookies: readonly string[]): FastifyReply {
  for (const line of cookies) void reply.header('set-cookie', line)
  return reply.status(201).send({ id })
}

const problems: Readonly<Record<Refusal, readonly [number, string, string]>> = {
  'no-link': [410, 'link-gone', 'Link used or expired. Run: tocsin owner-link, or ask who invited you for another.'],
  'wrong-password': [401, 'wrong-password', 'There is an account with this address. Give its password.'],
  'last-owner': [409, 'last-owner', 'Somebody has to own the installation. Make another owner first.'],
  nobody: [404, 'not-found', 'There is nobody by this id in this project.'],
  'other-projects': [403, 'forbidden', 'This account has other projects, in which you change nobody. Ask an owner of the installation.'],
  'owners-only': [403, 'forbidden', 'Only an owner makes owners, and changes them.'],
}

export function problemOf(why: Refusal): Problem {
  const [status, code, detail] = problems[why]
  return new Problem(status, code, detail)
}

function knownRole(given: string): (typeof roles)[number] {
  // What a newer server has given and this one does not know allows nothing here.
  return roles.find((known) => known === given) ?? 'viewer'
}
