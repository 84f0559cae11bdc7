import type { Outcome, OutcomeKind } from '../../model/outcome.ts'
import type { HttpAnswer, HttpFailure, HttpResult } from './http.ts'

/** What a provider says of one message in its own codes. What is left out follows from the status. */
export interface Verdict {
  readonly kind?: OutcomeKind
  /** The provider's own code. @default the status */
  readonly code?: string
  /** What the provider said; may be raw, `withoutSecrets` makes it safe. */
  readonly detail?: string
  /** Where the provider names a time elsewhere than in Retry-After. */
  readonly afterMs?: number
  /** What the provider calls the message. */
  readonly providerId?: string
}

/**
 * What an answer, or its lack, means for one message.
 *
 * Everywhere the same: refused by our own rules → `bad-config` (or `refused`), a header that cannot go → `bad-content`; no
 * trusted TLS → `bad-config`; the network or the time failed before the whole request was out → `retry`, after it →
 * `in-doubt`. A name that does not exist is `retry` as well: resolvers say so of one that they merely lost, and a name that
 * stays away uses up its attempts.
 *
 * By status, where `verdictOf` does not know better: 2xx `sent`; 408, 425, 429 and 5xx `retry`, after the time that was
 * asked for; 3xx (never followed), 401, 403, 404, 405, 407 and 410 `bad-config`; all others `bad-content`.
 *
 * @param verdictOf reads the provider's own codes from any answer, also of a success: many say there that they failed
 * @param refused where the address belongs to a person and not to the channel (Web Push): `bad-address`, for TLS that is not
 * trusted too, so that one address never stops the channel for all
 * @example
 * httpOutcome(result, ({ status, text }) => (status === 410 ? { kind: 'bad-address', detail: 'gone' } : { detail: text }))
 */
export function httpOutcome(result: HttpResult, verdictOf: (answer: HttpAnswer) => Verdict, refused: 'bad-config' | 'bad-address' = 'bad-config'): Outcome {
  if (result.kind === 'failed') return unanswered(result, refused)
  const { kind = kindOfStatus(result.status), code = String(result.status), detail, afterMs = result.afterMs, providerId } = verdictOf(result)
  if (kind === 'sent') return { kind, ...(providerId === undefined ? {} : { providerId }), ...(detail === undefined ? {} : { detail }) }
  const told = detail === undefined || detail === '' ? String(result.status) : `${result.status} ${detail}`
  if (kind === 'retry') return { kind, code, detail: told, ...(afterMs === undefined ? {} : { afterMs }) }
  return { kind, code, detail: told }
}

function unanswered(failed: HttpFailure, refused: 'bad-config' | 'bad-address'): Outcome {
  const { code } = failed
  if (failed.cause === 'refused') return { kind: code === 'header-not-allowed' ? 'bad-content' : refused, code, detail: failed.detail }
  if (failed.cause === 'tls') return { kind: refused, code, detail: 'no trusted TLS connection: check the address, its certificate and ca' }
  if (failed.bodySent) return { kind: 'in-doubt', code, detail: `the message went out and no answer came (${failed.cause})` }
  if (resolverCodes.test(code)) return { kind: 'retry', code, detail: 'the host name could not be resolved' }
  return { kind: 'retry', code, detail: `the other side could not be reached (${failed.cause})` }
}

const resolverCodes = /^(?:ENOTFOUND|EAI_[A-Z]+|ENODATA|ESERVFAIL|EREFUSED|ETIMEOUT)$/

function kindOfStatus(status: number): OutcomeKind {
  if (status >= 200 && status < 300) return 'sent'
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'retry'
  if (status < 400 || wrongPlace.has(status)) return 'bad-config'
  return 'bad-content'
}

/** Not let in, or nothing there: so for every message. */
const wrongPlace: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 410])
