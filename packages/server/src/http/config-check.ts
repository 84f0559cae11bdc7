import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { kindNames, kindOf } from '../projects/kinds.ts'
import { byOf } from './entries.ts'
import { Problem, sentencesFor } from './problem.ts'
import type { Routes } from './routes.ts'

const changesMax = 200
const bodyBytesMax = 4 * 1024 * 1024

const body = z.strictObject({
  changes: z
    .array(z.strictObject({ kind: z.enum(kindNames), name: z.string().min(1).max(200), value: z.unknown().optional().meta({ description: 'As in PUT. Absent: it is taken away.' }) }))
    .min(1)
    .max(changesMax),
})

const place = z.strictObject({ pointer: z.string(), detail: z.string() })

/** What would be said of changes, without making them: for forms, and for changes that only hold together. */
export const configCheckRoutes: Routes = (untyped, { configuration }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  app.post('/api/v1/config/check', { bodyLimit: bodyBytesMax, config: { access: 'routes:read' }, schema: { summary: 'Checks changes without making them', description: 'All of them together, with everything else that is configured. Whoever may not make a change may not have it checked.', tags: ['config'], operationId: 'checkConfig', body, response: { 200: z.strictObject({ ok: z.boolean(), problems: z.array(place) }) } } }, async (request) => {
    const { body: { changes }, principal, project } = request
    const asked = changes.map(({ kind, ...rest }) => ({ ...rest, kind: kindOf(kind) }))
    const refused = asked.find(({ kind }) => !principal.may(kind.write, project.name))
    if (refused !== undefined) throw new Problem(403, 'forbidden', `You may not change ${refused.kind.path} here.`)
    const { places } = await configuration.check(project.name, asked, byOf(request))
    const say = sentencesFor(request)
    return { ok: places.length === 0, problems: places.map(({ pointer, detail }) => ({ pointer: pointer === '' ? '' : `/changes${pointer}`, detail: say(detail) })) }
  })
}
