import type { IncomingMessage } from 'node:http'
import type { request as Request } from 'node:https'
import type { SendTools } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import { isNetworkCode } from './network-codes.ts'

const answerBytesMax = 64 * 1024

export interface HttpCall {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Trusted instead of the machine's certificate authorities, PEM. */
  readonly ca?: string
  /** From the start to the end of the answer, milliseconds. @default 20_000 */
  readonly timeoutMs?: number
}

/**
 * answer  a status came; `text` is what could be read of the body within time and 64 kB
 * failed  no status came; `bodySent` says whether the whole request had gone out before
 */
export type HttpResult =
  | { readonly kind: 'answer'; readonly status: number; readonly afterMs?: number; readonly text: string; readonly complete: boolean }
  | { readonly kind: 'failed'; readonly bodySent: boolean; readonly cause: 'network' | 'time-out' | 'tls'; readonly code: string }

/**
 * One HTTP request on a connection of its own: no redirect is followed, the answer is bounded, and the deadline is kept
 * whatever the other side does. Never throws.
 *
 * `node:http` and not `fetch`, because only it tells when the request has gone out whole: before that a message can be
 * sent again without doubt, after it the provider may have it. A connection of its own, because one that was kept open
 * may be closed by the other side in the moment of use, which would leave each such message in doubt.
 */
export async function callHttp(call: HttpCall, tools: Pick<SendTools, 'signal' | 'clock'>): Promise<HttpResult> {
  // Loaded with the first call: 10 MB and 40 ms that an agent without such channels does not pay.
  const { request } = call.url.protocol === 'http:' ? await import('node:http') : await import('node:https')
  const timeout = new AbortController()
  const stopTimer = tools.clock.after(call.timeoutMs ?? 20_000, () => timeout.abort())
  try {
    return await exchange(call, request, AbortSignal.any([tools.signal, timeout.signal]), tools.clock)
  } finally {
    stopTimer()
  }
}

function exchange(call: HttpCall, start: typeof Request, signal: AbortSignal, clock: Clock): Promise<HttpResult> {
  return new Promise((resolve) => {
    let bodySent = false
    const failed = (error: Error): void => {
      const code = 'code' in error ? String(error.code) : error.name
      const cause = signal.aborted ? 'time-out' : isNetworkCode(code) || code === 'Error' || code.startsWith('HPE_') ? 'network' : 'tls'
      resolve({ kind: 'failed', bodySent, cause, code })
    }
    const body = Buffer.from(call.body ?? '')
    const request = start(call.url, {
      method: call.method,
      headers: { ...call.headers, 'content-length': body.length, 'user-agent': 'tocsin' },
      agent: false,
      signal,
      minVersion: 'TLSv1.2',
      ...(call.ca === undefined ? {} : { ca: call.ca }),
    })
    request.on('finish', () => (bodySent = true))
    request.on('error', failed)
    request.on('response', (response) => {
      void readText(response, signal).then(({ text, complete }) => {
        const afterMs = retryAfterMs(response.headers['retry-after'], clock)
        resolve({ kind: 'answer', status: response.statusCode ?? 0, text, complete, ...(afterMs === undefined ? {} : { afterMs }) })
        request.destroy()
      })
    })
    request.end(body)
  })
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

/** Retry-After as seconds or as a date (RFC 9110, 10.2.3), in milliseconds from now. */
export function retryAfterMs(header: string | undefined, clock: Clock): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - clock.nowMs())
}
