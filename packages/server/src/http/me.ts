import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { operations, parts, permissions, roles } from 'tocsin/engine'
import { z } from 'zod'
import { personOf } from '../access/principal.ts'
import { changedBy } from './by.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const tags = ['me']

const adminsMax = 3

const me = z
  .strictObject({
    kind: z.enum(['user', 'key']),
    id: z.string(),
    name: z.string(),
    email: z.string().optional(),
    isOwner: z.boolean(),
    projects: z.array(
      z.strictObject({
        name: z.string(),
        role: z.enum(roles).meta({ description: 'Of a key the role whose view it has.' }),
        person: z.string().optional().meta({ description: 'Who they are among the people of the configuration, by their e-mail address.' }),
        operations: z.array(z.enum(operations)).meta({ description: 'What they may do there.' }),
        admins: z.array(z.string()).optional().meta({ description: `Names of owners and admins, at most ${adminsMax}: whom somebody of another role asks for what they may not.` }),
        sees: z.array(z.enum(parts)).meta({ description: 'Parts of what is on record that they may see.' }),
      }),
    ),
  })
  .meta({ id: 'Me' })

const sessionShape = z.strictObject({ id: z.string(), isThis: z.boolean(), createdMs: z.number(), expiresMs: z.number(), address: z.string().optional(), userAgent: z.string().optional() })

/** Who asks, and where they are logged in. */
export const meRoutes: Routes = (untyped, { projects, access: { accounts } }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()

  app.get('/api/v1/me', { config: { access: 'known' }, schema: { summary: 'Who am I, and what may I do', tags, operationId: 'me', response: { 200: me } } }, async ({ principal }) => {
    const { kind, id, name, email, isEverywhere } = principal
    return {
      kind, id, name, ...(email !== undefined && { email }), isOwner: kind === 'user' && isEverywhere,
      projects: (await Promise.all(projects.names().map(async (project) => {
        const role = principal.roleIn(project)
        const running = projects.get(project)
        if (role === undefined || running === undefined) return []
        const person = personOf(principal, running.config)
        const asks = kind === 'user' && role !== 'owner' && role !== 'admin'
        return [{ name: project, role, ...(person !== undefined && { person }), ...(asks && { admins: [...(await accounts.admins(project, adminsMax))] }), operations: operations.filter((operation) => principal.may(operation, project)), sees: [...permissions[role].sees] }]
      }))).flat(),
    }
  })

  app.get('/api/v1/me/sessions', { config: { access: 'person' }, schema: { summary: 'Where I am logged in', tags, operationId: 'listSessionsOfMe', response: { 200: z.strictObject({ items: z.array(sessionShape) }) } } }, async ({ principal, sessionId }) => ({
    items: (await accounts.sessions(principal.id)).map((session) => ({ ...session, isThis: session.id === sessionId })),
  }))

  app.delete('/api/v1/me/sessions/:id', { config: { access: 'person' }, schema: { summary: 'Ends one of my sessions', description: '`others`: all but this one.', tags, operationId: 'endSession', params: z.strictObject({ id: z.string().max(100) }), response: { 204: z.null() } } }, async (request, reply) => {
    const { params: { id }, principal, sessionId } = request
    const ended = await accounts.endSessions(principal.id, id === 'others' ? { but: sessionId ?? '' } : { id }, changedBy(request))
    if (ended === 0 && id !== 'others') throw new Problem(404, 'not-found', 'There is no such session of yours.')
    return reply.status(204).send(null)
  })
}
