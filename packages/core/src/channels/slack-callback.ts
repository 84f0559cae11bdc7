import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Inbound, InboundRequest } from '../model/inbound.ts'
import { jsonOf } from './json-of.ts'

/** What the names of our buttons begin with; buttons that only open an address have others. */
export const actionIdStart = 'tocsin.'

/** Slack's calls are a few kilobytes: the message with its blocks comes along. */
const bodyCharsMax = 262_144
/** Older or newer, it may have been listened to and said again. */
const skewMaxMs = 300_000

const payload = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().max(40) }),
  actions: z.array(z.object({ action_id: z.string().max(255), value: z.string().max(2_000).optional() })).max(25),
})

/**
 * Somebody pressed a button. Believed where it bears Slack's signature over the time and the body (https://docs.slack.dev/authentication/verifying-requests-from-slack),
 * which only the signing secret makes, and is not older than five minutes.
 */
export function readSlackCall({ headers, body, atMs }: InboundRequest, signingSecret: string): Inbound {
  const timestamp = headers['x-slack-request-timestamp'] ?? ''
  if (body.length > bodyCharsMax || !/^\d{1,12}$/.test(timestamp) || Math.abs(atMs - Number(timestamp) * 1_000) > skewMaxMs) return { kind: 'forged' }
  const given = Buffer.from(headers['x-slack-signature'] ?? '')
  const expected = Buffer.from(`v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { kind: 'forged' }
  const said = payload.safeParse(jsonOf(new URLSearchParams(body).get('payload') ?? '')).data
  const pressed = said?.actions.find(({ action_id }) => action_id.startsWith(actionIdStart))
  const action = pressed?.action_id.slice(actionIdStart.length)
  if (said === undefined || pressed?.value === undefined || (action !== 'acknowledge' && action !== 'snooze')) return { kind: 'nothing' }
  return { kind: 'act', token: pressed.value, action, address: said.user.id }
}
