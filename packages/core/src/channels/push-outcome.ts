import { z } from 'zod'
import { jsonOf } from './json-of.ts'
import type { HttpAnswer } from './transport/http.ts'
import type { Verdict } from './transport/outcome.ts'

const accepted = z.object({ name: z.string().regex(/^projects\/[^/]+\/messages\/[^/]{1,200}$/) })

const refused = z.object({
  error: z.object({
    status: z.string().max(60).optional(),
    message: z.string().optional(),
    details: z.array(z.object({ errorCode: z.string().max(60).optional(), fieldViolations: z.array(z.object({ field: z.string().optional() })).optional() })).optional(),
  }),
})

/** Codes of FCM (https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode) that say more than the HTTP status does. */
const kinds: ReadonlyMap<string, NonNullable<Verdict['kind']>> = new Map([
  ['UNREGISTERED', 'bad-address'],
  ['SENDER_ID_MISMATCH', 'bad-config'],
  ['THIRD_PARTY_AUTH_ERROR', 'bad-config'],
  ['QUOTA_EXCEEDED', 'retry'],
  ['UNAVAILABLE', 'retry'],
  ['INTERNAL', 'retry'],
])

/** What FCM asks for where a refusal for too many messages names no time, milliseconds. */
const quotaMs = 60_000

/** Often all that FCM says of a token that is none: no field is named beside it (https://github.com/firebase/firebase-admin-java/issues/1064). */
const isAboutToken = /^The registration token is not a valid FCM registration token/

/** What FCM's answer means for one message, where it says more than its status does. */
export function pushVerdict({ status, text, afterMs }: HttpAnswer): Verdict {
  const answer = jsonOf(text)
  if (status >= 200 && status < 300) return taken(status, answer)
  const error = refused.safeParse(answer).data?.error
  if (error === undefined) return { detail: text }
  const { status: word, message: detail, details = [] } = error
  const code = details.find(({ errorCode }) => errorCode !== undefined)?.errorCode ?? word
  const told = { ...(code === undefined ? {} : { code }), ...(detail === undefined ? {} : { detail }) }
  if (code === 'INVALID_ARGUMENT') {
    const fields = details.flatMap(({ fieldViolations }) => fieldViolations ?? []).map(({ field }) => field)
    return { ...told, kind: fields.includes('message.token') || isAboutToken.test(detail ?? '') ? 'bad-address' : 'bad-content' }
  }
  const kind = code === undefined ? undefined : kinds.get(code)
  return { ...told, ...(kind === undefined ? {} : { kind }), ...(code === 'QUOTA_EXCEEDED' && afterMs === undefined ? { afterMs: quotaMs } : {}) }
}

/** Whether the access token was not taken. The same status also says that Apple or a browser's service does not take the project's own keys. */
export function isTokenRefused({ status, text }: HttpAnswer): boolean {
  return status === 401 && pushVerdict({ kind: 'answer', status, text, headers: {}, complete: true }).code !== 'THIRD_PARTY_AUTH_ERROR'
}

/** A success with nothing of FCM in it may come from anybody on the way. */
function taken(status: number, answer: unknown): Verdict {
  const name = accepted.safeParse(answer).data?.name
  if (name !== undefined) return { providerId: name }
  return { kind: 'in-doubt', detail: `${status} without a message name: this may not be the provider’s answer` }
}
