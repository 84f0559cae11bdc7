import fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { ServerParts } from '../parts.ts'
import { guard } from './access.ts'
import { auditRoutes } from './audit.ts'
import { keyRoutes } from './keys.ts'
import { meRoutes } from './me.ts'
import { mePersonRoutes } from './me-person.ts'
import { memberRoutes } from './members.ts'
import { secure } from './security.ts'
import { sessionRoutes } from './session.ts'
import { welcomeRoutes } from './welcome.ts'
import { agentOpsRoutes } from './agentops.ts'
import { actionPageRoutes } from './action-pages.ts'
import { backtestRoutes } from './backtests.ts'
import { builtInRuleRoutes } from './built-in-rules.ts'
import { callbackRoutes } from './callbacks.ts'
import { channelToolRoutes } from './channel-tools.ts'
import { configCheckRoutes } from './config-check.ts'
import { boundsConnections } from './connections.ts'
import { entryRoutes } from './entries.ts'
import { collectOpenApi, openApiRoute } from './open-api.ts'
import { personalRoutes } from './personal.ts'
import { projectRoutes } from './projects.ts'
import { reachRoutes } from './reach.ts'
import { routeTestRoutes } from './route-test.ts'
import { ruleCountRoutes } from './rule-counts.ts'
import { silenceRoutes } from './silences.ts'
import { signRoutes } from './signs.ts'
import { sourceRoutes } from './sources.ts'
import { starterRoutes } from './starters.ts'
import { pageRoutes } from './pages.ts'
import { eventRoutes } from './events.ts'
import { healthRoutes } from './health.ts'
import { takesJson } from './json-body.ts'
import { listRoutes } from './lists/routes.ts'
import { messagePreviewRoutes } from './message-preview.ts'
import { metricRoutes } from './metrics.ts'
import { otlpRoutes } from './otlp.ts'
import { boundsPipelines } from './pipelined.ts'
import { answerProblem, Problem } from './problem.ts'
import { streamRoutes } from './stream.ts'
import { systemHealthRoutes } from './system-health.ts'
import type { Routes } from './routes.ts'

/** Every route of the server; the table of permissions in the tests goes through them all. */
const rooms: readonly Routes[] = [healthRoutes, pageRoutes, metricRoutes, eventRoutes, signRoutes, actionPageRoutes, callbackRoutes, sourceRoutes, otlpRoutes, agentOpsRoutes, entryRoutes, projectRoutes, starterRoutes, personalRoutes, channelToolRoutes, routeTestRoutes, reachRoutes, configCheckRoutes, builtInRuleRoutes, ruleCountRoutes, silenceRoutes, backtestRoutes, messagePreviewRoutes, listRoutes, streamRoutes, systemHealthRoutes, sessionRoutes, welcomeRoutes, meRoutes, mePersonRoutes, keyRoutes, memberRoutes, auditRoutes, openApiRoute]

/** Of every route that says nothing else; those that take events have a bound of their own, in the intake. */
const bodyBytesMax = 1024 * 1024
/** Of what anybody may send, without a key: an address, a name, a password, a token. */
const publicBytesMax = 16 * 1024
const requestMs = 30_000
/** A connection on which nothing moves for so long is closed: of a client that never reads its answer, too. Streams say something more often; nothing else takes so long. */
const idleMs = 300_000
/** Of all clients together; who comes beyond them takes the place of the one that has been silent for longest. */
const connectionsMax = 8_192

/** Named at the start: else Fastify loads those of its own, which nobody asks. Reason for the cast: its types know those alone. */
const compilers = { buildValidator: () => validatorCompiler, buildSerializer: () => serializerCompiler } as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route that is served, such as `GET /api/v1/alerts`. */
    readonly served: readonly string[]
  }
}

/** The whole HTTP server, not listening yet. */
export async function createApp(parts: ServerParts, options: Pick<FastifyServerOptions, 'loggerInstance' | 'trustProxy'> & { readonly https?: object } = {}): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    ...options,
    bodyLimit: bodyBytesMax,
    schemaController: { compilersFactory: compilers },
    // Its own lines are at info, where the server tells of itself: see onResponse below.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: requestMs,
    connectionTimeout: idleMs,
    genReqId: () => parts.chance.id(),
    // A client that is slow to say what it wants holds a connection, and no more.
    http: { headersTimeout: requestMs },
  })
  boundsConnections(app.server, connectionsMax, parts.metrics.endedConnection)
  app.setErrorHandler(answerProblem)
  app.setNotFoundHandler({ config: { access: 'public' } } as object, (request) => {
    throw new Problem(404, 'not-found', `There is nothing at ${request.method} ${request.url.split('?', 1)[0] ?? ''}.`)
  })
  boundsPipelines(app)
  app.addHook('onRequest', async ({ url }) => {
    // It is the name of nothing, and PostgreSQL takes none.
    if (url.includes('%00')) throw new Problem(400, 'bad-request', 'Expected an address without the character NUL (%00).')
  })
  app.addHook('onResponse', async (request, reply) => {
    parts.metrics.answered(request.method, request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime)
    request.log.debug({ req: request, res: reply, tookMs: Math.round(reply.elapsedTime) }, 'answered')
  })
  const served: string[] = []
  app.decorate('served', served)
  app.addHook('onRoute', (route) => {
    if (route.config?.access === 'public') route.bodyLimit ??= publicBytesMax
  })
  app.addHook('onRoute', ({ method, url }) => void served.push(...[method].flat().map((one) => `${one} ${url}`)))
  await secure(app, parts.access)
  guard(app, parts)
  takesJson(app)
  await collectOpenApi(app, parts.version)
  for (const room of rooms) await app.register(async (inner) => room(inner, parts))
  await app.ready()
  return app
}
