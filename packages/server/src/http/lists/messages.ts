import { deliveryName, staysHere, type DeliveryRecord } from 'tocsin/engine'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Routes } from '../routes.ts'
import { answerOf, askingOf, deliveryId, name, numberOf, numberPlace, pageOf, pageQuery, personName, placeOf, readQuery, timeMs, type Asking } from './asking.ts'
import { personAsked } from './deliveries.ts'
import { seenAnswer, seenShape } from './message-shape.ts'
import { alertsTold, deliveryAnswer, deliveryShape } from './shapes.ts'

const one = z.object({ id: deliveryId })
const inboxQuery = z.strictObject({ ...pageQuery, person: personName, channel: name, since: timeMs })
const inboxItem = deliveryShape.omit({ attempts: true, priority: true }).extend({ seen: seenShape }).meta({ id: 'InboxItem' })

/** Messages that are written for one page of the inbox. */
const inboxLimitMax = 100

/** Messages as their readers see them: of one delivery, and those that stayed on this machine. */
export const messageRoutes: Routes = (app, { store }) => {
  app.get(
    '/api/v1/deliveries/:id/message',
    {
      config: { access: 'alerts:read' },
      schema: { summary: 'One message as its reader sees it', description: 'As it was sent where that is kept, else written again by what writes messages, and said so.', operationId: 'getDeliveryMessage', tags: ['messages'], params: one, querystring: z.strictObject(readQuery), response: { 200: seenShape } },
    },
    async (request) => {
      // Reason for the casts, here and below: the schema of the route was checked.
      const asking = askingOf(request, request.query as z.infer<z.ZodObject<typeof readQuery>>)
      const id = numberOf((request.params as z.infer<typeof one>).id)
      const { project } = request
      const [delivery] = await store.read.deliveriesNumbered(project.name, [id])
      if (delivery === undefined || deliveryAnswer(delivery, asking, new Map()) === undefined) throw new Problem(404, 'not-found', `There is no delivery ${deliveryName(id)} in project ${project.name} that you may see.`)
      return seenAnswer(await project.engine.messages.of(delivery, asking))
    },
  )

  app.get(
    '/api/v1/inbox',
    {
      config: { access: 'alerts:read' },
      schema: { summary: 'What stayed on this machine, newest first', description: 'Messages of the channels that keep or show them here, such as the inbox, as their readers see them. At most 100 a page.', operationId: 'listInbox', tags: ['messages'], querystring: inboxQuery, response: { 200: pageOf(inboxItem) } },
    },
    async (request) => {
      const query = request.query as z.infer<typeof inboxQuery>
      const asking = askingOf(request, query)
      const { project } = request
      const person = personAsked(request, asking, query.person)
      const channels = project.engine.channels.flatMap(({ name: channel, type }) => (staysHere(type) && (query.channel === undefined || query.channel === channel) ? [channel] : []))
      if (channels.length === 0) return { items: [] }
      const after = placeOf(numberPlace, query.cursor)
      const { items, next } = await store.read.listDeliveries({
        project: project.name, limit: Math.min(query.limit, inboxLimitMax), channels, results: ['sent'],
        ...(after !== undefined && { after }), ...(person !== undefined && { person }), ...(query.since !== undefined && { sinceMs: query.since }),
      })
      const alerts = await store.read.alertsNumbered(project.name, alertsTold(items))
      const shown = await Promise.all(items.map((delivery) => itemOf(delivery, asking)))
      return answerOf(shown.flatMap((item) => item ?? []), next)

      async function itemOf(delivery: DeliveryRecord, to: Asking): Promise<z.infer<typeof inboxItem> | undefined> {
        const answer = deliveryAnswer(delivery, to, alerts)
        if (answer === undefined) return undefined
        const { attempts: _attempts, priority: _priority, ...rest } = answer
        return { ...rest, seen: seenAnswer(await project.engine.messages.of(delivery, to)) }
      }
    },
  )
}
