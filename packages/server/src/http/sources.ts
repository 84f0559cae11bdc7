import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { EventInput } from 'tocsin/engine'
import { alertmanagerCall, eventsOfAlertmanager } from '../inbound/alertmanager.ts'
import { webhookSource, type WebhookSource } from '../inbound/webhook-source.ts'
import type { Intake } from '../intake/intake.ts'
import type { RunningProject } from '../projects/projects.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const word = z.string().min(1).max(200)
const bodyBytesMax = 4 * 1024 * 1024
const retryAfterSeconds = 1
const answer = z.object({ accepted: z.int(), duplicates: z.int(), refused: z.array(z.object({ index: z.int(), refused: z.string(), why: z.string() })) })

/** Other systems tell what they noticed: Alertmanager and Grafana as they are, everything else as `sources` of the configuration reads it. */
export const sourceRoutes: Routes = (app, { projects, intake }) => {
  app.removeAllContentTypeParsers()
  // A signature is over the body as it came.
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: bodyBytesMax }, async (_request: unknown, body: string | Buffer) => String(body))
  const schema = { response: { 200: answer }, tags: ['ingest'] }

  app.post('/api/v1/sources/alertmanager', { config: { access: 'events:write' }, schema: { ...schema, summary: 'Alerts of Prometheus Alertmanager or Grafana', operationId: 'sendAlertmanager' } }, async (request) => {
    const call = alertmanagerCall.safeParse(jsonOf(request))
    if (!call.success) {
      const places = call.error.issues.slice(0, 20).map(({ path, message }) => ({ pointer: `/${path.join('/')}`, detail: message }))
      throw new Problem(422, 'invalid', 'Expected what webhook_config of Alertmanager sends: { "alerts": [ { "status", "labels", "startsAt", … } ] }.', { places })
    }
    return accepted(intake, request, request.project, eventsOfAlertmanager(call.data))
  })

  app.post('/api/v1/sources/:name', { config: { access: 'events:write' }, schema: { ...schema, params: z.object({ name: word }), summary: 'What a source of the configuration tells', operationId: 'sendSource' } }, async (request) => {
    const { name } = z.object({ name: word }).parse(request.params)
    return accepted(intake, request, request.project, eventsOf(sourceOf(request.project, name), request))
  })

  app.post('/hooks/:project/:name', { config: { access: 'signed' }, schema: { ...schema, params: z.object({ project: word, name: word }), summary: 'The same, proved by the sender’s signature', operationId: 'sendSignedSource' } }, async (request) => {
    const { project: asked, name } = z.object({ project: word, name: word }).parse(request.params)
    const project = projects.get(asked)
    const source = project === undefined || !Object.hasOwn(project.config.sources, name) ? undefined : sourceOf(project, name)
    const headers = Object.fromEntries(Object.entries(request.headers).map(([header, value]) => [header, Array.isArray(value) ? value[0] : value]))
    // One answer for all that is not so: nobody learns by asking what there is.
    if (project === undefined || source?.isFrom(headers, textOf(request)) !== true) throw new Problem(403, 'bad-signature', 'Expected a call that bears the signature of a source of this project.')
    return accepted(intake, request, project, eventsOf(source, request))
  })
}

/** Through the door of all events, which is bounded: only now, since whoever cannot sign shall take no room from those who can. */
async function accepted(intake: Intake, request: FastifyRequest, { engine }: RunningProject, events: readonly EventInput[]): Promise<z.output<typeof answer>> {
  const admission = intake.enter()
  try {
    if (admission?.hold(Buffer.byteLength(textOf(request))) !== true) {
      intake.counts.refusedBusy++
      throw new Problem(429, 'busy', 'Too much is on its way in; send it again later.', { retryAfterSeconds })
    }
    await admission.turn()
    const { accepted: count, duplicates, refused } = await engine.accept(events)
    intake.counts.events += events.length
    intake.counts.eventsRefused += refused.length
    return { accepted: count, duplicates, refused: refused.map(({ index, refused: reason, why }) => ({ index, refused: reason, why })) }
  } finally {
    admission?.leave()
  }
}

function eventsOf(source: WebhookSource, request: FastifyRequest): readonly EventInput[] {
  const event = source.eventOf(jsonOf(request))
  return event === undefined ? [] : [event]
}

/** Made anew where the configuration changed: a project is another object then. */
const made = new WeakMap<RunningProject, Map<string, WebhookSource>>()

function sourceOf(project: RunningProject, name: string): WebhookSource {
  const config = Object.hasOwn(project.config.sources, name) ? project.config.sources[name] : undefined
  if (config === undefined) throw new Problem(404, 'not-found', `There is no source "${name.slice(0, 100)}" in the configuration of this project.`)
  const sources = made.get(project) ?? new Map<string, WebhookSource>()
  made.set(project, sources)
  const source = sources.get(name) ?? webhookSource(name, config)
  sources.set(name, source)
  return source
}

function textOf({ body }: FastifyRequest): string {
  return typeof body === 'string' ? body : ''
}

function jsonOf(request: FastifyRequest): unknown {
  try {
    return JSON.parse(textOf(request))
  } catch {
    // The parser's own words repeat what was sent.
    throw new Problem(400, 'bad-json', 'Expected JSON.')
  }
}
