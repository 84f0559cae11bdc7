import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { alertFileSchema, alertFrom, permissions, routedInWords, routedOf, type Alert } from 'tocsin/engine'
import { askingOf, readQuery } from './lists/asking.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const body = z
  .strictObject({
    alert: alertFileSchema.optional().meta({ description: 'An alert as conditions see it.' }),
    id: z.string().regex(/^alt_\d{1,15}$/, 'expected an alert such as alt_51').optional().meta({ description: 'Or one on record.' }),
    atMs: z.int().min(0).max(8_640_000_000_000_000).optional().meta({ description: 'When it fires. Absent: now.' }),
  })
  .refine(({ alert, id }) => (alert === undefined) !== (id === undefined), { error: 'expected an alert, or the id of one: exactly one of the two' })

const text = z.string()
const routed = z
  .looseObject({
    routes: z.array(z.looseObject({ route: text, verdict: z.enum(['matches', 'lacks', 'fails', 'not-asked']), stops: z.boolean().optional(), sentence: text })),
    told: z.array(z.looseObject({ person: text, channel: text, route: text, dueMs: z.number(), isCollected: z.boolean(), sentence: text })),
    decisions: z.array(z.looseObject({ person: text, channel: text, reason: text, verdict: text.meta({ description: 'In a word.' }), sentence: text })),
  })
  .meta({ id: 'RoutedAlert', description: 'What each route says, who is told by what and when, and who is not and why; each in a sentence of the language asked for. Addresses are shortened.' })

/** Who would be told of an alert, by what and when, and why others would not: by the router of the engine. Nothing is sent. */
export const routeTestRoutes: Routes = (untyped, { store, clock }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  app.post('/api/v1/routes/test', { config: { access: 'routes:read' }, schema: { summary: 'Tells who would be told', description: 'What only a running engine knows is not asked: silences, groups that have begun, limits.', tags: ['routes'], operationId: 'testRoutes', querystring: z.strictObject(readQuery), body, response: { 200: routed } } }, async (request) => {
    const { body: { alert: given, id, atMs = clock.nowMs() }, project, principal } = request
    const alert = given === undefined ? await onRecord(Number(id?.slice('alt_'.length))) : alertFrom(given, 'alert', project.name, atMs)
    const role = principal.roleIn(project.name)
    const isTheirs = alert?.project === project.name && role !== undefined && (id === undefined || permissions[role].receives.includes(alert.kind))
    if (alert === undefined || !isTheirs) throw new Problem(404, 'not-found', `There is no alert ${id ?? ''} in project ${project.name} that you may see.`)
    // Reason for the cast: it is JSON of this form, made for whoever prints it.
    return routedInWords(routedOf(project.config, alert, atMs), askingOf(request, request.query)) as z.output<typeof routed>
  })

  function onRecord(id: number): Promise<Alert | undefined> {
    return store.read.alert(id)
  }
}
