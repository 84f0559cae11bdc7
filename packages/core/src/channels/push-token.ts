import { sign } from 'node:crypto'
import { z } from 'zod'
import type { SendTools } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import type { Outcome } from '../model/outcome.ts'
import { jsonOf } from './json-of.ts'
import type { ServiceAccount } from './push-account.ts'
import { callHttp, type HttpAnswer } from './transport/http.ts'
import { httpOutcome, type Verdict } from './transport/outcome.ts'
import type { Transport } from './transport/transport.ts'

export type TokenResult = { readonly kind: 'token'; readonly token: string } | { readonly kind: 'none'; readonly outcome: Outcome; readonly isOutOfTime?: boolean }

const scope = 'https://www.googleapis.com/auth/firebase.messaging'
/** The longest that Google takes, seconds. */
const assertionSeconds = 3_600
/** A token is renewed so long before it ends, milliseconds. */
const renewBeforeMs = 60_000

/**
 * Access tokens of a service account (https://developers.google.com/identity/protocols/oauth2/service-account): an
 * assertion signed with its key is exchanged for a token, which is kept until a minute before its end. Sends that need
 * one at the same time wait for the same exchange.
 */
export class AccessTokens {
  readonly #account: ServiceAccount
  readonly #tokenUri: URL
  readonly #transport: Transport
  #kept: { readonly token: string; readonly untilMs: number } | undefined
  #fetching: Promise<TokenResult> | undefined

  constructor(account: ServiceAccount, tokenUri: URL, transport: Transport) {
    this.#account = account
    this.#tokenUri = tokenUri
    this.#transport = transport
  }

  async get(tools: SendTools): Promise<TokenResult> {
    const kept = this.#kept
    if (kept !== undefined && tools.clock.nowMs() < kept.untilMs) return { kind: 'token', token: kept.token }
    const isOurs = this.#fetching === undefined
    this.#fetching ??= this.#fetch(tools).finally(() => (this.#fetching = undefined))
    const result = await inTime(this.#fetching, tools.signal)
    // The time of the send that began it was over, and not that of this one, which begins the next.
    return result.kind === 'none' && result.isOutOfTime === true && !isOurs && !tools.signal.aborted ? this.get(tools) : result
  }

  /** The receiver does not take this one any more; another that was fetched meanwhile stays. */
  drop(token: string): void {
    if (this.#kept?.token === token) this.#kept = undefined
  }

  async #fetch(tools: SendTools): Promise<TokenResult> {
    const { clock } = tools
    const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: this.#assertion(clock) }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
    const result = await callHttp({ method: 'POST', url: this.#tokenUri, headers, body, via: this.#transport }, tools)
    const granted = result.kind === 'answer' && result.status === 200 ? tokenIn(result.text) : undefined
    if (granted === undefined) return { kind: 'none', outcome: aboutTheToken(httpOutcome(result, tokenVerdict)), isOutOfTime: tools.signal.aborted }
    this.#kept = { token: granted.access_token, untilMs: clock.nowMs() + granted.expires_in * 1_000 - renewBeforeMs }
    return { kind: 'token', token: granted.access_token }
  }

  #assertion(clock: Clock): string {
    const { email, privateKey, privateKeyId } = this.#account
    const issuedAt = Math.floor(clock.nowMs() / 1_000)
    const head = { alg: 'RS256', typ: 'JWT', ...(privateKeyId === undefined ? {} : { kid: privateKeyId }) }
    const claims = { iss: email, scope, aud: this.#tokenUri.href, iat: issuedAt, exp: issuedAt + assertionSeconds }
    const signed = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`
  }
}

const granted = z.object({ access_token: z.string().regex(/^[\w.~+/=-]{1,4096}$/), expires_in: z.number().positive().max(86_400) })
const denied = z.object({ error: z.string().regex(/^[\w.-]{1,60}$/), error_description: z.string().optional() })

function tokenIn(text: string): z.output<typeof granted> | undefined {
  return granted.safeParse(jsonOf(text)).data
}

/** Errors of RFC 6749, 5.2, as Google uses them: `invalid_grant` for a key that was deleted, an account that was disabled, a clock that is wrong. */
function tokenVerdict({ status, text }: HttpAnswer): Verdict {
  if (status >= 200 && status < 300) return { kind: 'retry', detail: 'an answer without a token: this may not be the provider’s' }
  const { error, error_description: description } = denied.safeParse(jsonOf(text)).data ?? {}
  if (error === undefined) return { detail: text }
  return { code: error, detail: `${error}${description === undefined ? '' : `: ${description}`}${error === 'invalid_grant' ? ' (a key or an account that is gone or disabled, or a wrong clock here)' : ''}` }
}

/** Nothing of the message has gone out yet, and what the provider refuses here it refuses to all of them. */
function aboutTheToken(outcome: Outcome): Outcome {
  const detail = `no access token: ${outcome.detail ?? ''}`
  if (outcome.kind === 'retry') return { ...outcome, detail }
  return outcome.kind === 'sent' || outcome.kind === 'in-doubt' ? { kind: 'retry', detail } : { ...outcome, kind: 'bad-config', detail }
}

/** What waits for an exchange that another send began has a deadline of its own. */
function inTime(fetching: Promise<TokenResult>, signal: AbortSignal): Promise<TokenResult> {
  return new Promise((resolve, reject) => {
    const late = (): void => resolve({ kind: 'none', outcome: { kind: 'retry', code: 'ABORT_ERR', detail: 'no access token in time' } })
    if (signal.aborted) return late()
    signal.addEventListener('abort', late, { once: true })
    void fetching.then(resolve, reject).finally(() => signal.removeEventListener('abort', late))
  })
}
