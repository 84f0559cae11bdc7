import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { EventInput } from 'tocsin/engine'
import { takesBodies } from './bodies.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const eventsMax = 1_000
/** Bytes that are none would stand for one another, and two ids be one. A mark of the byte order is no JSON. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Each event is looked at by the engine, which says of each what is wrong with it. */
const body = z.strictObject({ events: z.array(z.unknown()).min(1).max(eventsMax) })

const response = z.object({
  accepted: z.int().describe('New events, on record with every notification they caused'),
  duplicates: z.int().describe('Events that were there already and changed nothing'),
  refused: z
    .array(z.object({ index: z.int().describe('Place in what was sent, from 0'), refused: z.enum(['event-invalid', 'too-old', 'id-reused', 'other-project']), why: z.string() }))
    .describe('Events of which nothing was kept; sent again they are refused again'),
})

/** `POST /api/v1/events`: events in the product's own words. Answered after the commit. */
export const eventRoutes: Routes = (app: FastifyInstance, { intake }) => {
  takesBodies(app, intake, { 'application/json': parse })
  app.post(
    '/api/v1/events',
    { config: { access: 'events:write' }, schema: { body, response: { 200: response }, summary: 'Events in the product’s own words', operationId: 'sendEvents', tags: ['ingest'] } },
    async (request) => {
      // Reason for the cast: the schema above was checked, and the engine believes nothing of a single event.
      const { events } = request.body as { readonly events: readonly EventInput[] }
      const own: EventInput[] = []
      const places: number[] = []
      const foreign: z.infer<typeof response>['refused'] = []
      for (const [index, event] of events.entries()) {
        const named = projectOf(event)
        if (named === undefined || named === request.project.name) {
          own.push(event)
          places.push(index)
        } else {
          foreign.push({ index, refused: 'other-project', why: `expected events of project ${request.project.name}, or none named: each request is for one project` })
        }
      }
      await request.admission.turn()
      const { accepted, duplicates, refused } = own.length === 0 ? { accepted: 0, duplicates: 0, refused: [] } : await request.project.engine.accept(own)
      const all = [...foreign, ...refused.map((one) => ({ index: places[one.index] ?? one.index, refused: one.refused, why: one.why }))]
      intake.counts.events += events.length
      intake.counts.eventsRefused += all.length
      return { accepted, duplicates, refused: all.toSorted((one, other) => one.index - other.index) }
    },
  )

  function projectOf(event: unknown): unknown {
    return typeof event === 'object' && event !== null && 'project' in event ? event.project : undefined
  }

  function parse(bytes: Buffer): unknown {
    try {
      return JSON.parse(utf8.decode(bytes))
    } catch {
      intake.counts.refusedMalformed++
      // The parser's own words repeat what was sent.
      throw new Problem(400, 'bad-json', 'Expected JSON: { "events": [ … ] }.')
    }
  }
}
