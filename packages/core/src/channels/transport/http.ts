import type { Agent, AgentOptions, IncomingMessage } from 'node:http'
import type { request as Request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { SendTools } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import { isNetworkCode } from './network-codes.ts'
import { answerHeadersOf, brokenHeader, type AnswerHeaders } from './headers.ts'
import { allowedAddresses, systemResolve } from './resolve.ts'
import { retryAfterMs } from './retry-after.ts'
import { targetProblem } from './target.ts'
import { tell } from './transcript.ts'
import type { Transport } from './transport.ts'

const answerBytesMax = 64 * 1024
const headerBytesMax = 16 * 1024
const timeoutsMs = { provider: 20_000, 'user-supplied': 15_000 } as const

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  /** Checked for line breaks and what HTTP cannot carry. `host`, `content-length` and `user-agent` are set here. */
  readonly headers: Readonly<Record<string, string>>
  /** Text goes as UTF-8. */
  readonly body?: string | Uint8Array
  /** Whom to trust, as `openTransport` made it of the channel's settings. */
  readonly via: Transport
  /** From the start to the end of the answer, milliseconds. @default 20_000; 15_000 to a user-supplied address */
  readonly timeoutMs?: number
  /** Keeps connections for the next call; of the module for the URL's protocol, and with an empty `proxyEnv`. @default none: a connection of its own */
  readonly agent?: Agent
}

/** A status came; `text` is what could be read of the body within time and 64 kB. */
export interface HttpAnswer {
  readonly kind: 'answer'
  readonly status: number
  /** From Retry-After, in milliseconds. */
  readonly afterMs?: number
  readonly headers: AnswerHeaders
  readonly text: string
  /** Whether `text` is the whole body. */
  readonly complete: boolean
}

/**
 * No status came; `bodySent` says whether the whole request had gone out before.
 *
 * network   unreachable, broken off, a name that cannot be resolved (ENOTFOUND, EAI_AGAIN), or what came is not HTTP
 * time-out  the deadline passed
 * tls       no TLS 1.2 or newer with a certificate that is trusted and good for this name
 * refused   nothing was connected, by our own rules: `url-not-allowed`, `port-not-allowed`, `address-not-allowed`,
 *           `header-not-allowed`, and `detail` says why, safe to show
 */
export type HttpFailure =
  | { readonly kind: 'failed'; readonly bodySent: boolean; readonly cause: 'network' | 'time-out' | 'tls'; readonly code: string }
  | { readonly kind: 'failed'; readonly bodySent: false; readonly cause: 'refused'; readonly code: string; readonly detail: string }

export type HttpResult = HttpAnswer | HttpFailure

/**
 * One HTTP request, without `agent` on a connection of its own: no redirect is followed (3xx is an answer), the answer is bounded, and the
 * deadline is kept whatever the other side does. Never throws. No proxy of the environment is used.
 *
 * To a user-supplied address: its name is resolved once, every address found must be public or in `allowNetworks`, and
 * the connection goes to one of exactly these, so that a name that changes its mind leads nowhere else. TLS and the Host
 * header still speak of the name.
 *
 * `node:http` and not `fetch`, because only it tells when the request has gone out whole: before that a message can be
 * sent again without doubt, after it the provider may have it. A connection of its own, because one that was kept open
 * may be closed by the other side in the moment of use, which would leave each such message in doubt; where the same may be sent again, `agent` keeps one.
 *
 * @example
 * const answer = await callHttp({ method: 'POST', url: this.#url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(alert), via: this.#transport }, tools)
 * return withoutSecrets(httpOutcome(answer, verdictOf), [this.#settings.token])
 */
export async function callHttp(call: HttpCall, tools: Pick<SendTools, 'signal' | 'clock' | 'resolve' | 'transcript'>): Promise<HttpResult> {
  const result = await answerOf(call, tools)
  if (tools.transcript !== undefined) tell(call, result, tools.transcript)
  return result
}

async function answerOf(call: HttpCall, tools: Pick<SendTools, 'signal' | 'clock' | 'resolve'>): Promise<HttpResult> {
  const refusal = targetProblem(call.url, call.via)
  if (refusal !== undefined) return { kind: 'failed', bodySent: false, cause: 'refused', ...refusal }
  const broken = brokenHeader(call.headers)
  if (broken !== undefined) return { kind: 'failed', bodySent: false, cause: 'refused', code: 'header-not-allowed', detail: `the header ${broken.replaceAll(/[^\w-]/g, '?')} cannot be sent: it holds a line break or a character that HTTP does not carry` }
  const timeout = new AbortController()
  const stopTimer = tools.clock.after(call.timeoutMs ?? timeoutsMs[call.via.trust], () => timeout.abort())
  const signal = AbortSignal.any([tools.signal, timeout.signal])
  try {
    const resolved = call.via.trust === 'provider' ? undefined : await allowedAddresses(call.url, call.via, tools.resolve ?? systemResolve, signal)
    if (resolved?.kind === 'refused') return { kind: 'failed', bodySent: false, cause: 'refused', ...resolved.refusal }
    if (resolved?.kind === 'unknown') return { kind: 'failed', bodySent: false, cause: signal.aborted ? 'time-out' : 'network', code: resolved.code }
    // Loaded with the first call: 10 MB and 40 ms that an agent without such channels does not pay.
    const web = call.url.protocol === 'http:' ? await import('node:http') : await import('node:https')
    return await exchange(call, web, resolved?.addresses, signal, tools.clock)
  } finally {
    stopTimer()
  }
}

interface Web {
  readonly request: typeof Request
  /** With the fields that a request over TLS and a plain one share. */
  readonly Agent: new (options: AgentOptions) => Agent
}

/** An answer, or its lack, from one connection to one of `addresses`; absent: the connection resolves the name itself. */
function exchange(call: HttpCall, web: Web, addresses: readonly string[] | undefined, signal: AbortSignal, clock: Clock): Promise<HttpResult> {
  return new Promise((resolve) => {
    let bodySent = false
    let hasStatus = false
    const failed = (error: Error): void => {
      // Once a status has come it counts, with what was read of the body.
      if (hasStatus) return
      const code = 'code' in error ? String(error.code) : error.name
      const cause = signal.aborted ? 'time-out' : isNetworkCode(code) || code === 'Error' || code.startsWith('HPE_') ? 'network' : 'tls'
      resolve({ kind: 'failed', bodySent, cause, code })
    }
    const body = typeof call.body === 'object' ? call.body : Buffer.from(call.body ?? '')
    const { ca } = call.via
    const request = web.request(call.url, {
      method: call.method,
      headers: { ...call.headers, host: call.url.host, 'content-length': body.byteLength, 'user-agent': 'tocsin' },
      // An empty proxyEnv: through a proxy of the environment all that is refused here could be reached.
      agent: call.agent ?? new web.Agent({ proxyEnv: {} }),
      signal,
      maxHeaderSize: headerBytesMax,
      insecureHTTPParser: false,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(ca === undefined ? {} : { ca }),
      ...(addresses === undefined ? {} : { lookup: lookupOf(addresses) }),
    })
    request.on('finish', () => (bodySent = true))
    request.on('error', failed)
    // Nobody asked for another protocol; without this it would be neither an answer nor an error.
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      failed(Object.assign(new Error('the protocol was changed'), { code: 'HPE_PAUSED_UPGRADE' }))
    })
    request.on('close', () => failed(Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' })))
    request.on('response', (response) => {
      hasStatus = true
      void readText(response, signal).then(({ text, complete }) => {
        const afterMs = retryAfterMs(response.headers['retry-after'], clock)
        const headers = answerHeadersOf(response.headers)
        resolve({ kind: 'answer', status: response.statusCode ?? 0, headers, text, complete, ...(afterMs === undefined ? {} : { afterMs }) })
        // What was read to its end leaves a connection that can be used again.
        if (call.agent === undefined || !complete) request.destroy()
      })
    })
    request.end(body)
  })
}

/** What the connection asks instead of the resolver: it gets the addresses that were checked, whatever name it asks for. */
function lookupOf(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  const [first = { address: '', family: 0 }] = found
  return (_host, { all }, done) => queueMicrotask(() => (all === true ? done(null, found) : done(null, first.address, first.family)))
}

/** What comes of the body until it ends, breaks off, is too long or the time is over: the status counts all the same. */
async function readText(response: IncomingMessage, signal: AbortSignal): Promise<{ readonly text: string; readonly complete: boolean }> {
  const chunks: Buffer[] = []
  let size = 0
  const ended = await new Promise<boolean>((resolve) => {
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > answerBytesMax) resolve(false)
    })
    response.on('end', () => resolve(true))
    response.on('error', () => resolve(false))
    response.on('close', () => resolve(false))
    signal.addEventListener('abort', () => resolve(false), { once: true })
  })
  return { text: Buffer.concat(chunks).subarray(0, answerBytesMax).toString('utf8'), complete: ended }
}
