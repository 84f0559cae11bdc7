import type { FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { configSchema } from 'tocsin/engine'
import { byOf } from './entries.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const name = configSchema.shape.project.unwrap()

const project = z
  .strictObject({ name: z.string(), title: z.string(), origin: z.enum(['file', 'api']), readOnly: z.boolean(), createdMs: z.number().optional(), trouble: z.string().optional().meta({ description: 'Why what was configured last is not in force.' }) })
  .meta({ id: 'Project' })

/** Projects: walls between configurations, people and what is recorded. */
export const projectRoutes: Routes = (untyped, { projects, configuration }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const tags = ['projects']

  app.get('/api/v1/projects', { config: { access: 'projects:read', scope: 'installation' }, schema: { summary: 'Lists projects', description: 'Those that you may see.', tags, operationId: 'listProjects', response: { 200: z.strictObject({ items: z.array(project) }) } } }, async ({ principal }) => {
    const made = new Map((await configuration.projects()).map((row) => [row.name, row]))
    const troubles = new Map(projects.troubles().map(({ project: of, cause }) => [of, cause]))
    const seen = projects.names().filter((one) => principal.may('projects:read', one))
    return {
      items: seen.map((one) => {
        const row = made.get(one)
        const trouble = troubles.get(one)
        return { name: one, title: row?.title ?? one, origin: row === undefined ? ('file' as const) : ('api' as const), readOnly: row === undefined, ...(row !== undefined && { createdMs: row.created_ms }), ...(trouble !== undefined && { trouble }) }
      }),
    }
  })

  app.post('/api/v1/projects', { config: { access: 'projects:write', scope: 'installation' }, schema: { summary: 'Makes a project', description: 'Empty: no channels but console and inbox, no routes. It is served at once.', tags, operationId: 'createProject', body: z.strictObject({ name, title: z.string().min(1).max(200).optional() }), response: { 201: project } } }, async (request, reply) => {
    const { name: wanted, title = wanted } = request.body
    refuseUnlessOwner(request)
    const row = await configuration.addProject({ name: wanted, title }, byOf(request))
    return reply.status(201).send({ name: row.name, title: row.title, origin: 'api', readOnly: false, createdMs: row.created_ms })
  })

  app.delete('/api/v1/projects/:name', { config: { access: 'projects:write', scope: 'installation' }, schema: { summary: 'Takes a project away', description: 'With all that was configured in it, at once; its keys are revoked, and its members and invitations end. What it has recorded stays until it is too old. That of the file cannot be taken away.', tags, operationId: 'deleteProject', params: z.strictObject({ name: z.string().max(64) }), response: { 204: z.null() } } }, async (request, reply) => {
    refuseUnlessOwner(request)
    await configuration.removeProject(request.params.name, byOf(request))
    return reply.status(204).send(null)
  })
}

/** Whoever owns one project owns not the others, and not whether there are more. */
function refuseUnlessOwner({ principal }: FastifyRequest): void {
  if (!principal.isEverywhere) throw new Problem(403, 'forbidden', 'Only an owner of the installation makes projects and takes them away.')
}
