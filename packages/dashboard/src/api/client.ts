import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from './schema'

/** One place in what was sent that is not as expected. */
export interface ProblemPlace {
  /** JSON Pointer into the body, such as `/quietHours`, or `?name` for a parameter. */
  readonly pointer: string
  readonly detail: string
}

/** What the server answered instead of what was asked for (RFC 9457), or that it did not answer: then `status` is 0. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly status: number
  /** A closed word, such as `wrong-password`; `away` where nothing answered, `odd-answer` where it was no such document. People are told by it, see `parts/said.ts`. */
  readonly code: string
  /** To find it in the server's log. */
  readonly requestId: string
  readonly places: readonly ProblemPlace[]
  /** Seconds after which it is worth trying again. */
  readonly retryAfterSeconds: number | undefined

  constructor(fields: { readonly status: number; readonly code: string; readonly detail: string; readonly requestId?: string; readonly places?: readonly ProblemPlace[]; readonly retryAfterSeconds?: number; readonly cause?: unknown }) {
    super(fields.detail, { cause: fields.cause })
    this.status = fields.status
    this.code = fields.code
    this.requestId = fields.requestId ?? ''
    this.places = fields.places ?? []
    this.retryAfterSeconds = fields.retryAfterSeconds
  }
}

/** What is waited for an answer, milliseconds: a server that says nothing is as good as away. */
const answerMs = 20_000
/** A backtest over seven days reads much. */
const longAnswerMs = 120_000

let project = ''
const sessionEndedListeners = new Set<() => void>()

/** Whose data every request is about: that of the address. */
export function setProject(name: string): void {
  project = name
}

/** Called once for each answer that says that nobody is logged in any more. @returns ends it */
export function onSessionEnded(listener: () => void): () => void {
  sessionEndedListeners.add(listener)
  return () => sessionEndedListeners.delete(listener)
}

const manners: Middleware = {
  onRequest({ request }) {
    // What only our own page sends: see http/same-origin.ts of the server.
    request.headers.set('tocsin-request', '1')
    if (project !== '' && !request.headers.has('tocsin-project')) request.headers.set('tocsin-project', project)
    request.headers.set('accept-language', document.documentElement.lang)
    return request
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok || response.status === 304) return response
    const problem = await problemOf(response)
    if (response.status === 401 && schemaPath !== '/api/auth/sign-in/email') for (const listener of sessionEndedListeners) listener()
    throw problem
  },
  onError({ error }) {
    if (error instanceof ProblemError) return error
    return new ProblemError({ status: 0, code: 'away', detail: 'The server does not answer.', cause: error })
  },
}

async function problemOf(response: Response): Promise<ProblemError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? 'NaN')
  const more = { ...(Number.isFinite(retryAfter) && { retryAfterSeconds: retryAfter }) }
  const text = await response.text()
  const document = jsonOf(text)
  // What stands in between, such as a proxy, has words of its own or none.
  const detail = textOf(document['detail']) || `${response.status} ${response.statusText}`.trim()
  return new ProblemError({ status: response.status, code: textOf(document['type']).split(':').at(-1) || 'odd-answer', detail, requestId: textOf(document['instance']), places: placesOf(document['errors']), ...more })
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    // Reason for the cast: an object's fields are looked at one by one below.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // A proxy in between answers with a page of its own.
    return {}
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function placesOf(value: unknown): readonly ProblemPlace[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return []
    const { pointer, detail } = one as Record<string, unknown> // the fields are looked at in the next line
    return typeof pointer === 'string' && typeof detail === 'string' ? [{ pointer, detail }] : []
  })
}

/** The API, typed by its own document. What is not answered with 2xx is thrown as {@link ProblemError}. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  // "?state=firing,acknowledged"
  querySerializer: { array: { style: 'form', explode: false } },
  async fetch(request) {
    const long = request.url.includes('/backtests')
    return fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(long ? longAnswerMs : answerMs)]) })
  },
})
api.use(manners)
