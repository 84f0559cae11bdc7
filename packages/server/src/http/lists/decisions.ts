import { alertName, decisionReasons, type DecisionListAsk } from 'tocsin/engine'
import { z } from 'zod'
import { shownKinds } from '../../access/shown-to.ts'
import type { Routes } from '../routes.ts'
import { alertId, answerOf, askingOf, manyOf, numberOf, pageOf, pageQuery, personMeant, personName, placeOf, timeMs } from './asking.ts'
import { decisionAnswer, decisionShape } from './alerts.ts'

const listQuery = z.strictObject({ ...pageQuery, alert: alertId.optional(), person: personName, reason: manyOf(decisionReasons), since: timeMs })
const listedShape = decisionShape.extend({ alert: z.string() }).meta({ id: 'ListedDecision' })
const place = z.strictObject({ alert: z.number().int(), person: z.string(), channel: z.string(), reason: z.enum(decisionReasons) })

/** `GET /api/v1/decisions`: why somebody was or was not told. */
export const decisionRoutes: Routes = (app, { store }) => {
  app.get(
    '/api/v1/decisions',
    { config: { access: 'alerts:read' }, schema: { summary: 'Why somebody was or was not told, by alert, newest first', operationId: 'listDecisions', tags: ['messages'], querystring: listQuery, response: { 200: pageOf(listedShape) } } },
    async (request) => {
      // Reason for the cast: the schema of the route was checked.
      const query = request.query as z.infer<typeof listQuery>
      const asking = askingOf(request, query)
      const { alert, reason, since, limit } = query
      const person = personMeant(asking, query.person)
      const after = placeOf(place, query.cursor)
      const project = request.project.name
      const ask: DecisionListAsk = {
        project, limit, kinds: shownKinds(asking.role), ...(after !== undefined && { after }), ...(alert !== undefined && { alert: numberOf(alert) }), ...(person !== undefined && { person }),
        ...(reason !== undefined && { reasons: reason }), ...(since !== undefined && { sinceMs: since }),
      }
      const { items, next } = await store.read.listDecisions(ask)
      const alerts = await store.read.alertsNumbered(project, items.map((decision) => decision.alert))
      const parents = await store.read.alertsNumbered(project, [...alerts.values()].flatMap(({ parent }) => parent ?? []))
      return answerOf(items.flatMap((decision) => {
        const of = alerts.get(decision.alert)
        const answer = of && decisionAnswer(decision, of, asking, of.parent === undefined ? undefined : parents.get(of.parent))
        return answer === undefined ? [] : [{ alert: alertName(decision.alert), ...answer }]
      }), next)
    },
  )
}
