import { decisionInWords, decisionReasons, deliveryName, type ResendRefusal } from 'tocsin/engine'
import { z } from 'zod'
import { recordChange } from '../../access/audit.ts'
import { changedBy } from '../by.ts'
import { Problem } from '../problem.ts'
import type { Routes } from '../routes.ts'
import { askingOf, deliveryId, numberOf, readQuery } from './asking.ts'

const refusals: Readonly<Record<Exclude<ResendRefusal, 'unknown'>, string>> = {
  'not-ended': 'It waits or is under way: it may still arrive by itself.',
  waiting: 'It was sent again already, and that one waits.',
  erased: 'Its reader was erased.',
  'channel-gone': 'Its channel is not configured any more.',
  'not-a-message': 'It only showed who has an alert.',
}

const resentShape = z
  .object({
    delivery: z.string().meta({ description: 'A delivery of its own.' }),
    dueMs: z.number().meta({ description: 'When it goes; past: at once, as soon as the rates of its channel allow.' }),
    heldBy: z.enum(['quiet-hours', 'channel-paused', 'everything-paused']).optional(),
  })
  .meta({ id: 'Resent' })

const one = z.object({ id: deliveryId })

/** `POST /api/v1/deliveries/:id/resend`. What was sent is never taken back, so the answer says when it goes. */
export const resendRoutes: Routes = (app, { store, database, clock }) => {
  app.post(
    '/api/v1/deliveries/:id/resend',
    {
      config: { access: 'messages:resend' },
      schema: {
        summary: 'Sends a message again that ended', operationId: 'resendDelivery', tags: ['messages'], params: one, querystring: z.strictObject(readQuery), body: z.strictObject({}).nullish(),
        description: `To the same person by the same channel; no next channel is asked. Refused with 409: ${Object.keys(refusals).join(', ')}, or with the reason for which it would not be sent, such as refused.stopped: ${decisionReasons.filter((reason) => /^(refused|silenced|doubt)\./.test(reason)).join(', ')}.`,
        response: { 200: resentShape },
      },
    },
    async (request) => {
      // Reason for the casts: the schema of the route was checked.
      const asking = askingOf(request, request.query as z.infer<z.ZodObject<typeof readQuery>>)
      const id = numberOf((request.params as z.infer<typeof one>).id)
      const { project, principal } = request
      const [delivery] = await store.read.deliveriesNumbered(project.name, [id])
      if (delivery === undefined) throw notThere(id, project.name)
      const resent = await project.engine.resend(id, principal.name)
      if ('objection' in resent) {
        const { objection } = resent
        const alert = (await store.read.alertsNumbered(project.name, [objection.alert])).get(objection.alert)
        throw new Problem(409, objection.reason, alert === undefined ? objection.reason : decisionInWords(objection, alert, asking).sentence)
      }
      if ('refused' in resent) {
        if (resent.refused === 'unknown') throw notThere(id, project.name)
        throw new Problem(409, resent.refused, refusals[resent.refused])
      }
      await recordChange({ db: database.db, clock }, { project: project.name, action: 'messages.resend', target: deliveryName(id), after: { delivery: deliveryName(resent.delivery), person: delivery.person, channel: delivery.channel }, ...changedBy(request) })
      return { delivery: deliveryName(resent.delivery), dueMs: resent.dueMs, ...(resent.heldBy !== undefined && { heldBy: resent.heldBy }) }
    },
  )
}

function notThere(id: number, project: string): Problem {
  return new Problem(404, 'not-found', `There is no delivery ${deliveryName(id)} in project ${project}, or nothing of what it told is kept any more.`)
}
