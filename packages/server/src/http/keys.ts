import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { keyScopes, type ListedKey } from '../access/key.ts'
import { changedBy } from './by.ts'
import { pageOf, pageQuery, placeOf } from './lists/asking.ts'
import { pageAnswer } from './page-answer.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const keyShape = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    scope: z.enum(keyScopes).meta({ description: 'ingest: sends events and sees nothing; read: sees what a developer sees; manage: does what an admin does, but invite people.' }),
    project: z.string().optional().meta({ description: 'Absent: all projects.' }),
    last4: z.string(),
    state: z.enum(['active', 'expired', 'revoked']),
    createdMs: z.number(),
    createdBy: z.string(),
    expiresMs: z.number().optional(),
    revokedMs: z.number().optional(),
    usedMs: z.number().optional().meta({ description: 'When it was used last, to the minute.' }),
  })
  .meta({ id: 'Key' })

const newKey = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scope: z.enum(keyScopes),
  allProjects: z.literal(true).optional().meta({ description: 'For every project, those to come too. Owners only.' }),
  expiresMs: z.number().int().positive().max(8.64e15).optional().meta({ description: 'Milliseconds since 1970. Absent: it works until it is revoked.' }),
})

const place = z.strictObject({ createdMs: z.number(), id: z.string() })
const tags = ['keys']

/** Keys of programs. */
export const keyRoutes: Routes = (untyped, { keys, clock }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()

  app.get('/api/v1/keys', { config: { access: 'keys:read' }, schema: { summary: 'Lists keys, newest first', tags, operationId: 'listKeys', querystring: z.strictObject({ project: pageQuery.project, cursor: pageQuery.cursor, limit: pageQuery.limit }), response: { 200: pageOf(keyShape) } } }, async ({ query: { cursor, limit }, project, principal }) => {
    const before = placeOf(place, cursor)
    const found = await keys.list({ project: project.name, withInstallation: principal.isEverywhere, limit: limit + 1, ...(before !== undefined && { before }) })
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return pageAnswer(items, found.length > limit && last !== undefined ? { createdMs: last.createdMs, id: last.id } : undefined)
  })

  app.post('/api/v1/keys', { config: { access: 'keys:write' }, schema: { summary: 'Makes a key', description: 'The key itself is answered here, once.', tags, operationId: 'createKey', body: newKey, response: { 201: keyShape.extend({ key: z.string() }) } } }, async (request, reply) => {
    const { principal, project, body: { name, scope, allProjects, expiresMs } } = request
    if (allProjects === true && !principal.isEverywhere) throw new Problem(403, 'forbidden', 'Only an owner makes keys for all projects.')
    if (expiresMs !== undefined && expiresMs <= clock.nowMs()) throw new Problem(422, 'invalid', 'Expected a time to come.', { places: [{ pointer: '/expiresMs', detail: 'is over' }] })
    // A key that ends makes none that goes on.
    if (principal.expiresMs !== undefined && (expiresMs ?? Infinity) > principal.expiresMs) throw new Problem(403, 'forbidden', 'A key that expires makes no keys that outlive it. Give expiresMs.')
    const { id, key } = await keys.create({ name, scope, ...(allProjects !== true && { project: project.name }), ...(expiresMs !== undefined && { expiresMs }) }, changedBy(request))
    const made = await keys.byId(id)
    if (made === undefined) throw new Error('expected the key that was made just now')
    return reply.status(201).send({ ...made, key })
  })

  app.delete('/api/v1/keys/:id', { config: { access: 'keys:write' }, schema: { summary: 'Revokes a key', description: 'At once on this node, within 5 s on every other.', tags, operationId: 'revokeKey', params: z.strictObject({ id: z.string().max(100) }), response: { 204: z.null() } } }, async (request, reply) => {
    const { params: { id }, project, principal } = request
    const key = await keys.byId(id)
    if (key === undefined || !reaches(key)) throw new Problem(404, 'not-found', `There is no key "${id}" in project ${project.name}.`)
    if (!(await keys.revoke(id, changedBy(request)))) throw new Problem(409, 'revoked', 'This key was revoked before.')
    return reply.status(204).send(null)

    function reaches({ project: of }: ListedKey): boolean {
      return of === undefined ? principal.isEverywhere : of === project.name
    }
  })
}
