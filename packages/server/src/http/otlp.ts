import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { contentTypes, statusBody, successBody, type OtlpForm, type PartialSuccess, type RejectedName } from '../otlp/answers.ts'
import { MalformedMessage } from '../otlp/protobuf-reader.ts'
import { createOtlpTakers } from '../otlp/take.ts'
import { takesBodies } from './bodies.ts'
import { answerProblem, Problem, problemOf } from './problem.ts'
import type { Routes } from './routes.ts'

/**
 * `POST /v1/traces`, `/v1/logs` and `/v1/metrics`: OTLP over HTTP, as JSON and as protobuf. Answered after the commit.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export const otlpRoutes: Routes = (app: FastifyInstance, { intake }) => {
  const { counts } = intake
  const takers = createOtlpTakers(counts)
  takesBodies(app, intake, { 'application/json': (bytes) => bytes, 'application/x-protobuf': (bytes) => bytes })
  app.setErrorHandler(answerOtlpError)

  add('/v1/traces', 'rejectedSpans', 'otlpTraces', 'Spans by OTLP', ({ project }, bytes, form) => takers.traces(project, bytes, form))
  add('/v1/logs', 'rejectedLogRecords', 'otlpLogs', 'Log records by OTLP: those of Claude Code, Codex and the conventions for generative AI become events', ({ project }, bytes, form) =>
    takers.logs(project, bytes, form),
  )
  add('/v1/metrics', 'rejectedDataPoints', 'otlpMetrics', 'Metrics by OTLP: what Claude Code spent, where no log record tells it call by call', ({ project }, bytes, form) => takers.metrics(project, bytes, form))

  function add(url: string, rejectedName: RejectedName, operationId: string, summary: string, take: (request: FastifyRequest, bytes: Buffer, form: OtlpForm) => Promise<PartialSuccess>): void {
    app.post(url, { config: { access: 'events:write', answers: { type: 'application/x-protobuf', says: 'As OTLP says, in the form that was sent (protobuf or JSON), after the commit.' } }, schema: { summary, operationId, tags: ['ingest'] } }, async (request, reply) => {
      const form = formOf(request)
      const { body } = request
      if (form === undefined || !Buffer.isBuffer(body)) throw new Problem(415, 'unknown-form', `Expected content-type ${Object.values(contentTypes).join(' or ')}.`)
      await request.admission.turn()
      const outcome = await take(request, body, form).catch((failure: unknown) => {
        if (!(failure instanceof MalformedMessage)) throw failure
        counts.refusedMalformed++
        throw new Problem(400, 'malformed', `This is no OTLP message for ${url}: ${failure.message}.`)
      })
      return reply.header('content-type', contentTypes[form]).send(successBody(form, rejectedName, outcome))
    })
  }
}

function formOf({ headers }: FastifyRequest): OtlpForm | undefined {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === contentTypes.json) return 'json'
  return type === contentTypes.protobuf ? 'protobuf' : undefined
}

/** Errors too are answered in the form of the request; where that is neither of the two, as everywhere else. */
function answerOtlpError(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const form = formOf(request)
  if (form === undefined) return answerProblem(thrown, request, reply)
  const problem = problemOf(thrown)
  // Exporters send again after 429, 502, 503 and 504, and throw away what anything else answers.
  const status = problem.status === 507 ? 503 : problem.status
  if (status >= 500) request.log.error({ err: thrown }, 'a request failed')
  if (problem.retryAfterSeconds !== undefined) void reply.header('retry-after', String(problem.retryAfterSeconds))
  void reply.status(status).header('content-type', contentTypes[form]).send(statusBody(form, status, problem.message))
}
