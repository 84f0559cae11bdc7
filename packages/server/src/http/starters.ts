import type { FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { audiences } from 'tocsin/engine'
import { z } from 'zod'
import type { Asker } from '../own/own-person.ts'
import { kindNames } from '../projects/kinds.ts'
import { starterFor, type Starter } from '../projects/starters.ts'
import { byOf } from './entries.ts'
import { Problem, sentencesFor } from './problem.ts'
import type { Routes } from './routes.ts'

const thing = z.strictObject({ kind: z.enum(kindNames), path: z.string(), name: z.string(), value: z.unknown() })
const starter = z
  .strictObject({
    name: z.enum(audiences).meta({ description: '`me`: whoever asks hears everything; `team`: everybody, what can wait in a digest; `on-call`: who is on duty, by one channel after the other.' }),
    makes: z.array(thing).meta({ description: 'What it would make, beside what is there.' }),
    possible: z.boolean(),
    why: z.string().optional().meta({ description: 'Why it is not for this project.' }),
  })
  .meta({ id: 'Starter' })
const wishes = z.strictObject({
  channels: z.array(z.string().min(1).max(64)).min(1).max(10).optional().meta({ description: 'By which people are told, in order. Absent: all that are configured, and an inbox where there is none.' }),
  budgetUsd: z.number().positive().max(9_000_000).optional().meta({ description: 'A budget of so much a month. Absent: none.' }),
})
const tags = ['config']

/** Three first configurations, as `tocsin init` writes them into a file. */
export const starterRoutes: Routes = (untyped, { configuration }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const askerOf = (request: FastifyRequest): Asker => ({ project: request.project, by: { ...byOf(request), principal: request.principal } })

  app.get('/api/v1/starters', { config: { access: 'routes:read' }, schema: { summary: 'Lists first configurations', description: 'With what each would make in this project.', tags, operationId: 'listStarters', response: { 200: z.strictObject({ items: z.array(starter) }) } } }, async (request) => ({
    items: await Promise.all(audiences.map(async (name) => shown(await starterFor(configuration, askerOf(request), name, {}), sentencesFor(request)))),
  }))

  app.post('/api/v1/starters/:name', { config: { access: 'routes:write' }, schema: { summary: 'Makes a first configuration', description: 'All of it or nothing, and nothing that is there is replaced. Each thing is on record as if it were made by itself.', tags, operationId: 'makeStarter', params: z.strictObject({ name: z.enum(audiences) }), body: wishes, response: { 201: starter } } }, async (request, reply) => {
    const { project, principal, body, params: { name } } = request
    const made = await starterFor(configuration, askerOf(request), name, body)
    if (made.why !== undefined) throw new Problem(409, 'not-fitting', made.why)
    const refused = made.things.find(({ kind }) => !principal.may(kind.write, project.name))
    if (refused !== undefined) throw new Problem(403, 'forbidden', `You may not make ${refused.kind.path} here.`)
    await configuration.make(project.name, made.things, byOf(request))
    return reply.status(201).send(shown(made, sentencesFor(request)))
  })
}

function shown({ name, things, why }: Starter, say: (english: string) => string): z.infer<typeof starter> {
  return { name, makes: things.map(({ kind, name: called, value }) => ({ kind: kind.name, path: `/api/v1/${kind.path}/${encodeURIComponent(called)}`, name: called, value })), possible: why === undefined, ...(why !== undefined && { why: say(why) }) }
}
