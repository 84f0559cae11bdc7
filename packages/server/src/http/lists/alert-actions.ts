import { alertActions, alertName, permissions, type AlertAction } from 'tocsin/engine'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { recordChange } from '../../access/audit.ts'
import { shownKinds } from '../../access/shown-to.ts'
import type { ServerParts } from '../../parts.ts'
import { changedBy } from '../by.ts'
import { Problem } from '../problem.ts'
import type { Routes } from '../routes.ts'
import { alertId, askingOf, numberOf } from './asking.ts'
import { notFound } from './alerts.ts'

const forMs = z.number().int().min(1).max(366 * 86_400_000).optional().meta({ description: 'Of snooze (default 1 h, 5 min to 7 days) and expected (default 28 days): how long it holds, milliseconds.' })
const projectQuery = z.strictObject({ project: z.string().max(200).optional() })
const oneBody = z.strictObject({ forMs }).nullish()
const bulkMax = 1_000
const bulkBody = z.strictObject({ action: z.enum(alertActions), alerts: z.array(alertId).min(1).max(bulkMax), forMs })

const results = ['done', 'already', 'over', 'forbidden', 'unknown', 'not-learning'] as const
const actedShape = z.object({
  alert: z.string(),
  result: z.enum(results).meta({ description: 'already: it was so before, by whom and since when. over: it has ended. forbidden: not for your role. unknown: there is none that you may see. not-learning: its rule learns nothing from what is said of its alarms, or something else was said of a later one since.' }),
  by: z.string().optional(),
  atMs: z.number().optional(),
  untilMs: z.number().optional(),
})
type Acted = z.infer<typeof actedShape>

const saysOf: Readonly<Record<AlertAction, { readonly summary: string; readonly operationId: string; readonly description?: string }>> = {
  acknowledge: { summary: 'Acknowledges an alert', operationId: 'acknowledgeAlert' },
  unacknowledge: { summary: 'Gives an alert back', operationId: 'unacknowledgeAlert' },
  snooze: { summary: 'Snoozes an alert', operationId: 'snoozeAlert' },
  unsnooze: { summary: 'Takes the last snooze back', operationId: 'unsnoozeAlert', description: 'One before it that still lasts holds again (`untilMs`); else whoever was not told is told, if it still fires.' },
  resolve: { summary: 'Ends an alert', operationId: 'resolveAlert', description: 'Those who were told are told, so that nothing takes it back; it may open anew.' },
  expected: { summary: 'Says that an alert is to be expected', operationId: 'expectedAlert', description: 'The same is not told for a time; a rule that learns says less.' },
  unexpected: { summary: 'Takes back that an alert is to be expected', operationId: 'unexpectedAlert', description: 'Where it was acknowledged by that it fires again; a rule that learns says as much as before.' },
  'not-useful': { summary: 'Says that an alert was not useful', operationId: 'notUsefulAlert', description: 'Of rules that learn, such as `spend-anomaly` (`learns` of the alert): the same alarm is quieter from now on, which wears off by half in four weeks.' },
  useful: { summary: 'Takes back that an alert was not useful', operationId: 'usefulAlert' },
}

/** What people do about alerts; each is done once however often it is asked for. */
export const alertActionRoutes: Routes = (app, parts) => {
  for (const action of alertActions) {
    const params = z.object({ id: alertId })
    app.post(
      `/api/v1/alerts/:id/${action}`,
      { config: { access: 'alerts:act' }, schema: { ...saysOf[action], tags: ['alerts'], params, querystring: projectQuery, body: oneBody, response: { 200: actedShape } } },
      async (request) => {
        // Reason for the casts: the schemas above were checked.
        const { id } = request.params as z.infer<typeof params>
        const [acted] = await actOn(request, parts, { action, alerts: [numberOf(id)], forMs: (request.body as z.infer<typeof oneBody>)?.forMs })
        if (acted === undefined || acted.result === 'unknown') throw notFound(numberOf(id), request.project.name)
        if (acted.result === 'forbidden') throw new Problem(403, 'forbidden', `Your role may look at ${id} and may not ${action} it.`)
        return acted
      },
    )
  }
  app.post(
    '/api/v1/alerts/actions',
    { config: { access: 'alerts:act' }, schema: { summary: 'One action about many alerts', operationId: 'actOnAlerts', tags: ['alerts'], querystring: projectQuery, body: bulkBody, response: { 200: z.object({ results: z.array(actedShape) }) } } },
    async (request) => {
      const { action, alerts, forMs: long } = request.body as z.infer<typeof bulkBody>
      return { results: await actOn(request, parts, { action, alerts: [...new Set(alerts)].map(numberOf), forMs: long }) }
    },
  )
}

async function actOn(request: FastifyRequest, { database, clock }: ServerParts, asked: { readonly action: AlertAction; readonly alerts: readonly number[]; readonly forMs: number | undefined }): Promise<readonly Acted[]> {
  const { principal, project } = request
  const { role, person } = askingOf(request, {})
  const kinds = shownKinds(role)
  const hidden = new Set<number>()
  const by = person !== '' ? person : principal.name === '' ? principal.id : principal.name
  const each = await project.engine.acting.act({ alerts: asked.alerts }, {
    action: asked.action,
    by,
    via: principal.kind === 'key' ? 'api' : 'dashboard',
    forMs: asked.forMs,
    may(alert) {
      // What is not there for them is not refused either: a refusal says that it exists.
      if (!kinds.includes(alert.kind)) hidden.add(alert.id)
      return permissions[role].acts.includes(alert.kind) && !hidden.has(alert.id)
    },
  })
  const done = each.filter(({ result }) => result === 'done')
  // One transaction for all of them; that of the engine is over, and what it did is in the history of each alert too.
  if (done.length > 0) {
    await database.db.transaction().execute(async (tx) => {
      for (const { alert, untilMs } of done) {
        await recordChange({ db: tx, clock }, { project: project.name, ...changedBy(request), action: `alerts.${asked.action}`, target: alertName(alert), ...(untilMs !== undefined && { after: { untilMs } }) })
      }
    })
  }
  return each.map(({ alert, result, ...rest }) => (hidden.has(alert) ? { alert: alertName(alert), result: 'unknown' as const } : { alert: alertName(alert), result, ...rest }))
}
