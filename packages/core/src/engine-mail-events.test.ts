import { generateKeyPairSync, sign } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callFailed, closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'
import { startSmtpServer, type SmtpStandIn } from './testing/smtp-server.ts'

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const eventsKey = keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')

let smtp: SmtpStandIn
beforeEach(async () => {
  smtp = await startSmtpServer()
})
afterEach(async () => {
  await closeWorlds()
  await smtp.close()
})

async function told(chat: Receiver): Promise<EngineWorld> {
  const world = engineWorld({
    channels: { mail: { type: 'email', url: smtp.url, ca: smtp.ca, from: 'Tocsin <noreply@example.com>', eventsKey }, chat: { type: 'chat' } },
    people: { dana: { role: 'admin', email: 'dana@example.com' } },
    rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '10d', groupBy: ['agent'] } },
    routes: [{ match: "alert.kind == 'system'", to: ['dana'], via: ['chat'], stop: true }, { to: ['dana'], via: { first: ['mail', 'chat'], after: '30m' } }],
  }, [chat])
  await world.engine.accept([callFailed('one', world.clock.nowMs())])
  await world.tick(2_000)
  expect(smtp.mails).toHaveLength(1)
  return world
}

/** As SendGrid posts events: a list, signed over the time and the body. */
function say(world: EngineWorld, events: readonly object[], key = keys.privateKey) {
  const smtpId = smtp.mails[0]?.parsed.messageId ?? ''
  const body = JSON.stringify(events.map((event) => ({ email: 'dana@example.com', timestamp: 1_700_000_000, 'smtp-id': smtpId, sg_event_id: 'e', sg_message_id: '14c5d75ce93.dfd.64b469.filter0001', ...event })))
  const timestamp = '1700000000'
  const signature = sign('sha256', Buffer.from(timestamp + body), key).toString('base64')
  return world.engine.acting.receive('mail', { url: 'https://t.example.com/callbacks/mail', headers: { 'x-twilio-email-event-webhook-signature': signature, 'x-twilio-email-event-webhook-timestamp': timestamp }, body })
}

test('of a call with several events each counts: what bounced was not sent, and the next channel is asked', async () => {
  const chat = new Receiver('chat')
  const world = await told(chat)
  expect(await say(world, [{ event: 'processed' }, { event: 'deferred', response: '421 later' }, { event: 'bounce', type: 'bounce', status: '5.1.1', reason: '550 5.1.1 no such user' }])).toBe('recorded')
  await world.tick()
  expect((await world.deliveries()).map(({ channel, result }) => [channel, result])).toEqual([['mail', 'bad-address'], ['chat', 'sent'], ['chat', 'sent']])
  expect(chat.messages.map(({ text }) => /dana@|no such user|mail/.test(text))).toContain(true)
})

test('what arrived is on record, and who wants no more mail is told by the next channel', async () => {
  const chat = new Receiver('chat')
  const world = await told(chat)
  expect(await say(world, [{ event: 'delivered' }])).toBe('recorded')
  expect((await world.deliveries())[0]).toMatchObject({ result: 'sent', attempts: [{ outcome: 'sent' }, { outcome: 'sent', code: 'delivered' }] })
  expect(await say(world, [{ event: 'spamreport' }])).toBe('recorded')
  expect((await world.deliveries())[0]).toMatchObject({ result: 'opted-out' })
})

test('nothing is believed without the signature, and nothing odd changes anything', async () => {
  const world = await told(new Receiver('chat'))
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  expect(await say(world, [{ event: 'bounce' }], other)).toBe('forged')
  expect(await say(world, [{ event: 'open' }, { event: 'click' }, { event: 'bounce', 'smtp-id': '<other@example.com>' }, { event: 5 }])).toBe('nothing')
  expect((await world.deliveries()).map(({ result }) => result)).toEqual(['sent'])
})
