import { eventBounds } from '../model/event.ts'
import type { ErrorClass, EventError } from '../model/event.ts'
import { field, fieldAt, first, known, text, secretMarginChars } from './read.ts'

/** What is known of a failure, from whatever told it. */
export interface FailureFacts {
  readonly statusCode?: number
  /** The provider's or the runtime's own words, most telling first: `insufficient_quota`, `ECONNRESET`, `RateLimitError`. */
  readonly words: readonly string[]
  readonly message: string
}

/**
 * Words of OpenAI, Azure, Anthropic, Google and of Node and the SDKs → the class. Compared in lower case, without
 * `_`, `-`, `.` and spaces, so that `rate_limit_exceeded` and `RateLimitExceeded` are one word.
 */
const classOfWord: ReadonlyMap<string, ErrorClass> = new Map([
  ...of('quota', ['insufficientquota', 'billinghardlimitreached', 'billingnotactive', 'billingerror', 'quotaexceeded', 'accountdeactivated', 'insufficientfunds', 'insufficientbalance']),
  ...of('rate-limit', ['ratelimitexceeded', 'ratelimiterror', 'ratelimit', 'requests', 'tokens', 'toomanyrequests', 'resourceexhausted', 'throttlingexception', '429']),
  ...of('context-length', ['contextlengthexceeded', 'contextwindowexceeded', 'modelcontextwindowexceeded', 'stringabovemaxlength']),
  ...of('content-filter', ['contentfilter', 'contentpolicyviolation', 'responsibleaipolicyviolation', 'moderationblocked', 'safety', 'contentfilterfinishreasonerror']),
  ...of('auth', ['invalidapikey', 'authenticationerror', 'permissionerror', 'permissiondeniederror', 'permissiondenied', 'unauthenticated', 'unauthorized', 'accessdenied', 'accessdeniedexception', 'forbidden', 'oautherror', '401', '403']),
  ...of('timeout', ['apiconnectiontimeouterror', 'timeouterror', 'timeout', 'etimedout', 'esockettimedout', 'deadlineexceeded', 'underrconnecttimeout', 'underrheaderstimeout', 'underrbodytimeout', '408', '504']),
  ...of('cancelled', ['apiuseraborterror', 'aborterror', 'aborted', 'cancelled', 'canceled', 'aborterr', '499']),
  ...of('network', ['apiconnectionerror', 'econnreset', 'econnrefused', 'enotfound', 'eaiagain', 'ehostunreach', 'enetunreach', 'epipe', 'underrsocket', 'underrclosed', 'fetcherror', 'certhasexpired', 'depthzeroselfsignedcert']),
  ...of('server', ['servererror', 'internalservererror', 'internalerror', 'overloadederror', 'apierror', 'serviceunavailable', 'unavailable', 'internal', 'modeloverloaded', 'engineoverloaded', 'badgateway', '500', '502', '503', '529']),
  ...of('invalid-request', ['invalidrequesterror', 'badrequesterror', 'notfounderror', 'unprocessableentityerror', 'invalidargument', 'modelnotfound', 'deploymentnotfound', 'failedprecondition', 'conflicterror', 'validationerror', 'requesttoolarge', '400', '404', '409', '413', '422']),
])

function of(kind: ErrorClass, list: readonly string[]): readonly (readonly [string, ErrorClass])[] {
  return list.map((word) => [word, kind] as const)
}

/**
 * Two refusals have no word of their own at some providers (Anthropic answers 400 `invalid_request_error` to both), and
 * some telemetry keeps nothing but the text: only there the text decides, because an overlong prompt, an empty account
 * and a busy minute ask for different people.
 */
const tooLong = /prompt is too long|context (length|window)|maximum context|input is too long/i
const rateLimited = /rate limit/i
const noCredit = /credit balance is too low|exceeded your current quota|insufficient (quota|credits|balance)/i

/** The class of a failure, the same for every provider: the provider's own word first, then the status, then the text. */
export function errorClass(facts: FailureFacts): ErrorClass {
  const { statusCode, message } = facts
  let general: ErrorClass | undefined
  for (const word of facts.words) {
    const found = classOfWord.get(word.slice(0, 100).toLowerCase().replaceAll(/[_\-. ]/g, ''))
    // These three are the wide words that a more telling one, or the status, may still sharpen.
    if (found === 'invalid-request' || found === 'rate-limit' || found === 'server') general ??= found
    else if (found !== undefined) return found
  }
  const refused = statusCode === undefined || statusCode === 400
  if ((refused || statusCode === 413) && tooLong.test(message)) return 'context-length'
  if ((refused || statusCode === 429) && noCredit.test(message)) return 'quota'
  if (general !== undefined) return general
  if (statusCode !== undefined) return classOfStatus(statusCode)
  return rateLimited.test(message) ? 'rate-limit' : 'other'
}

function classOfStatus(statusCode: number): ErrorClass {
  if (statusCode === 401 || statusCode === 403) return 'auth'
  if (statusCode === 402) return 'quota'
  if (statusCode === 408 || statusCode === 504) return 'timeout'
  if (statusCode === 429) return 'rate-limit'
  if (statusCode === 499) return 'cancelled'
  if (statusCode >= 500) return 'server'
  return statusCode >= 400 ? 'invalid-request' : 'other'
}

/**
 * Anything thrown as an EventError. Reads only known fields, follows `cause` three steps, and never throws.
 *
 * @example describeError(new RateLimitError(429, { code: 'insufficient_quota' }, …)) // { class: 'quota', statusCode: 429, code: 'insufficient_quota', … }
 */
export function describeError(thrown: unknown): EventError {
  const body = field(thrown, 'error')
  // OpenAI: `error`; Anthropic: `error.error`; the Vercel AI SDK: `data.error`.
  const detail = first(objectOrNothing(field(body, 'error')), objectOrNothing(body), objectOrNothing(fieldAt(thrown, 'data', 'error')))
  const statusCode = httpStatus(first(field(thrown, 'status'), field(thrown, 'statusCode')))
  const code = first(text(field(thrown, 'code')), text(field(detail, 'code')))
  const type = first(text(field(thrown, 'type')), text(field(detail, 'type')))
  const words = [code, text(field(detail, 'type')), type, text(fieldAt(thrown, 'constructor', 'name')), text(field(thrown, 'name'))]
  let cause = field(thrown, 'cause')
  for (let depth = 0; depth < 3 && cause !== undefined; depth++) {
    words.push(text(field(cause, 'code')), text(field(cause, 'name')))
    cause = field(cause, 'cause')
  }
  const message = messageOf(thrown)
  const kind = errorClass({ ...known('statusCode', statusCode), words: words.filter((word) => word !== undefined), message })
  return { class: kind, message, ...known('statusCode', statusCode), ...known('code', first(code, type === 'error' ? undefined : type)) }
}

/** What a thrown thing says, in little more than is kept of it. */
export function messageOf(thrown: unknown): string {
  const said = text(typeof thrown === 'object' ? field(thrown, 'message') : thrown, eventBounds.textCharsMax + secretMarginChars)
  if (said !== undefined) return said
  if (typeof thrown === 'object' && thrown !== null) return text(fieldAt(thrown, 'constructor', 'name')) ?? 'an error without a message'
  return typeof thrown === 'function' || typeof thrown === 'symbol' ? `a thrown ${typeof thrown}` : String(thrown)
}

/** An HTTP status from a number or its text. */
export function httpStatus(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^[1-5]\d\d$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 100 && number <= 599 ? number : undefined
}

/** The openai package puts the status first, `429 Rate limit reached`, and its tracing keeps nothing else of it. */
export function statusInText(message: string): number | undefined {
  return httpStatus(/^([45]\d\d) /.exec(message)?.[1])
}

function objectOrNothing(value: unknown): object | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}
