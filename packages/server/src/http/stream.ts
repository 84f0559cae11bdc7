import type { FastifyRequest } from 'fastify'
import { errorText } from 'tocsin/engine'
import { z } from 'zod'
import { EventStream } from '../live/event-stream.ts'
import { Feed, type News } from '../live/feed.ts'
import { alertAnswer, deliveryAnswer } from './lists/shapes.ts'
import { askingOf, readQuery } from './lists/asking.ts'
import { eventAnswer, sessionAnswer } from './lists/sessions.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

/** Streams of one process, and of one person or key in it. */
const streamsMax = 500
const streamsOfOneMax = 20

const query = z.strictObject({ ...readQuery, after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().meta({ description: 'The id of the last event that was seen, as the header Last-Event-ID. Absent: from now on.' }) })

/**
 * `GET /api/v1/stream`: what changes, as it changes, and only what its reader may see. Events: `hello`, `alert`, `delivery`, `session`, `first-event`, `reload` (some
 * changes are not kept: load the lists again), and as the last one `end` with a reason.
 */
export const streamRoutes: Routes = (app, { store, projects, clock }) => {
  const feeds = new Map<string, Feed>()
  const open = new Map<EventStream, string>()
  const notice = (text: string): void => app.log.warn(text)

  const feedOf = (project: string): Feed => {
    const known = feeds.get(project)
    if (known !== undefined) return known
    // Of projects that are not served any more nobody listens.
    for (const name of feeds.keys()) if (projects.get(name) === undefined) feeds.delete(name)
    const made = new Feed({ store, clock, project, notice })
    feeds.set(project, made)
    return made
  }

  app.addHook('preClose', async () => {
    for (const stream of open.keys()) stream.leave('shutdown')
  })

  app.get(
    '/api/v1/stream',
    { config: { access: 'alerts:read', answers: { type: 'text/event-stream', says: 'Events, until the client leaves.' } }, schema: { summary: 'What changes, as server-sent events', operationId: 'getStream', tags: ['stream'], produces: ['text/event-stream'], querystring: query } },
    async (request, reply) => {
      // Reason for the cast: the schema above was checked.
      const asked = request.query as z.infer<typeof query>
      askingOf(request, asked)
      const who = `${request.principal.kind}:${request.principal.id}`
      if (open.size >= streamsMax) throw new Problem(503, 'too-many-streams', `Expected at most ${streamsMax} open streams on this server. Come again later, or read the lists.`, { retryAfterSeconds: 30 })
      if ([...open.values()].filter((one) => one === who).length >= streamsOfOneMax) throw new Problem(429, 'too-many-streams', `Expected at most ${streamsOfOneMax} open streams of one key or person. Close some of them.`, { retryAfterSeconds: 30 })
      const after = asked.after ?? lastEventId(request)
      const stream = new EventStream(clock, after ?? 0)
      open.set(stream, who)
      let leave = (): void => undefined
      stream.on('close', () => {
        open.delete(stream)
        leave()
      })
      feedOf(request.project.name)
        .listen(
          async (news) => {
            tell(stream, request, asked, news)
            await stream.room()
          },
          after,
          (place) => stream.tell('hello', { place }, place),
        )
        .then((left) => {
          leave = left
          if (stream.destroyed) left()
        })
        .catch((failure: unknown) => {
          notice(`a stream of ${request.project.name} was not begun: ${errorText(failure)}`)
          stream.leave('failed')
        })
      return reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-store').header('x-accel-buffering', 'no').send(stream)
    },
  )
}

/** What of the news its reader may see, by the role that they have now. */
function tell(stream: EventStream, request: FastifyRequest, asked: z.infer<typeof query>, { alerts, deliveries, told, sessions, firstEvent, isGap, place }: News): void {
  if (!request.principal.may('alerts:read', request.project.name)) {
    stream.leave('forbidden')
    return
  }
  const asking = askingOf(request, asked)
  const events: (readonly [event: string, data: unknown])[] = []
  const add = (event: string, data: unknown): void => {
    if (data !== undefined) events.push([event, data])
  }
  if (isGap) add('reload', { reason: 'gap' })
  if (firstEvent !== undefined) add('first-event', eventAnswer(firstEvent, asking) ?? { type: firstEvent.type, atMs: firstEvent.atMs })
  for (const session of sessions) add('session', sessionAnswer(session, asking))
  for (const alert of alerts) add('alert', alertAnswer(alert, asking))
  for (const delivery of deliveries) add('delivery', deliveryAnswer(delivery, asking, told))
  events.forEach(([event, data], index) => stream.tell(event, data, index === events.length - 1 ? place : undefined))
  stream.reached(place)
}

function lastEventId({ headers }: FastifyRequest): number | undefined {
  const given = headers['last-event-id']
  if (given === undefined || given === '') return undefined
  const place = Number(given)
  if (!Number.isSafeInteger(place) || place < 0) throw new Problem(422, 'invalid', 'Expected the header Last-Event-ID to be the id of an event of this stream.')
  return place
}
