import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Inbound, InboundRequest } from '../model/inbound.ts'
import { stoppedCode } from '../model/outcome.ts'
import { jsonOf } from './json-of.ts'

/** SendGrid collects up to about 768 kB in one call. */
const bodyCharsMax = 2_000_000
const eventsMax = 5_000

const event = z.object({
  event: z.string().max(40),
  'smtp-id': z.string().max(1_000).optional(),
  type: z.string().max(40).optional(),
  status: z.string().max(40).optional(),
  reason: z.string().max(20_000).default(''),
})

/** The public key that SendGrid shows, base64 of SubjectPublicKeyInfo; `undefined` where a text is none. */
export function eventsKeyOf(text: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
    return key.asymmetricKeyType === 'ec' ? key : undefined
  } catch {
    // What cannot be read is told as a wrong setting by whoever asks.
    return undefined
  }
}

/**
 * What became of mails that SendGrid had taken. Believed where it bears SendGrid's signature over the time and the body
 * (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features). It is not refused for its age: what could not be
 * delivered to us is sent again for a day, and to hear it twice changes nothing.
 */
export function readSendGridCall({ headers, body }: InboundRequest, key: KeyObject): Inbound | readonly Inbound[] {
  const signature = headers['x-twilio-email-event-webhook-signature'] ?? ''
  const timestamp = headers['x-twilio-email-event-webhook-timestamp'] ?? ''
  if (body.length > bodyCharsMax || !/^[A-Za-z0-9+/]{60,200}={0,2}$/.test(signature) || !/^\d{1,12}$/.test(timestamp)) return { kind: 'forged' }
  if (!verify('sha256', Buffer.from(timestamp + body), key, Buffer.from(signature, 'base64'))) return { kind: 'forged' }
  const said = z.array(z.unknown()).max(eventsMax).safeParse(jsonOf(body)).data ?? []
  return said.map((one) => {
    const parsed = event.safeParse(one).data
    return parsed === undefined ? { kind: 'nothing' } : meaningOf(parsed)
  })
}

function meaningOf({ event: what, 'smtp-id': smtpId = '', type, status, reason }: z.output<typeof event>): Inbound {
  // `<id@domain>`, by which the mail is known here; the id of the message is what stands before the sign.
  const [, providerId = '', messageId] = /^<?(([^@<>\s]{1,200})@[^@<>\s]{1,255})>?$/.exec(smtpId) ?? []
  const outcome = outcomeOf(what, type, status, reason)
  return messageId === undefined || outcome === undefined ? { kind: 'nothing' } : { kind: 'status', messageId, providerId, outcome }
}

type StatusOutcome = Extract<Inbound, { kind: 'status' }>['outcome']

/** Absent: nothing that is needed here, such as that a mail was opened, or is tried again. */
function outcomeOf(what: string, type: string | undefined, status: string | undefined, reason: string): StatusOutcome | undefined {
  const detail = reason.replaceAll(/\s+/g, ' ').slice(0, detailCharsMax)
  if (what === 'delivered') return 'arrived'
  if (what === 'spamreport' || what === 'unsubscribe' || what === 'group_unsubscribe') return { kind: 'bad-address', code: stoppedCode, detail: what }
  // A block is the other server's mood: the address may be right, the mail was not taken.
  if (what === 'bounce') return type === 'blocked' ? { kind: 'bad-content', code: status ?? 'blocked', detail } : { kind: 'bad-address', code: status ?? 'bounce', detail }
  if (what !== 'dropped') return undefined
  if (/unsubscribed|spam report/i.test(reason)) return { kind: 'bad-address', code: stoppedCode, detail }
  return /bounced|invalid/i.test(reason) ? { kind: 'bad-address', code: status ?? 'dropped', detail } : { kind: 'bad-content', code: status ?? 'dropped', detail }
}

const detailCharsMax = 200
