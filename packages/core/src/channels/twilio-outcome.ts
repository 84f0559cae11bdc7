import { z } from 'zod'
import type { Outcome } from '../model/outcome.ts'
import type { HttpResult } from './http.ts'

/** Twilio's error codes (https://www.twilio.com/docs/api/errors) that say more than the HTTP status does. */
const kinds: ReadonlyMap<number, 'bad-address' | 'bad-content' | 'bad-config' | 'retry'> = new Map([
  // invalid number, not a mobile, landline, opted out by STOP, unknown, unreachable landline
  ...([21211, 21614, 21635, 21610, 30005, 30006] as const).map((code) => [code, 'bad-address'] as const),
  // too long, filtered
  ...([21617, 30007] as const).map((code) => [code, 'bad-content'] as const),
  // wrong token, sender not ours, account suspended, region not enabled
  ...([20003, 21606, 30002, 21408] as const).map((code) => [code, 'bad-config'] as const),
  // too many requests, queue overflow, sender's queue full, unreachable handset, unknown, validity period over
  ...([20429, 30001, 21611, 30003, 30008, 30036] as const).map((code) => [code, 'retry'] as const),
])

const accepted = z.object({ sid: z.string().regex(/^(SM|MM)[0-9a-fA-F]{32}$/), error_code: z.number().nullish(), error_message: z.string().nullish() })
const refused = z.object({ code: z.number().int(), message: z.string().optional() })

/** What Twilio's answer, or its silence, means for one message. */
export function twilioOutcome(result: HttpResult): Outcome {
  if (result.kind === 'failed') return unanswered(result)
  const answer = jsonOf(result.text)
  if (result.status >= 200 && result.status < 300) return taken(result.status, answer)
  const error = refused.safeParse(answer).data
  const code = error?.code
  const kind = (code === undefined ? undefined : kinds.get(code)) ?? kindOfStatus(result.status)
  const detail = `${result.status}${error?.message === undefined ? '' : ` ${error.message}`}`
  const shownCode = String(code ?? result.status)
  if (kind !== 'retry') return { kind, code: shownCode, detail }
  return { kind, code: shownCode, detail, ...(result.afterMs === undefined ? {} : { afterMs: result.afterMs }) }
}

function unanswered(failed: HttpResult & { readonly kind: 'failed' }): Outcome {
  if (failed.cause === 'tls') return { kind: 'bad-config', code: failed.code, detail: 'no trusted TLS connection to the provider: check apiBase, the certificate and ca' }
  if (failed.bodySent) return { kind: 'in-doubt', code: failed.code, detail: `the message went out and no answer came (${failed.cause})` }
  return { kind: 'retry', code: failed.code, detail: `the provider could not be reached (${failed.cause})` }
}

/** 201 is Twilio's own word for taken; another success with nothing of Twilio in it may come from anybody on the way. */
function taken(status: number, answer: unknown): Outcome {
  const message = accepted.safeParse(answer).data
  if (message === undefined) {
    if (status === 201) return { kind: 'sent', detail: 'accepted, with an answer that could not be read' }
    return { kind: 'in-doubt', code: String(status), detail: `${status} without a message id: this may not be the provider's answer` }
  }
  const code = message.error_code
  if (code === null || code === undefined) return { kind: 'sent', providerId: message.sid }
  return { kind: kinds.get(code) ?? 'retry', code: String(code), detail: message.error_message ?? `accepted and failed at once with ${code}` }
}

/** For answers without a code that is known here. */
function kindOfStatus(status: number): 'retry' | 'bad-config' | 'bad-content' {
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'retry'
  // Redirects are not followed: what they lead to is not what was configured.
  if (status < 400 || status === 401 || status === 403 || status === 404 || status === 405 || status === 407) return 'bad-config'
  return 'bad-content'
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (notJson) {
    if (notJson instanceof SyntaxError) return undefined
    throw notJson
  }
}
