import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { TocsinError } from 'tocsin/engine'
import { inChinese } from './in-chinese.ts'
import { languageOf } from './language.ts'

/** One place in what was sent that is not as expected. */
export interface ProblemPlace {
  /** JSON Pointer into the body, or `?name` for a parameter. */
  readonly pointer: string
  readonly detail: string
}

/**
 * What is answered instead of what was asked for: a problem document (RFC 9457).
 *
 * @example throw new Problem(404, 'not-found', 'There is no alert alt_51 in project bots.')
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  /** A closed word for programs; the document's `type` is made of it. */
  readonly code: string
  readonly places: readonly ProblemPlace[]
  /** Seconds after which it is worth trying again. */
  readonly retryAfterSeconds: number | undefined
  /** Whoever throws it has told the log what there is to tell. */
  readonly isLogged: boolean

  constructor(status: number, code: string, detail: string, more: { readonly places?: readonly ProblemPlace[]; readonly retryAfterSeconds?: number; readonly isLogged?: true } = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.places = more.places ?? []
    this.retryAfterSeconds = more.retryAfterSeconds
    this.isLogged = more.isLogged ?? false
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request', 401: 'Not logged in', 403: 'Not allowed', 404: 'Not found', 405: 'Method not allowed', 406: 'Not acceptable', 408: 'Too slow', 409: 'Conflict', 410: 'Gone', 412: 'Changed meanwhile', 413: 'Too large',
  415: 'Unknown form', 422: 'Not as expected', 428: 'If-Match is missing', 429: 'Too many', 500: 'Our mistake', 503: 'Not now', 507: 'Full',
}

const contentType = 'application/problem+json'
const busyRetrySeconds = 1
const placesMax = 100
const placeCharsMax = 500

/** Sends the document that fits what was thrown, in the language that is asked for as far as it is spoken. What is our mistake is logged and not shown. */
export function answerProblem(thrown: FastifyError | Problem | TocsinError | Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(thrown)
  const say = sentencesFor(request)
  if (problem.status >= 500 && !problem.isLogged) request.log.error({ err: thrown }, 'a request failed')
  if (problem.retryAfterSeconds !== undefined) void reply.header('retry-after', String(problem.retryAfterSeconds))
  void reply
    .status(problem.status)
    .header('content-type', contentType)
    .send(
      JSON.stringify({
        type: `urn:tocsin:problem:${problem.code}`,
        title: titles[problem.status] ?? 'Problem',
        status: problem.status,
        detail: say(problem.message),
        instance: request.id,
        ...(problem.places.length > 0 && { errors: problem.places.map(({ pointer, detail }) => ({ pointer, detail: say(detail) })) }),
      }),
    )
}

/** Says sentences of ours in the language that a request asks for; what has no words in it stays English. */
export function sentencesFor(request: Pick<FastifyRequest, 'headers'>): (english: string) => string {
  return languageOf(request) === 'zh-CN' ? inChinese : (english) => english
}

/** What is answered where this was thrown. */
export function problemOf(thrown: FastifyError | Problem | TocsinError | Error): Problem {
  if (thrown instanceof Problem) return thrown
  if (thrown instanceof TocsinError) return ofStore(thrown)
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const { length } = thrown.validation
    // As many as somebody can read: of a million wrong values each would be a place.
    const places = thrown.validation.slice(0, placesMax).map(({ instancePath, message = 'not as expected' }) => ({ pointer: cut(instancePath === '' ? '/' : instancePath), detail: cut(message) }))
    return new Problem(422, 'invalid', `${length === 1 ? 'One place is' : `${length} places are`} not as expected.`, { places })
  }
  const status = 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : 500
  if (status < 400 || status >= 500) return new Problem(500, 'failed', 'Something went wrong here. It is on record under the number in "instance".')
  return new Problem(status, codeOf(status), thrown.message)
}

/** What was sent is in it, such as the names that are not known. */
function cut(text: string): string {
  return text.length <= placeCharsMax ? text : `${text.slice(0, placeCharsMax)}…`
}

function codeOf(status: number): string {
  if (status === 413) return 'too-large'
  if (status === 415) return 'unknown-form'
  return status === 404 ? 'not-found' : 'bad-request'
}

function ofStore(error: TocsinError): Problem {
  if (error.code === 'config-invalid') return new Problem(422, 'config-invalid', error.message)
  if (error.code === 'wrong-usage' || error.code === 'event-invalid') return new Problem(422, 'invalid', error.message)
  if (error.code === 'store-full') return new Problem(507, 'store-full', 'The disk of the database is full. Nothing of this request was kept; send it again when there is room.', { retryAfterSeconds: 30 })
  if (error.retry === 'retry') return new Problem(503, 'store-away', 'The database does not answer. Nothing of this request was kept; send it again.', { retryAfterSeconds: busyRetrySeconds })
  return new Problem(503, 'store-unusable', 'The database cannot be used. The operator finds out why in the log.', { retryAfterSeconds: 30 })
}
