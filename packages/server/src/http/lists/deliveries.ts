import { deliveryName, messageIdOf, type DeliveryListAsk, type DeliveryRecord, type Store } from 'tocsin/engine'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Routes } from '../routes.ts'
import { alertId, answerOf, askingOf, deliveryId, etagOf, isHeld, manyOf, numberOf, numberPlace, pageOf, pageQuery, personMeant, personName, placeOf, readQuery, timeMs, unchanged, type Asking } from './asking.ts'
import { alertAnswer, alertShape, alertsTold, deliveryAnswer, deliveryShape, deliveryResults } from './shapes.ts'

const listQuery = z.strictObject({
  ...pageQuery,
  person: personName,
  channel: z.union([z.string().max(200), z.array(z.string().max(200)).max(50)]).optional(),
  state: z.enum(['waiting', 'claimed', 'done']).optional(),
  result: manyOf(deliveryResults),
  alert: alertId.optional(),
  since: timeMs,
})
type ListQuery = z.infer<typeof listQuery>

const messageShape = z.object({ subject: z.string(), text: z.string(), atMs: z.number() }).meta({ id: 'KeptMessage' })
const wholeShape = deliveryShape.extend({ carries: z.array(alertShape), message: messageShape.optional().meta({ description: 'As its reader saw it, where it is kept: of an inbox. Of all: /api/v1/deliveries/{id}/message' }) }).meta({ id: 'DeliveryDetail' })
const notificationShape = deliveryShape.omit({ attempts: true, priority: true }).extend({ attempts: z.number(), message: messageShape.optional() }).meta({ id: 'Notification' })

/**
 * `GET /api/v1/deliveries` (the jobs, with their attempts) and `GET /api/v1/notifications` (what somebody was told): there is one delivery for each
 * notification, so they have one number. Everybody who looks sees their own; those who may (`messages:read`), everybody's.
 */
export const deliveryRoutes: Routes = (app, { store }) => {
  const list = async (request: FastifyRequest): Promise<{ readonly asking: Asking; readonly items: readonly DeliveryRecord[]; readonly next: number | undefined }> => {
    // Reason for the cast: the schema of the route was checked.
    const query = request.query as ListQuery
    const asking = askingOf(request, query)
    const { channel, state, result, alert, since, limit } = query
    const person = personAsked(request, asking, query.person)
    const after = placeOf(numberPlace, query.cursor)
    const ask: DeliveryListAsk = {
      project: request.project.name,
      limit,
      ...(after !== undefined && { after }), ...(person !== undefined && { person }), ...(channel !== undefined && { channels: typeof channel === 'string' ? [channel] : channel }),
      ...(state !== undefined && { state }), ...(result !== undefined && { results: result }), ...(alert !== undefined && { alert: numberOf(alert) }), ...(since !== undefined && { sinceMs: since }),
    }
    const { items, next } = await store.read.listDeliveries(ask)
    return { asking, items, next }
  }

  app.get(
    '/api/v1/deliveries',
    { config: { access: 'alerts:read' }, schema: { summary: 'Deliveries with their attempts, newest first', operationId: 'listDeliveries', tags: ['messages'], querystring: listQuery, response: { 200: pageOf(deliveryShape) } } },
    async (request) => {
      const { asking, items, next } = await list(request)
      const alerts = await store.read.alertsNumbered(request.project.name, alertsTold(items))
      return answerOf(items.flatMap((delivery) => deliveryAnswer(delivery, asking, alerts) ?? []), next)
    },
  )

  app.get(
    '/api/v1/notifications',
    { config: { access: 'alerts:read' }, schema: { summary: 'What people were told, newest first', operationId: 'listNotifications', tags: ['messages'], querystring: listQuery, response: { 200: pageOf(notificationShape) } } },
    async (request) => {
      const { asking, items, next } = await list(request)
      const alerts = await store.read.alertsNumbered(request.project.name, alertsTold(items))
      const kept = await messagesOf(store, request.project.name, items, asking)
      return answerOf(items.flatMap((delivery) => {
        const answer = deliveryAnswer(delivery, asking, alerts)
        if (answer === undefined) return []
        const { priority: _priority, attempts, ...rest } = answer
        const message = kept.get(delivery.id)
        return [{ ...rest, attempts: attempts.length, ...(message !== undefined && { message }) }]
      }), next)
    },
  )

  const one = z.object({ id: deliveryId })
  app.get(
    '/api/v1/deliveries/:id',
    { config: { access: 'alerts:read' }, schema: { summary: 'One delivery: attempts, what it told of, and the message where it is kept', operationId: 'getDelivery', tags: ['messages'], params: one, querystring: z.strictObject(readQuery), response: { 200: wholeShape, 304: unchanged } } },
    async (request, reply) => {
      const asking = askingOf(request, request.query as z.infer<z.ZodObject<typeof readQuery>>)
      const id = numberOf((request.params as z.infer<typeof one>).id)
      const project = request.project.name
      const [delivery] = await store.read.deliveriesNumbered(project, [id])
      const alerts = delivery === undefined ? new Map<number, never>() : await store.read.alertsNumbered(project, alertsTold([delivery]))
      const answer = delivery && deliveryAnswer(delivery, asking, alerts)
      if (delivery === undefined || answer === undefined) throw new Problem(404, 'not-found', `There is no delivery ${deliveryName(id)} in project ${project} that you may see.`)
      const etag = etagOf(id, delivery.state, delivery.attempts.length, delivery.doneAtMs, delivery.dueMs, ...[...alerts.values()].map(({ state, count }) => `${state}${count}`), asking.role, asking.locale)
      void reply.header('etag', etag).header('vary', 'accept-language, authorization')
      if (isHeld(request, etag)) return reply.status(304).send()
      const message = (await messagesOf(store, project, [delivery], asking)).get(id)
      return { ...answer, carries: [...alerts.values()].flatMap((alert) => alertAnswer(alert, asking) ?? []), ...(message !== undefined && { message }) }
    },
  )
}

/** Whose messages may be looked at: one's own, or those of whoever was asked for. */
export function personAsked(request: FastifyRequest, asking: Asking, asked: string | undefined): string | undefined {
  const person = personMeant(asking, asked)
  if (asked === 'me') return person
  if (request.principal.may('messages:read', request.project.name)) return person
  if (asking.person !== '' && (person === undefined || person === asking.person)) return asking.person
  throw new Problem(403, 'forbidden', asking.person === '' ? 'This needs messages:read: who asks is nobody in the configuration, and was sent nothing.' : 'Your role allows your own messages only.')
}

/** Messages that are kept are those of an inbox, and were written for the role that their reader had. */
async function messagesOf(store: Store, project: string, deliveries: readonly DeliveryRecord[], asking: Asking): Promise<ReadonlyMap<number, z.infer<typeof messageShape>>> {
  // What was written for somebody else may hold what this reader's role may not see.
  const readable = deliveries.filter(({ result, person }) => result === 'sent' && (person === asking.person || asking.without.length === 0))
  const idOf = ({ id, createdAtMs }: DeliveryRecord): string => messageIdOf({ project, id, createdAtMs })
  const kept = await store.read.messagesKept(readable.map(idOf))
  return new Map(readable.flatMap((delivery) => {
    const message = kept.get(idOf(delivery))
    return message === undefined ? [] : [[delivery.id, { subject: message.subject, text: message.text, atMs: message.atMs }] as const]
  }))
}
