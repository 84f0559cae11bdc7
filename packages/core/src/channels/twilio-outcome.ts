import { z } from 'zod'
import { stoppedCode, type Outcome } from '../model/outcome.ts'
import type { HttpAnswer } from './transport/http.ts'
import type { Verdict } from './transport/outcome.ts'

/** Twilio's error codes (https://www.twilio.com/docs/api/errors) that say more than the HTTP status does. */
const kinds: ReadonlyMap<number, 'bad-address' | 'bad-content' | 'bad-config' | 'retry'> = new Map([
  // invalid number, not a mobile, landline, opted out by STOP (see `codeOf`), unknown, unreachable landline
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

/** What Twilio's answer means for one message, where it says more than its status does. */
export function twilioVerdict({ status, text }: HttpAnswer): Verdict {
  const answer = jsonOf(text)
  if (status >= 200 && status < 300) return taken(status, answer)
  const error = refused.safeParse(answer).data
  if (error === undefined) return {}
  const kind = kinds.get(error.code)
  return { code: codeOf(error.code), ...(kind === undefined ? {} : { kind }), ...(error.message === undefined ? {} : { detail: error.message }) }
}

/** 201 is Twilio's own word for taken; another success with nothing of Twilio in it may come from anybody on the way. */
function taken(status: number, answer: unknown): Verdict {
  const message = accepted.safeParse(answer).data
  if (message === undefined) {
    if (status === 201) return { detail: 'accepted, with an answer that could not be read' }
    return { kind: 'in-doubt', detail: 'without a message id: this may not be the provider’s answer' }
  }
  const code = message.error_code
  if (code === null || code === undefined) return { providerId: message.sid }
  return { kind: kinds.get(code) ?? 'retry', code: codeOf(code), detail: message.error_message ?? `accepted and failed at once with ${code}` }
}

/** Why a message that Twilio had taken did not arrive, by its status and error code. */
export function twilioOutcomeOf(status: string, errorCode: number): Exclude<Outcome, { kind: 'sent' }> {
  const code = Number.isInteger(errorCode) ? codeOf(errorCode) : status
  return { kind: kinds.get(errorCode) ?? 'retry', code, detail: `${status}${Number.isInteger(errorCode) ? ` with ${errorCode}` : ''}, says the provider` }
}

/** That somebody replied STOP is said in our own word, because it is no fault of the address. */
function codeOf(code: number): string {
  return code === 21610 ? stoppedCode : String(code)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (notJson) {
    if (notJson instanceof SyntaxError) return undefined
    throw notJson
  }
}
