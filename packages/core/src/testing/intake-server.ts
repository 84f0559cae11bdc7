import { gunzipSync } from 'node:zlib'
import { sleep, systemClock } from '../model/clock.ts'
import type { EventInput } from '../model/event.ts'
import type { Certificate } from './certificate.ts'
import { startHttpProvider, type HttpFault, type HttpReply, type HttpRequest } from './http-provider.ts'

export interface IntakeOptions {
  /** Keys that may ingest; may be changed while it runs. @default `[intakeKey]` */
  readonly keys?: string[]
  /** @default 'http' */
  readonly protocol?: 'https' | 'http'
  readonly certificate?: Certificate
  readonly port?: number
  /** What was accepted before, of a server that is started again. @default nothing */
  readonly accepted?: readonly EventInput[]
  /** Most bytes of a body, unpacked; more is 413. @default any */
  readonly bytesMax?: number
  /** An event that the whole batch is refused for, as 400. @default none */
  readonly isUnreadable?: (event: EventInput) => boolean
  /** How long each answer takes, milliseconds. @default 0 */
  readonly answerMs?: number
  /** Why an event is refused alone. @default none is */
  readonly refusal?: (event: EventInput) => string | undefined
}

export const intakeKey = 'tok_stand-in-0123456789abcdef'

/** A Tocsin server as far as an agent sees it: `POST /api/v1/events`, its keys, and that an event counts once. Spans are taken by `POST /v1/traces`. */
export interface IntakeServer {
  /** As `endpoint` in `init`. */
  readonly endpoint: string
  readonly port: number
  readonly ca: string
  /** Every event that was accepted, in order, each once. */
  readonly events: readonly EventInput[]
  /** Events that were there already when they came. */
  readonly duplicates: number
  readonly requests: readonly HttpRequest[]
  readonly connections: number
  /** Requests that were under way at once, at most. */
  readonly mostUnderWay: number
  /** As in `HttpProvider`. */
  fail(...faults: readonly HttpFault[]): void
  /** So many of the next requests are committed, and the connection is reset before the answer. */
  loseAnswers(count: number): void
  close(): Promise<void>
}

/**
 * @example
 * const server = await startIntakeServer()
 * const tocsin = init({ endpoint: server.endpoint, apiKey: intakeKey }, { allowInsecure: true })
 * await tocsin.close()
 * await server.close()
 */
export async function startIntakeServer(options: IntakeOptions = {}): Promise<IntakeServer> {
  const keys = options.keys ?? [intakeKey]
  const events: EventInput[] = [...(options.accepted ?? [])]
  const known = new Set(events.map(identityOf))
  let duplicates = 0
  let answersToLose = 0
  let underWay = 0
  let mostUnderWay = 0

  const answer = async (request: HttpRequest): Promise<HttpReply> => {
    underWay += 1
    mostUnderWay = Math.max(mostUnderWay, underWay)
    await sleep(systemClock, options.answerMs ?? 0)
    underWay -= 1
    return answerOf(request)
  }
  const answerOf = (request: HttpRequest): HttpReply => {
    if (request.method !== 'POST' || !['/api/v1/events', '/v1/traces'].includes(request.path)) return { status: 404, body: { title: 'Not Found' } }
    if (!keys.some((key) => request.headers.authorization === `Bearer ${key}`)) return { status: 401, body: { title: 'Unauthorized' } }
    // Taken, and not looked into.
    if (request.path === '/v1/traces') return { status: 200, headers: { 'content-type': 'application/x-protobuf' } }
    if (request.headers['content-type'] !== 'application/json') return { status: 415, body: { title: 'Unsupported Media Type' } }
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.body) : request.body
    if (body.byteLength > (options.bytesMax ?? Infinity)) return { status: 413, body: { title: 'Content Too Large' } }
    // Checked below as far as an answer depends on it.
    const { events: given } = JSON.parse(body.toString('utf8')) as { readonly events: readonly EventInput[] }
    if (given.length < 1 || given.length > 1_000 || given.some((event) => options.isUnreadable?.(event) === true)) return { status: 400, body: { title: 'Bad Request' } }
    const refused: { readonly index: number; readonly reason: string }[] = []
    let accepted = 0
    for (const [index, event] of given.entries()) {
      const reason = event.id === undefined || event.atMs === undefined ? 'without id or atMs' : options.refusal?.(event)
      if (reason !== undefined) refused.push({ index, reason })
      else if (!known.has(identityOf(event))) {
        known.add(identityOf(event))
        events.push(event)
        accepted += 1
      }
    }
    const again = given.length - accepted - refused.length
    duplicates += again
    if (answersToLose > 0) {
      answersToLose -= 1
      throw new Error('the answer is lost')
    }
    return { status: 200, body: { accepted, duplicates: again, refused } }
  }
  const provider = await startHttpProvider({ protocol: options.protocol ?? 'http', answer, ...(options.certificate && { certificate: options.certificate }), ...(options.port !== undefined && { port: options.port }) })

  return {
    endpoint: provider.base,
    port: Number(new URL(provider.base).port),
    ca: provider.ca,
    events,
    get duplicates() {
      return duplicates
    },
    requests: provider.requests,
    get connections() {
      return provider.connections
    },
    get mostUnderWay() {
      return mostUnderWay
    },
    fail: (...faults) => provider.fail(...faults),
    loseAnswers(count) {
      answersToLose = count
    },
    close: () => provider.close(),
  }
}

function identityOf({ id, atMs }: EventInput): string {
  return `${atMs} ${id}`
}
