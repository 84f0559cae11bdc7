import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { alertKinds, onDuty, roles } from 'tocsin/engine'
import { z } from 'zod'
import { reachOf } from '../own/reach.ts'
import type { Routes } from './routes.ts'

const ms = z.number()
const address = z.strictObject({
  address: z.string(),
  verified: z.boolean().optional().meta({ description: 'Proved by a code; absent: of this kind nothing is.' }),
  verifiedMs: ms.optional(),
  stoppedMs: ms.optional().meta({ description: 'Since when they want nothing there.' }),
  bad: z.strictObject({ code: z.string(), sinceMs: ms }).optional().meta({ description: 'A provider said that it does not work.' }),
})
const reach = z
  .strictObject({
    person: z.string(),
    role: z.enum(roles),
    reached: z.enum(['own', 'shared', 'none']).meta({ description: '`own`: at an address of theirs; `shared`: only where everybody is, such as an inbox; `none`: nowhere.' }),
    by: z.array(z.strictObject({ type: z.string(), address: z.string().meta({ description: 'Kind of address that it needs; `none`: one for everybody.' }), channels: z.array(z.string()), addresses: z.array(address), off: z.array(z.enum(alertKinds)).meta({ description: 'Kinds of alert that they do not want by it.' }), works: z.boolean() })),
  })
  .meta({ id: 'PersonReach' })
const duty = z
  .strictObject({ rotation: z.string(), person: z.string(), isOverride: z.boolean().meta({ description: 'They stand in for somebody.' }), next: z.strictObject({ person: z.string(), atMs: ms }).optional().meta({ description: 'Who comes then; absent: nobody else for as far as can be seen.' }) })
  .meta({ id: 'Duty' })

/** Who could be told, and who is on duty. */
export const reachRoutes: Routes = (untyped, { store, database: { db }, clock }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()

  app.get('/api/v1/reach', { config: { access: 'people:read' }, schema: { summary: 'Who could be told, and by what', description: 'Everybody at each kind of channel of the project; who cannot be reached is first.', tags: ['people'], operationId: 'listReach', response: { 200: z.strictObject({ items: z.array(reach) }) } } }, async ({ project }) => {
    const people = await reachOf({ store, db, project, nowMs: clock.nowMs() })
    return { items: people.map(({ by, ...person }) => ({ ...person, by: by.map((one) => ({ ...one, channels: [...one.channels], addresses: [...one.addresses], off: [...one.off] })) })) }
  })

  app.get('/api/v1/on-call', { config: { access: 'routes:read' }, schema: { summary: 'Who is on duty now, and who is next', tags: ['rotations'], operationId: 'listDuty', response: { 200: z.strictObject({ items: z.array(duty) }) } } }, async ({ project: { config } }) => ({
    items: Object.entries(config.rotations).map(([rotation, settings]) => {
      const { person, isOverride, next } = onDuty(settings, config, clock.nowMs())
      return { rotation, person, isOverride, ...(next !== undefined && { next: { ...next } }) }
    }),
  }))
}
