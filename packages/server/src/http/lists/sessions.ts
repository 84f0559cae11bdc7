import { eventTypes, explainFailure, severities, type CostPlace, type EventListAsk, type Session, type SessionListAsk, type StoredEvent } from 'tocsin/engine'
import { z } from 'zod'
import { seesPart, shownEvent, shownKinds, shownSession } from '../../access/shown-to.ts'
import { Problem } from '../problem.ts'
import type { Routes } from '../routes.ts'
import { answerOf, askingOf, etagOf, isHeld, manyOf, name, pageOf, pageQuery, placeOf, readQuery, timeMs, timePlace, unchanged, wordOf, type Asking } from './asking.ts'
import { alertAnswer, alertShape } from './shapes.ts'

const sessionStates = ['running', 'success', 'fail', 'indeterminate'] as const

const listQuery = z.strictObject({
  ...pageQuery,
  state: manyOf(sessionStates),
  agent: name,
  user: name,
  since: timeMs,
  until: timeMs,
  minCostUsd: z.coerce.number().min(0).max(9_000_000).optional(),
  sort: z.enum(['newest', 'cost']).default('newest').meta({ description: 'cost: the dearest of at most the newest 20,000 in the time asked for; `fromMs` says since when those began.' }),
})

const text = z.string()
const ms = z.number()
const failureShape = z.object({ eventId: text, atMs: ms, step: z.number(), type: text, name: text, provider: text.optional(), class: text, statusCode: z.number().optional(), message: text }).meta({ id: 'FirstFailure' })
const sessionShape = z.object({
  id: text, project: text, state: z.enum(sessionStates), name: text.optional(), agent: text.optional(), user: text.optional(), environment: text.optional(), firstAtMs: ms, lastAtMs: ms,
  startedAtMs: ms.optional(), endedAtMs: ms.optional(), endReason: text.optional(), calls: z.number(), errors: z.number(), costNanoUsd: z.number().optional(), unpriced: z.number().optional(), firstFailure: failureShape.optional(),
}).meta({ id: 'Session' })

const count = z.number()
const llmShape = z
  .object({
    provider: text, model: text.meta({ description: 'The one that answered.' }), requestedModel: text.optional(), operation: wordOf(['chat', 'completion', 'embeddings', 'other']),
    inputTokens: count.optional(), outputTokens: count.optional(), cacheReadTokens: count.optional(), cacheWriteTokens: count.optional(), reasoningTokens: count.optional(), responseId: text.optional(), finishReason: text.optional(),
    answerChars: count.optional(), flaw: wordOf(['refusal', 'malformed-tool-call', 'malformed-json', 'repetition']).optional(), streamed: z.boolean().optional(), timeToFirstTokenMs: ms.optional(), retries: count.optional(),
    costNanoUsd: count.optional(), costSource: wordOf(['reported', 'priced', 'unknown']).optional(),
  })
  .meta({ id: 'LlmCall' })
const toolShape = z.object({ name: text, callId: text.optional(), argumentsHash: text.optional() }).meta({ id: 'ToolCall' })
const announcementShape = z
  .object({ title: text, body: text.optional(), severity: z.enum(severities), to: z.array(text).optional(), direct: z.object({ channel: text, address: text.optional() }).optional(), about: text.optional(), over: z.boolean().optional() })
  .meta({ id: 'Announcement' })

const eventShape = z.object({
  id: text, type: wordOf(eventTypes).meta({ description: 'Or one of the product itself, tocsin.*' }), source: text, atMs: ms, durationMs: ms, status: z.enum(['ok', 'error']), sessionId: text.optional(), name: text.optional(), agent: text.optional(), user: text.optional(),
  environment: text.optional(), tags: z.record(text, text), depth: z.number().optional(), duplicateOf: text.optional(), endState: text.optional(), endReason: text.optional(), excerpt: text.optional(),
  error: z.object({ class: text, message: text, statusCode: z.number().optional(), code: text.optional() }).optional(),
  llm: llmShape.optional(), tool: toolShape.optional(), detail: z.record(text, text).optional(), announcement: announcementShape.optional(),
}).meta({ id: 'Event' })
const stepShape = eventShape.extend({ isCause: z.literal(true).optional().meta({ description: 'The first failing step that was not made good.' }) }).meta({ id: 'SessionStep' })

const costPlace = z.strictObject({ costNanoUsd: z.number(), id: z.string(), fromMs: z.number(), untilMs: z.number() })
const stepsShown = 200
const alertsShown = 20

/** `GET /api/v1/sessions`, one of them with its steps, and `GET /api/v1/events`. */
export const sessionRoutes: Routes = (app, { store, clock }) => {
  app.get(
    '/api/v1/sessions',
    { config: { access: 'sessions:read' }, schema: { summary: 'Sessions, newest or dearest first', operationId: 'listSessions', tags: ['sessions'], querystring: listQuery, response: { 200: pageOf(sessionShape).extend({ fromMs: z.number().optional() }) } } },
    async (request) => {
      // Reason for the cast, here and below: the schema of the route was checked.
      const query = request.query as z.infer<typeof listQuery>
      const asking = askingOf(request, query)
      const { state, agent, user, since, until, minCostUsd, sort, limit } = query
      refuseHidden(asking, { 'minCostUsd': minCostUsd !== undefined, 'sort=cost': sort === 'cost' }, 'costDetail')
      refuseHidden(asking, { user: user !== undefined }, 'personalData')
      const ask: Omit<SessionListAsk, 'after'> = {
        project: request.project.name, limit, ...(state !== undefined && { states: state }), ...(agent !== undefined && { agent }), ...(user !== undefined && { user }),
        ...(since !== undefined && { sinceMs: since }), ...(until !== undefined && { untilMs: until }), ...(minCostUsd !== undefined && { minCostNanoUsd: Math.ceil(minCostUsd * 1e9) }),
      }
      const shown = (items: readonly Session[]) => items.flatMap((session) => sessionAnswer(session, asking) ?? [])
      if (sort === 'cost') {
        const from: CostPlace | undefined = placeOf(costPlace, query.cursor)
        const { items, next, fromMs } = await store.read.costliestSessions({ ...ask, nowMs: clock.nowMs(), ...(from !== undefined && { after: from }) })
        return { ...answerOf(shown(items), next), fromMs }
      }
      const after = placeOf(timePlace, query.cursor)
      const { items, next } = await store.read.listSessions({ ...ask, ...(after !== undefined && { after }) })
      return answerOf(shown(items), next)
    },
  )

  const one = z.object({ id: z.string().min(1).max(600) })
  app.get(
    '/api/v1/sessions/:id',
    {
      config: { access: 'sessions:read' },
      schema: {
        summary: 'One session: its steps in order, where it first failed and why', operationId: 'getSession', tags: ['sessions'], params: one, querystring: z.strictObject(readQuery),
        response: { 200: sessionShape.extend({
          steps: z.array(stepShape), nextSteps: text.optional().meta({ description: 'Cursor for /api/v1/events?session=… where there are more.' }),
          cause: z.object({ eventId: text.optional(), class: text, sentence: text, recovered: z.number() }).optional(), alerts: z.array(alertShape),
        }).meta({ id: 'SessionDetail' }), 304: unchanged },
      },
    },
    async (request, reply) => {
      const asking = askingOf(request, request.query as z.infer<z.ZodObject<typeof readQuery>>)
      const { id } = request.params as z.infer<typeof one>
      const project = request.project.name
      const session = await store.read.session(project, id)
      const answer = session && sessionAnswer(session, asking)
      if (session === undefined || answer === undefined) throw new Problem(404, 'not-found', `There is no session "${id.slice(0, 100)}" in project ${project} that you may see.`)
      const alerts = (await store.read.listAlerts({ project, sessionId: id, limit: alertsShown, kinds: shownKinds(asking.role) })).items
      const etag = etagOf(session.state, session.lastAtMs, session.calls, session.errors, session.costNanoUsd, ...alerts.map((alert) => `${alert.id}${alert.state}${alert.count}`), asking.role, asking.locale)
      void reply.header('etag', etag).header('vary', 'accept-language, authorization')
      if (isHeld(request, etag)) return reply.status(304).send()
      const { items, next } = await stepsOf(project, id)
      // What rules keep of a session is theirs; the same analysis over its events needs all of them, or those up to where it broke.
      const explained = session.errors > 0 || session.state === 'fail' ? explainFailure(items, { locale: asking.locale }) : undefined
      const causeId = explained?.cause?.eventId ?? session.firstFailure?.eventId
      return {
        ...answer,
        steps: items.flatMap((event) => {
          const step = eventAnswer(event, asking)
          return step === undefined ? [] : [{ ...step, ...(event.id === causeId && { isCause: true as const }) }]
        }),
        ...answerNext(next),
        ...(explained !== undefined && { cause: { ...(causeId !== undefined && { eventId: causeId }), class: explained.class, sentence: seesPart(asking.role, 'sessionContent') ? explained.sentence : '', recovered: explained.recovered } }),
        alerts: alerts.flatMap((alert) => alertAnswer(alert, asking) ?? []),
      }
    },
  )

  /** Looks on while few of what happened at that time belong to it, a few times. */
  async function stepsOf(project: string, sessionId: string): Promise<{ readonly items: readonly StoredEvent[]; readonly next: EventListAsk['after'] }> {
    const items: StoredEvent[] = []
    let after: EventListAsk['after']
    for (let looks = 0; looks < sessionLooksMax; looks += 1) {
      const found = await store.read.listEvents({ project, sessionId, limit: stepsShown - items.length, ...(after !== undefined && { after }) })
      items.push(...found.items)
      after = found.next
      if (after === undefined || items.length >= stepsShown) break
    }
    return { items, next: after }
  }

  const eventQuery = z.strictObject({
    ...pageQuery,
    type: z.union([z.string().max(200), z.array(z.string().max(100)).max(20)]).optional().meta({ description: `One or several of ${eventTypes.join(', ')}, or of the product's own tocsin.*` }),
    session: name.meta({ description: 'Those of a session come oldest first, all others newest first.' }),
    agent: name,
    status: z.enum(['ok', 'error']).optional(),
    since: timeMs,
    until: timeMs,
  })
  app.get(
    '/api/v1/events',
    { config: { access: 'sessions:read' }, schema: { summary: 'Events by their time', operationId: 'listEvents', tags: ['sessions'], querystring: eventQuery, response: { 200: pageOf(eventShape) } } },
    async (request) => {
      const query = request.query as z.infer<typeof eventQuery>
      const asking = askingOf(request, query)
      const { session, agent, status, since, until, limit } = query
      const after = placeOf(timePlace, query.cursor)
      const types = typesOf(query.type)
      const { items, next } = await store.read.listEvents({
        project: request.project.name, limit, ...(after !== undefined && { after }), ...(types !== undefined && { types }), ...(session !== undefined && { sessionId: session }),
        ...(agent !== undefined && { agent }), ...(status !== undefined && { status }), ...(since !== undefined && { sinceMs: since }), ...(until !== undefined && { untilMs: until }),
      })
      return answerOf(items.flatMap((event) => eventAnswer(event, asking) ?? []), next)
    },
  )
}

const sessionLooksMax = 4

export function sessionAnswer(session: Session, asking: Asking): z.infer<typeof sessionShape> | undefined {
  const shown = shownSession(asking.role, session)
  if (shown === undefined) return undefined
  const { sessionId, ...rest } = shown
  return { id: sessionId, ...rest }
}

export function eventAnswer(event: StoredEvent, asking: Asking): z.infer<typeof eventShape> | undefined {
  const shown = shownEvent(asking.role, event)
  if (shown === undefined) return undefined
  const { seq: _seq, project: _project, tags, detail, llm, tool, announcement, ...rest } = shown
  return {
    ...rest, tags: { ...tags }, ...(detail !== undefined && { detail: { ...detail } }), ...(llm !== undefined && { llm: { ...llm } }), ...(tool !== undefined && { tool: { ...tool } }),
    ...(announcement !== undefined && { announcement: announcementAnswer(announcement) }),
  }
}

function announcementAnswer({ to, direct, ...rest }: NonNullable<StoredEvent['announcement']>): z.infer<typeof announcementShape> {
  return { ...rest, ...(to !== undefined && { to: [...to] }), ...(direct !== undefined && { direct: { ...direct } }) }
}

function answerNext(next: unknown): { readonly nextSteps?: string } {
  const { next: cursor } = answerOf([], next)
  return cursor === undefined ? {} : { nextSteps: cursor }
}

/** Whoever may not see something may not find it by asking either. */
function refuseHidden(asking: Asking, filters: Readonly<Record<string, boolean>>, part: 'costDetail' | 'personalData'): void {
  if (seesPart(asking.role, part)) return
  const asked = Object.entries(filters).find(([, isAsked]) => isAsked)?.[0]
  if (asked !== undefined) throw new Problem(403, 'forbidden', `Your role may not see what "${asked}" asks for.`)
}

function typesOf(given: string | readonly string[] | undefined): EventListAsk['types'] | undefined {
  if (given === undefined) return undefined
  const known = (typeof given === 'string' ? given.split(',') : given).map((type) => type.trim())
  const wrong = known.find((type) => !eventTypes.some((one) => one === type) && !type.startsWith('tocsin.'))
  if (wrong !== undefined) throw new Problem(422, 'invalid', `Expected a type of event, such as llm.call.`, { places: [{ pointer: '?type', detail: `there is no type "${wrong.slice(0, 60)}"` }] })
  // Reason for the cast: compared above.
  return known as NonNullable<EventListAsk['types']>
}
