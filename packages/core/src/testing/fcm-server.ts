import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { z } from 'zod'
import { systemClock } from '../model/clock.ts'
import type { Certificate } from './certificate.ts'
import { startHttpProvider, type HttpProvider, type HttpReply, type HttpRequest } from './http-provider.ts'

const notification = z.strictObject({ title: z.string(), body: z.string().optional() })

/** The fields of https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages that are known here; others are refused, as there. */
const sending = z.strictObject({
  message: z.strictObject({
    token: z.string(),
    notification,
    data: z.record(z.string().regex(/^(?!from$|message_type$|google|gcm)/), z.string()),
    android: z.strictObject({
      priority: z.enum(['HIGH', 'NORMAL']),
      ttl: z.string().regex(/^\d{1,7}(\.\d{1,9})?s$/),
      collapse_key: z.string(),
      notification: z.strictObject({ tag: z.string() }),
    }),
    apns: z.strictObject({
      headers: z.strictObject({ 'apns-push-type': z.literal('alert'), 'apns-priority': z.enum(['10', '5']), 'apns-collapse-id': z.string().max(64), 'apns-expiration': z.string().regex(/^\d{10}$/) }),
      payload: z.strictObject({ aps: z.strictObject({ 'thread-id': z.string(), sound: z.string().optional() }) }),
    }),
    webpush: z.strictObject({
      headers: z.record(z.string(), z.string()),
      notification: z.strictObject({ tag: z.string() }),
      fcm_options: z.strictObject({ link: z.url({ protocol: /^https$/ }) }).optional(),
    }),
  }),
})

export type FcmMessage = z.output<typeof sending>['message']

const bytesMax = 4_096
const scope = 'https://www.googleapis.com/auth/firebase.messaging'
const project = 'tocsin-test-1234'
const email = `firebase-adminsdk@${project}.iam.gserviceaccount.com`
const skewSeconds = 60
export const tokenSeconds = 3_599

export interface FcmStandIn extends Pick<HttpProvider, 'ca' | 'requests' | 'fail' | 'close'> {
  readonly apiBase: string
  readonly tokenUri: string
  /** JSON text of a key file, made now. */
  readonly serviceAccount: string
  readonly privateKey: string
  /** All that was taken, oldest first. */
  readonly messages: readonly FcmMessage[]
  /** Access tokens that were granted, oldest first. */
  readonly granted: readonly string[]
  /** What the next requests for a token are answered instead. */
  failToken(...replies: readonly HttpReply[]): void
  /** From now on no token that was granted before is taken. */
  revoke(): void
}

/**
 * Firebase Cloud Messaging and the token endpoint of Google on loopback. An assertion is granted a token only if it is
 * signed with the key of the account and says for what, to whom and until when; a message is taken only with such a token
 * and in the form of the API.
 *
 * @param options.nowMs the clock of the provider. @default the real one
 * @param options.privateKey of the service account, PEM. @default made now
 */
export async function startFcmServer(options: { readonly certificate?: Certificate; readonly nowMs?: () => number; readonly privateKey?: string } = {}): Promise<FcmStandIn> {
  const nowMs = options.nowMs ?? ((): number => systemClock.nowMs())
  const privateKey = options.privateKey ?? makeAccountKey()
  const messages: FcmMessage[] = []
  const granted: string[] = []
  const valid = new Map<string, number>()
  const tokenReplies: HttpReply[] = []

  const grant = ({ text }: HttpRequest): HttpReply => {
    const planned = tokenReplies.shift()
    if (planned !== undefined) return planned
    const form = new URLSearchParams(text)
    if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return { status: 400, body: { error: 'unsupported_grant_type' } }
    const problem = assertionProblem(form.get('assertion') ?? '', privateKey, `${provider.base}/token`, nowMs() / 1_000)
    if (problem !== undefined) return { status: 400, body: { error: 'invalid_grant', error_description: problem } }
    const token = `ya29.c.tocsin-test-${granted.length + 1}`
    granted.push(token)
    valid.set(token, nowMs() + tokenSeconds * 1_000)
    return { status: 200, body: { access_token: token, expires_in: tokenSeconds, token_type: 'Bearer' } }
  }
  const take = ({ method, path, headers, body, text }: HttpRequest): HttpReply => {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
    if ((valid.get(bearer) ?? 0) <= nowMs()) return fcmError(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
    if (method !== 'POST' || path !== `/v1/projects/${project}/messages:send`) return fcmError(404, 'NOT_FOUND', 'Requested entity was not found.')
    const parsed = sending.safeParse(jsonOrNothing(text))
    if (parsed.error !== undefined) return fcmError(400, 'INVALID_ARGUMENT', parsed.error.message, [{ fieldViolations: parsed.error.issues.map(({ path: at }) => ({ field: at.join('.') })) }])
    const { message } = parsed.data
    if (body.length - Buffer.byteLength(message.token) > bytesMax) return fcmError(400, 'INVALID_ARGUMENT', 'Message too big', [fcmCode('INVALID_ARGUMENT')])
    messages.push(message)
    return { status: 200, body: { name: `projects/${project}/messages/0:${messages.length}` } }
  }
  const isAside = ({ path }: HttpRequest): boolean => path === '/token'
  const provider = await startHttpProvider({ ...(options.certificate === undefined ? {} : { certificate: options.certificate }), isAside, answer: (request) => (isAside(request) ? grant(request) : take(request)) })
  const keyFile = { type: 'service_account', project_id: project, private_key_id: 'a1b2c3', private_key: privateKey, client_email: email, client_id: '1', token_uri: 'https://oauth2.googleapis.com/token' }

  return {
    ca: provider.ca,
    requests: provider.requests,
    fail: (...planned) => provider.fail(...planned),
    close: () => provider.close(),
    apiBase: provider.base,
    tokenUri: `${provider.base}/token`,
    serviceAccount: JSON.stringify(keyFile),
    privateKey,
    messages,
    granted,
    failToken: (...replies) => void tokenReplies.push(...replies),
    revoke: () => valid.clear(),
  }
}

/** The private key of a service account, PEM; takes a moment to make. */
export function makeAccountKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2_048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } }).privateKey
}

/** An error document of FCM. */
export function fcmError(status: number, word: string, message: string, details: readonly object[] = []): HttpReply {
  return { status, body: { error: { code: status, message, status: word, details } } }
}

export function fcmCode(errorCode: string): object {
  return { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }
}

const claimsOf = z.object({ iss: z.string(), scope: z.string(), aud: z.string(), iat: z.int(), exp: z.int() })

function assertionProblem(assertion: string, privateKey: string, audience: string, nowSeconds: number): string | undefined {
  const [head = '', body = '', signature = ''] = assertion.split('.')
  const part = (text: string): unknown => jsonOrNothing(Buffer.from(text, 'base64url').toString())
  const alg = z.object({ alg: z.literal('RS256'), typ: z.literal('JWT'), kid: z.literal('a1b2c3') }).safeParse(part(head))
  if (!alg.success) return 'Invalid JWT header'
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${body}`), createPublicKey(privateKey), Buffer.from(signature, 'base64url'))) return 'Invalid JWT Signature.'
  const claims = claimsOf.safeParse(part(body)).data
  if (claims === undefined) return 'Invalid JWT claims'
  if (claims.iss !== email) return 'Invalid issuer'
  if (claims.aud !== audience) return 'Invalid JWT: wrong audience'
  if (claims.scope !== scope) return 'Invalid OAuth scope'
  const isShort = claims.exp - claims.iat <= 3_600 && claims.exp > nowSeconds && claims.iat <= nowSeconds + skewSeconds
  return isShort ? undefined : 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.'
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
