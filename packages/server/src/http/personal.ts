import { Readable } from 'node:stream'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Subject } from 'tocsin/engine'
import { recordChange } from '../access/audit.ts'
import { eraseSubject, exportLines, personOf, stillConfigured } from '../personal/personal.ts'
import { pageQuery } from './lists/asking.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const name = z.strictObject({ name: z.string().min(1).max(200) })
const user = z.strictObject({ user: z.string().min(1).max(500) })
const erased = z.strictObject({ as: z.string().meta({ description: 'What stands in the place of the name from now on.' }), rows: z.number().meta({ description: 'Rows that were deleted or changed.' }) }).meta({ id: 'Erased' })
const querystring = z.strictObject({ project: pageQuery.project })
const tags = ['data']
const exported = { description: 'JSON lines: first whom it is about, then each thing that is kept, with its kind.', content: { 'application/x-ndjson': { schema: z.string() } } }

/** What is kept about somebody: all of it, and its end. */
export const personalRoutes: Routes = (untyped, { store, database, clock, chance }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()

  async function answer({ project, principal, ip }: Pick<FastifyRequest, 'project' | 'principal' | 'ip'>, reply: FastifyReply, of: Subject, settings?: unknown): Promise<FastifyReply> {
    await recordChange({ db: database.db, clock }, { project: project.name, principal, action: of.kind === 'person' ? 'people.export' : 'agent-users.export', target: of.kind === 'person' ? of.person : of.user, address: ip })
    // Nobody between here and whoever asked keeps a copy.
    return reply.type('application/x-ndjson').header('cache-control', 'no-store').send(Readable.from(exportLines({ store, db: database.db, clock, project: project.name, of, ...(settings !== undefined && { settings }) })))
  }

  async function erase({ project, principal, ip }: Pick<FastifyRequest, 'project' | 'principal' | 'ip'>, of: Subject): Promise<z.infer<typeof erased>> {
    const done = await eraseSubject({ store, db: database.db, clock, chance, project: project.name, of })
    // Not the name: the record outlives it.
    await recordChange({ db: database.db, clock }, { project: project.name, principal, action: of.kind === 'person' ? 'people.erase' : 'agent-users.erase', target: done.as, after: { rows: done.rows }, address: ip })
    return done
  }

  app.get('/api/v1/people/:name/export', { config: { access: 'data:export' }, schema: { summary: 'All that is kept about a person', description: 'Deliveries with where they went, letters of inboxes, decisions, what they did, what they stopped, and their entry in the configuration.', tags, operationId: 'exportPerson', params: name, querystring, response: { 200: exported } } }, async (request, reply) => {
    const { project, params } = request
    return answer(request, reply, personOf(params.name, project.config), project.config.people[params.name])
  })

  app.post('/api/v1/people/:name/erase', { config: { access: 'data:erase' }, schema: { summary: 'Erases what is kept about a person', description: 'Who is no longer in the configuration. What waits to be sent to them ends as `erased`; addresses and letters are deleted; decisions keep a name that says nothing.', tags, operationId: 'erasePerson', params: name, querystring, response: { 200: erased } } }, async (request) => {
    const { project, params } = request
    if (project.config.people[params.name] !== undefined) throw new Problem(409, 'configured', stillConfigured(params.name))
    return erase(request, personOf(params.name, undefined))
  })

  app.get('/api/v1/agent-users/:user/export', { config: { access: 'data:export' }, schema: { summary: "All that is kept about a user of an agent", description: 'Sessions and events of `user`.', tags, operationId: 'exportAgentUser', params: user, querystring, response: { 200: exported } } }, async (request, reply) => answer(request, reply, { kind: 'user', user: request.params.user }))

  app.post('/api/v1/agent-users/:user/erase', { config: { access: 'data:erase' }, schema: { summary: 'Erases what is kept about a user of an agent', description: 'The name and whatever was said in their sessions goes; that something happened, and what it cost, stays.', tags, operationId: 'eraseAgentUser', params: user, querystring, response: { 200: erased } } }, async (request) => erase(request, { kind: 'user', user: request.params.user }))
}
