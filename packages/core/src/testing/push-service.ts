import { createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'
import { newKeyPair } from '../channels/web-push-vapid.ts'
import { systemClock } from '../model/clock.ts'
import { makeBrowser, type Browser } from './browser.ts'
import type { Certificate } from './certificate.ts'
import { startHttpProvider, type HttpProvider, type HttpReply, type HttpRequest } from './http-provider.ts'

/** What the browser's service worker got, and how it was sent. */
export interface PushedMessage {
  readonly ttl: string
  readonly urgency: string
  readonly topic: string
  readonly bytes: number
  /** Decrypted. */
  readonly text: string
}

export interface PushService extends Pick<HttpProvider, 'base' | 'ca' | 'requests' | 'fail' | 'close'> {
  /** A pair made now, with whose public key its browser has subscribed. */
  readonly vapid: { readonly publicKey: string; readonly privateKey: string }
  readonly browser: Browser
  /** All that was taken, oldest first. */
  readonly messages: readonly PushedMessage[]
}

const bodyBytesMax = 4_096
const daySeconds = 86_400

/**
 * A push service (RFC 8030) on loopback with one browser behind it. It takes only what is signed with the key of the
 * subscription (RFC 8292), says how long it is to be kept, and can be read by the browser.
 *
 * @param options.nowMs its clock. @default the real one
 */
export async function startPushService(options: { readonly certificate?: Certificate; readonly nowMs?: () => number } = {}): Promise<PushService> {
  const nowMs = options.nowMs ?? ((): number => systemClock.nowMs())
  const vapid = newKeyPair()
  const messages: PushedMessage[] = []

  const answer = (request: HttpRequest): HttpReply => {
    const { method, path, headers, body } = request
    if (method !== 'POST' || path !== '/wpush/v2/one') return { status: 410, body: 'no such subscription' }
    const unsigned = signatureProblem(headers.authorization ?? '', vapid.publicKey, provider.base, nowMs() / 1_000)
    if (unsigned !== undefined) return { status: unsigned.status, body: unsigned.text }
    const { ttl, urgency, topic } = headers
    if (typeof ttl !== 'string' || !/^\d{1,7}$/.test(ttl)) return { status: 400, body: 'TTL is missing' }
    if (typeof urgency !== 'string' || !/^(very-low|low|normal|high)$/.test(urgency)) return { status: 400, body: 'no such urgency' }
    if (typeof topic !== 'string' || !/^[\w-]{1,32}$/.test(topic)) return { status: 400, body: 'no such topic' }
    if (headers['content-encoding'] !== 'aes128gcm') return { status: 415, body: 'not encrypted' }
    if (body.length > bodyBytesMax) return { status: 413, body: 'too long' }
    messages.push({ ttl, urgency, topic, bytes: body.length, text: browser.read(body) })
    return { status: 201, headers: { location: `${provider.base}/m/${messages.length}` } }
  }
  const provider = await startHttpProvider({ ...(options.certificate === undefined ? {} : { certificate: options.certificate }), answer })
  const browser = makeBrowser(`${provider.base}/wpush/v2/one`)
  return {
    base: provider.base,
    ca: provider.ca,
    requests: provider.requests,
    fail: (...planned) => provider.fail(...planned),
    close: () => provider.close(),
    vapid,
    browser,
    messages,
  }
}

const claimsOf = z.object({ aud: z.string(), exp: z.int(), sub: z.string().regex(/^(mailto:|https:\/\/)/) })

function signatureProblem(authorization: string, publicKey: string, origin: string, nowSeconds: number): { readonly status: number; readonly text: string } | undefined {
  const [, head = '', body = '', signature = '', key = ''] = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(authorization) ?? []
  if (key === '') return { status: 401, text: 'not signed' }
  if (key !== publicKey) return { status: 403, text: 'not the key of this subscription' }
  const point = Buffer.from(key, 'base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }
  const trusted = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
  if (!verify('sha256', Buffer.from(`${head}.${body}`), trusted, Buffer.from(signature, 'base64url'))) return { status: 403, text: 'wrong signature' }
  if (Buffer.from(head, 'base64url').toString() !== '{"typ":"JWT","alg":"ES256"}') return { status: 403, text: 'wrong header' }
  const claims = claimsOf.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString())).data
  if (claims === undefined || claims.aud !== origin) return { status: 403, text: 'signed for another service' }
  return claims.exp > nowSeconds && claims.exp <= nowSeconds + daySeconds ? undefined : { status: 403, text: 'signed for another time' }
}
