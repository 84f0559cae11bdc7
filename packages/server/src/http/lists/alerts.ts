import {
  actionInWords, alertActions, alertInWords, alertKinds, alertName, decisionInWords, decisionReasons, learnsFrom, permissions, reachedOf, severities, toldInWords, type Alert, type AlertListAsk, type Decision, type Store,
} from 'tocsin/engine'
import { z } from 'zod'
import { seesPart, shownAlert, shownDecision, shownKinds } from '../../access/shown-to.ts'
import { Problem } from '../problem.ts'
import type { Routes } from '../routes.ts'
import { alertId, alertPlace, answerOf, askingOf, etagOf, isHeld, manyOf, name, numberOf, pageOf, pageQuery, placeOf, readQuery, timeMs, unchanged, wordOf, type Asking } from './asking.ts'
import { similarShape, similarTo } from './similar.ts'
import { alertAnswer, alertShape, alertStates, alertsTold, deliveryAnswer, deliveryShape } from './shapes.ts'

const listQuery = z.strictObject({
  ...pageQuery,
  state: manyOf(alertStates),
  kind: manyOf(alertKinds),
  severity: manyOf(severities),
  rule: name,
  agent: name,
  session: name,
  parent: z.union([alertId, z.literal('none')]).optional().meta({ description: 'Only what is part of this alert; `none`: only what is part of nothing.' }),
  since: timeMs,
  until: timeMs,
  text: z.string().min(2).max(100).optional().meta({ description: 'Stands in the title as the reader sees it.' }),
})

/** Alerts whose titles are written for a page that is searched by text; where few match, the page is short. */
const searchedMax = 200
const partsShown = 20
const decisionsShown = 200
const deliveriesShown = 100

export const decisionShape = z.object({ person: z.string(), channel: z.string(), reason: wordOf(decisionReasons), verdict: z.string(), sentence: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])), atMs: z.number(), count: z.number() }).meta({ id: 'Decision' })

const wholeShape = alertShape.extend({
  evidence: z.record(z.string(), z.union([z.string(), z.number()])),
  words: z.object({ severity: z.string(), kind: z.string(), sentences: z.array(z.string()), quotes: z.array(z.string()), facts: z.array(z.object({ label: z.string(), value: z.string() })) }),
  answer: z.array(z.string()).meta({ description: 'Who was told, who will be and who was not, in a sentence each.' }),
  reached: z.array(z.object({ person: z.string(), outcome: z.enum(['told', 'waiting', 'not-told']), channel: z.string().optional(), route: z.string().optional(), atMs: z.number().optional(), tookMs: z.number().optional() })).meta({ description: 'The same of each: the best that happened to them. `atMs`: when they were told, or are to be.' }),
  children: z.array(alertShape).meta({ description: 'The newest; all of them: /api/v1/alerts?parent=…' }),
  decisions: z.array(decisionShape).meta({ description: 'Who was told or not, and why.' }),
  deliveries: z.array(deliveryShape).meta({ description: 'By which channel and when, as far as the reader may see it.' }),
  actions: z.array(z.object({ action: z.enum(alertActions), by: z.string(), via: z.string(), atMs: z.number(), untilMs: z.number().optional(), sentence: z.string() })),
  similar: z.array(similarShape).meta({ description: 'The last that were like it, at most five: of the same rule and key, then of the same rule and agent.' }),
  learns: z.boolean().meta({ description: 'Whether its rule learns from what is said of its alarms: `expected`, `not-useful`.' }),
  may: z.array(z.enum(alertActions)).meta({ description: 'What the reader may do about it.' }),
}).meta({ id: 'AlertDetail' })

/** `GET /api/v1/alerts` and one of them, with all that is on record of it. */
export const alertRoutes: Routes = (app, { store }) => {
  app.get(
    '/api/v1/alerts',
    { config: { access: 'alerts:read' }, schema: { summary: 'Alerts, newest first', operationId: 'listAlerts', tags: ['alerts'], querystring: listQuery, response: { 200: pageOf(alertShape) } } },
    async (request) => {
      // Reason for the cast, here and below: the schema of the route was checked.
      const query = request.query as z.infer<typeof listQuery>
      const asking = askingOf(request, query)
      const kinds = shownKinds(asking.role)
      const { state: states, kind, severity: severitiesAsked, rule, agent, session, parent, since, until, limit } = query
      const ask: AlertListAsk = {
        project: request.project.name,
        limit,
        kinds: kind === undefined ? kinds : kind.filter((one) => kinds.includes(one)),
        ...(states !== undefined && { states }), ...(severitiesAsked !== undefined && { severities: severitiesAsked }), ...(rule !== undefined && { rule }), ...(agent !== undefined && { agent }),
        ...(session !== undefined && { sessionId: session }), ...(parent !== undefined && { parent: parent === 'none' ? parent : numberOf(parent) }), ...(since !== undefined && { sinceMs: since }), ...(until !== undefined && { untilMs: until }),
      }
      const after = placeOf(alertPlace, query.cursor)
      const { alerts, next } = query.text === undefined ? await onePage(store, ask, after) : await searched(store, ask, after, query.text, asking)
      const ids = alerts.map(({ id }) => id)
      const [parts, told] = [await store.read.countParts(ids), await store.read.countTold(ids)]
      return answerOf(alerts.flatMap((alert, index) => {
        const answer = alertAnswer(alert, asking, parts[index])
        return answer === undefined ? [] : [{ ...answer, ...(told[index] !== undefined && { told: told[index] }) }]
      }), next)
    },
  )

  const one = z.object({ id: alertId })
  app.get(
    '/api/v1/alerts/:id',
    { config: { access: 'alerts:read' }, schema: { summary: 'One alert: cause, parts, who was told and why', operationId: 'getAlert', tags: ['alerts'], params: one, querystring: z.strictObject(readQuery), response: { 200: wholeShape, 304: unchanged } } },
    async (request, reply) => {
      const asking = askingOf(request, request.query as z.infer<z.ZodObject<typeof readQuery>>)
      const id = numberOf((request.params as z.infer<typeof one>).id)
      const alert = (await store.read.alertsNumbered(request.project.name, [id])).get(id)
      const parts = alert === undefined ? 0 : (await store.read.countParts([id]))[0]
      const answer = alert && alertAnswer(alert, asking, parts)
      if (alert === undefined || answer === undefined) throw notFound(id, request.project.name)
      const told = await toldOf(store, alert, asking)
      const etag = etagOf(id, alert.state, alert.count, alert.updatedAtMs, parts, told.etag, asking.role, asking.locale, asking.timezone)
      void reply.header('etag', etag).header('vary', 'accept-language, authorization')
      if (isHeld(request, etag)) return reply.status(304).send()
      const { title: _title, ...words } = alertInWords(alert, asking)
      const { reached, decisions, deliveries, actions } = told
      return {
        ...answer,
        evidence: { ...shownAlert(asking.role, alert, asking.person)?.evidence },
        words,
        answer: [...toldInWords(reached, asking)],
        reached: [...reached],
        children: parts === 0 ? [] : (await store.read.listAlerts({ project: alert.project, parent: id, limit: partsShown, kinds: shownKinds(asking.role) })).items.flatMap((part) => alertAnswer(part, asking) ?? []),
        decisions,
        deliveries,
        actions,
        similar: await similarTo(store, alert, asking),
        learns: learnsFrom(alert),
        may: request.principal.may('alerts:act', alert.project) && permissions[asking.role].acts.includes(alert.kind) ? alertActions.filter((action) => learnsFrom(alert) || (action !== 'not-useful' && action !== 'useful')) : [],
      }
    },
  )
}

export function notFound(id: number, project: string): Problem {
  return new Problem(404, 'not-found', `There is no alert ${alertName(id)} in project ${project} that you may see.`)
}

type Place = AlertListAsk['after']

async function onePage(store: Store, ask: AlertListAsk, after: Place): Promise<{ readonly alerts: readonly Alert[]; readonly next: Place }> {
  const { items, next } = await store.read.listAlerts({ ...ask, ...(after !== undefined && { after }) })
  return { alerts: items, next }
}

/** Titles are written when they are read, so that what a reader may not see can not be found by it either. */
async function searched(store: Store, ask: AlertListAsk, from: Place, wanted: string, asking: Asking): Promise<{ readonly alerts: readonly Alert[]; readonly next: Place }> {
  const found: Alert[] = []
  const needle = wanted.toLocaleLowerCase(asking.locale)
  let after = from
  for (let looked = 0; looked < searchedMax; ) {
    const { items, next } = await store.read.listAlerts({ ...ask, limit: 200, ...(after !== undefined && { after }) })
    for (const alert of items) {
      if (alertAnswer(alert, asking)?.title.toLocaleLowerCase(asking.locale).includes(needle) !== true) continue
      found.push(alert)
      if (found.length === ask.limit) return { alerts: found, next: { atMs: alert.openedAtMs, id: alert.id } }
    }
    if (next === undefined) return { alerts: found, next: undefined }
    after = next
    looked += Math.max(items.length, 200)
  }
  return { alerts: found, next: after }
}

async function toldOf(store: Store, alert: Alert, asking: Asking) {
  const parent = alert.parent === undefined ? undefined : (await store.read.alertsNumbered(alert.project, [alert.parent])).get(alert.parent)
  const seenParent = parent !== undefined && shownAlert(asking.role, parent, asking.person) !== undefined ? parent : undefined
  const decided = (await store.read.listDecisions({ project: alert.project, alert: alert.id, limit: decisionsShown })).items
  const deliveries = (await store.read.listDeliveries({ project: alert.project, alert: alert.id, limit: deliveriesShown })).items
  const alerts = await store.read.alertsNumbered(alert.project, [alert.id, ...alertsTold(deliveries)].slice(0, 1_000))
  const actions = await store.read.actionsOn(alert.id)
  return {
    etag: `${decided.length}:${Math.max(0, ...decided.map(({ atMs }) => atMs))}:${deliveries.map(({ id, state, attempts }) => `${id}${state[0] ?? ''}${attempts.length}`).join(':')}:${actions.length}`.slice(0, 300),
    // Who was told is part of the answer for whoever sees the alert; an address that was given by hand is not.
    reached: reachedOf(decided, seesPart(asking.role, 'personalData') ? deliveries : deliveries.map((one) => (one.person === '' ? { ...one, person: one.channel } : one))),
    decisions: decided.toSorted((one, other) => one.atMs - other.atMs).flatMap((decision) => decisionAnswer(decision, alert, asking, seenParent) ?? []),
    deliveries: deliveries.flatMap((delivery) => deliveryAnswer(delivery, asking, alerts) ?? []),
    actions: actions.map((action) => {
      const { alert: _alert, ...rest } = action
      return { ...rest, sentence: actionInWords(action, asking) }
    }),
  }
}

/** Why, in words, of what this reader may see. */
export function decisionAnswer(decision: Decision, alert: Alert, asking: Asking, parent?: Alert): z.infer<typeof decisionShape> | undefined {
  const shown = shownDecision(asking.role, decision, alert, asking.person)
  if (shown === undefined) return undefined
  const { alert: _alert, params, ...rest } = shown
  return { ...rest, params: { ...params }, ...decisionInWords(shown, alert, asking, parent) }
}

