import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Inbound, InboundRequest } from '../model/inbound.ts'
import { twilioOutcomeOf } from './twilio-outcome.ts'

/** By this name the message is found again that a status is about; it stands in the address that Twilio signs. */
const messageParam = 'tocsin'

/** Where Twilio is to tell what became of a message. */
export function statusCallbackFor(statusCallback: string, messageId: string): string {
  const url = new URL(statusCallback)
  url.searchParams.set(messageParam, messageId)
  return url.href
}

/** Twilio's calls are about a kilobyte. */
const bodyCharsMax = 65_536
const paramsMax = 200

/**
 * What Twilio calls with: the status of a message, or what somebody answered. Believed where it bears Twilio's signature over the whole address
 * and the parameters (https://www.twilio.com/docs/usage/security#validating-requests), which only the auth token makes.
 */
export function readTwilioCall(request: Omit<InboundRequest, 'atMs'>, authToken: string): Inbound {
  const { url, headers, body } = request
  if (body.length > bodyCharsMax || !URL.canParse(url)) return { kind: 'forged' }
  const params = new URLSearchParams(body)
  if (params.size > paramsMax || !isSigned(url, params, headers['x-twilio-signature'] ?? '', authToken)) return { kind: 'forged' }
  const status = params.get('MessageStatus') ?? params.get('SmsStatus') ?? ''
  const from = params.get('From') ?? ''
  if (status === 'received') return from === '' ? { kind: 'nothing' } : { kind: 'reply', address: from, text: params.get('OptOutType') ?? params.get('Body') ?? '' }
  const messageId = new URL(url).searchParams.get(messageParam) ?? ''
  const providerId = params.get('MessageSid') ?? params.get('SmsSid') ?? ''
  if (messageId === '' || providerId === '') return { kind: 'nothing' }
  if (status === 'delivered' || status === 'read') return { kind: 'status', messageId, providerId, outcome: 'arrived' }
  if (status !== 'undelivered' && status !== 'failed' && status !== 'canceled') return { kind: 'nothing' }
  return { kind: 'status', messageId, providerId, outcome: twilioOutcomeOf(status, Number(params.get('ErrorCode') ?? Number.NaN)) }
}

function isSigned(url: string, params: URLSearchParams, signature: string, authToken: string): boolean {
  const given = Buffer.from(signature, 'base64')
  const said = saidBy(params)
  // Twilio leaves the port out of some of the addresses that it signs, and puts the usual one into others.
  return spellings(url).some((spelling) => {
    const expected = createHmac('sha1', authToken).update(spelling + said).digest()
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

/** Names and values in the order of the names, without anything between; the same value of one name counts once. */
function saidBy(params: URLSearchParams): string {
  return [...new Set(params.keys())].toSorted().flatMap((name) => [...new Set(params.getAll(name))].toSorted().map((value) => name + value)).join('')
}

function spellings(url: string): readonly string[] {
  const [, origin = '', port, rest = ''] = /^(https?:\/\/(?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:]*))(?::(\d+))?(.*)$/s.exec(url) ?? []
  if (origin === '') return [url]
  return [url, port === undefined ? `${origin}:${origin.startsWith('https') ? 443 : 80}${rest}` : origin + rest]
}
