import { afterAll, beforeAll, expect, test } from 'vitest'
import { NotificationManager } from '../../notification-manager.ts'
import { startTwilioServer, type TwilioStandIn } from '../../testing/twilio-server.ts'

let twilio: TwilioStandIn
let manager: NotificationManager

beforeAll(async () => {
  twilio = await startTwilioServer()
  const settings = { type: 'sms', accountSid: twilio.accountSid, authToken: twilio.authToken, from: '+15005550006', apiBase: twilio.apiBase, ca: twilio.ca }
  manager = new NotificationManager({ channels: { texts: settings }, content: 'full' })
})

afterAll(async () => {
  await manager.close()
  await twilio.close()
})

test('a conversation over HTTP shows what was asked and answered, and no credential in any form', async () => {
  const { outcome, conversation } = await manager.test('texts', '+8613800000000')
  expect(outcome).toMatchObject({ kind: 'sent' })
  expect(conversation.map(({ from, text }) => `${from} ${text}`)).toEqual([
    expect.stringMatching(/^us POST https:\/\/127\.0\.0\.1:\d+\/2010-04-01\/Accounts\/AC1+\/Messages\.json$/),
    'us authorization: (not shown)',
    'us accept: application/json',
    'us content-type: application/x-www-form-urlencoded',
    expect.stringContaining('us To=%2B8613800000000&Body='),
    'them HTTP 201',
    expect.stringContaining('them {"sid":"SM'),
  ])
  const all = JSON.stringify(conversation)
  for (const secret of [twilio.authToken, Buffer.from(`${twilio.accountSid}:${twilio.authToken}`).toString('base64')]) expect(all).not.toContain(secret)
})

test('a provider that repeats the credential does not bring it into the conversation, nor one that does not answer a fault', async () => {
  twilio.fail({ reply: 401, code: 20003, message: `Authenticate ${twilio.authToken}` })
  const refused = await manager.test('texts', '+8613800000000')
  expect(refused.outcome).toMatchObject({ kind: 'bad-config', code: '20003' })
  expect(JSON.stringify(refused)).not.toContain(twilio.authToken)
  const echoed = Buffer.from(twilio.authToken).toString('base64')
  twilio.fail({ raw: 400, body: `seen ${echoed} here` })
  const other = await manager.test('texts', '+8613800000000')
  expect(other.conversation.at(-1)?.text).toMatch(/^seen .+ here$/)
  expect(JSON.stringify(other)).not.toContain(echoed)
  twilio.fail({ reset: 'answer' })
  const lost = await manager.test('texts', '+8613800000000')
  expect(lost.outcome.kind).toBe('in-doubt')
  expect(lost.conversation.at(-1)).toEqual({ from: 'them', text: '(no answer: network ECONNRESET)' })
})
