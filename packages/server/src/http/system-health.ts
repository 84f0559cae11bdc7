import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { StoredEvent } from 'tocsin/engine'
import { refusedKeyStates } from '../access/refused-keys.ts'
import { startOf } from '../overview/start.ts'
import { systemHealth } from '../overview/system-health.ts'
import { askingOf, type Asking } from './lists/asking.ts'
import { eventAnswer } from './lists/sessions.ts'
import { sentencesFor } from './problem.ts'
import type { Routes } from './routes.ts'

const lately = z.strictObject({
  windowMs: z.number().meta({ description: 'Time over which it was counted: at most five minutes.' }),
  events: z.int(),
  refused: z.strictObject({ busy: z.int(), malformed: z.int(), invalid: z.int() }).meta({ description: '`busy`: requests, because too much was under way; `malformed`: requests that could not be read; `invalid`: single events, spans and log records.' }),
})
const refusedKey = z.strictObject({ atMs: z.number(), state: z.enum(refusedKeyStates), last4: z.string().optional() }).meta({ id: 'RefusedKey' })
const refusedKeys = z.array(refusedKey).meta({ description: 'Keys that this node turned away, the last 20, newest first: of this project, and those that nobody knows.' })

const health = z
  .strictObject({
    version: z.string(),
    atMs: z.number(),
    nodes: z.array(z.strictObject({ id: z.string(), host: z.string(), version: z.string(), startedMs: z.number(), seenMs: z.number(), isThis: z.boolean(), intake: lately })).meta({ description: 'Processes that serve this database; each says every 30 s that it lives.' }),
    database: z.strictObject({ kind: z.enum(['sqlite', 'postgres']), bytes: z.number(), schema: z.strictObject({ server: z.int(), engine: z.int() }) }),
    queue: z.array(z.strictObject({ channel: z.string(), isConfigured: z.boolean(), state: z.enum(['working', 'failing', 'paused', 'failed']), sinceMs: z.number().optional(), waiting: z.int(), firstDueMs: z.number().optional(), lateMs: z.number().optional().meta({ description: 'For how long the first has been due.' }) })),
    retention: z.strictObject({ lastMs: z.number().optional().meta({ description: 'When the tables of the server were last gone through.' }), contentSinceMs: z.number().meta({ description: 'Content from before is forgotten; 0: nothing is yet.' }) }),
    heartbeat: z.strictObject({ host: z.string(), everyMs: z.number(), lastMs: z.number().optional(), failures: z.int().meta({ description: 'In a row.' }) }).optional().meta({ description: 'Absent: none is configured in this project.' }),
    selfTest: z.strictObject({ at: z.string(), results: z.array(z.strictObject({ channel: z.string(), atMs: z.number().optional(), result: z.string().meta({ description: '`none`: it was not tried yet; `waiting`; else as of deliveries.' }) })) }).optional(),
    configurationTrouble: z.string().optional().meta({ description: 'What was changed and cannot be used; the configuration before goes on.' }),
    refusedKeys,
  })
  .meta({ id: 'SystemHealth' })

const glimpse = z.strictObject({ type: z.string(), atMs: z.number(), agent: z.string().optional(), model: z.string().optional(), costNanoUsd: z.number().optional(), costSource: z.string().optional(), sessionId: z.string().optional() })
const start = z
  .strictObject({
    project: z.string(),
    url: z.string().meta({ description: 'Where this server is reached, for the snippet of an agent.' }),
    links: z.boolean().meta({ description: 'Whether messages carry links: `publicUrl` is set.' }),
    firstEvent: glimpse.optional().meta({ description: 'Absent: nothing has arrived yet. The stream tells the first one as `first-event`.' }),
    lastEvent: glimpse.optional(),
    configured: z.strictObject({ channels: z.int(), people: z.int(), rules: z.int(), budgets: z.int(), routes: z.int() }).meta({ description: 'How many there are beside those that stand there by themselves.' }),
    refusedKeys: refusedKeys.optional().meta({ description: 'For whoever may read the health of the server.' }),
  })
  .meta({ id: 'Start' })

/** How the server is, for those who run it; and how far somebody has come who begins with it. */
export const systemHealthRoutes: Routes = (untyped, { store, database, projects, configuration, clock, version, nodeSigns, access: { refusedKeys: refused }, publicUrl }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()

  app.get('/api/v1/health', { config: { access: 'health:read' }, schema: { summary: 'How the server is', description: 'Nodes and database of the installation; the queue and the keys of the project.', tags: ['operations'], operationId: 'getSystemHealth', response: { 200: health } } }, async (request) => ({
    version,
    atMs: clock.nowMs(),
    nodes: [...(await nodeSigns.nodes())],
    ...(await systemHealth({ store, database, projects, clock, project: request.project, say: sentencesFor(request) })),
    refusedKeys: [...refused.of(request.project.name)],
  }))

  app.get('/api/v1/start', { config: { access: 'overview:read' }, schema: { summary: 'What is there, for whoever begins', tags: ['overview'], operationId: 'getStart', response: { 200: start } } }, async (request) => {
    const { project, principal } = request
    const asking = askingOf(request, {})
    const { firstEvent, lastEvent, configured } = await startOf({ store, configuration, clock, project })
    return {
      project: project.name,
      url: publicUrl(),
      links: project.config.publicUrl !== undefined,
      ...(firstEvent !== undefined && { firstEvent: glimpseOf(firstEvent, asking) }),
      ...(lastEvent !== undefined && { lastEvent: glimpseOf(lastEvent, asking) }),
      configured,
      ...(principal.may('health:read', project.name) && { refusedKeys: [...refused.of(project.name)] }),
    }
  })
}

/** Who may not look at sessions hears that something came, and when. */
function glimpseOf(event: StoredEvent, asking: Asking): z.infer<typeof glimpse> {
  const seen = eventAnswer(event, asking)
  const { type, atMs } = event
  if (seen === undefined) return { type, atMs }
  const { agent, sessionId } = event
  const { model, costNanoUsd, costSource } = z.object({ model: z.string().optional(), costNanoUsd: z.number().optional(), costSource: z.string().optional() }).parse(seen.llm ?? {})
  return { type, atMs, ...(agent !== undefined && { agent }), ...(model !== undefined && { model }), ...(costNanoUsd !== undefined && { costNanoUsd }), ...(costSource !== undefined && { costSource }), ...(sessionId !== undefined && { sessionId }) }
}
