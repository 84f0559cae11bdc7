import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InboundRequest } from './model/inbound.ts'
import { callFailed, closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'
import { startTwilioServer, type TwilioStandIn } from './testing/twilio-server.ts'

let twilio: TwilioStandIn
beforeEach(async () => {
  twilio = await startTwilioServer()
})
afterEach(async () => {
  await closeWorlds()
  await twilio.close()
})

const statusCallback = 'https://hooks.example.com/twilio/oncall'
const phone = '+13125550123'

function worldOf(mail: Receiver, from: { readonly file?: string } = {}): EngineWorld {
  const oncall = { type: 'sms', accountSid: twilio.accountSid, authToken: twilio.authToken, from: '+15005550006', apiBase: twilio.apiBase, ca: twilio.ca, statusCallback }
  return engineWorld({
    channels: { oncall, mail: { type: 'mail' } },
    people: { dana: { role: 'admin', email: 'dana@example.com', phone } },
    rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '1h', groupBy: ['agent'] } },
    routes: [{ match: "alert.kind == 'system'", to: ['dana'], via: ['mail'], stop: true }, { to: ['dana'], via: { first: ['oncall', 'mail'], after: '30m' } }],
  }, [mail], from)
}

/** What Twilio posts about the message that it took, to the address that it was given with it. */
function callAbout(form: Readonly<Record<string, string>>, url = twilio.messages[0]?.statusCallback ?? '', key = twilio.authToken): Omit<InboundRequest, 'atMs'> {
  const sid = twilio.messages[0]?.sid ?? ''
  const all: Readonly<Record<string, string>> = { MessageSid: sid, SmsSid: sid, AccountSid: twilio.accountSid, To: phone, From: '+15005550006', ApiVersion: '2010-04-01', ...form }
  const said = url + Object.keys(all).toSorted().map((name) => `${name}${all[name] ?? ''}`).join('')
  return { url, headers: { 'x-twilio-signature': createHmac('sha1', key).update(said).digest('base64'), 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(all).toString() }
}

async function failing(mail: Receiver): Promise<EngineWorld> {
  const world = worldOf(mail)
  await world.engine.accept([callFailed('one', world.clock.nowMs())])
  await world.tick(2_000)
  expect(twilio.messages).toHaveLength(1)
  expect(twilio.messages[0]?.statusCallback).toMatch(/^https:\/\/hooks\.example\.com\/twilio\/oncall\?tocsin=tocsin-default-1-/)
  return world
}

test('what arrived is on record as arrived', async () => {
  const world = await failing(new Receiver('mail'))
  const call = callAbout({ MessageStatus: 'delivered', SmsStatus: 'delivered' })
  expect(await world.engine.acting.receive('oncall', call)).toBe('recorded')
  expect(await world.engine.acting.receive('oncall', call)).toBe('recorded')
  const [delivery] = await world.deliveries()
  expect(delivery).toMatchObject({ result: 'sent', attempts: [{ number: 1, outcome: 'sent' }, { number: 2, outcome: 'sent', code: 'delivered' }] })
  expect(delivery?.attempts).toHaveLength(2)
})

test('what did not arrive was not sent: the next channel is asked, and the address is left alone', async () => {
  const mail = new Receiver('mail')
  const world = await failing(mail)
  // Another process, which did not send it.
  const other = worldOf(mail, { file: world.file })
  expect(await other.engine.acting.receive('oncall', callAbout({ MessageStatus: 'undelivered', ErrorCode: '30005' }))).toBe('recorded')
  await world.tick()
  expect((await world.deliveries()).map(({ channel, result }) => `${channel} ${result}`).slice(0, 2)).toEqual(['oncall bad-address', 'mail sent'])
  expect(mail.messages.map(({ to }) => to)).toEqual(['dana@example.com', 'dana@example.com'])
  expect((await world.store.read.alerts()).map(({ message }) => message)).toContain('system.address-bad')
  expect((await world.decisions(1)).map(({ channel, reason }) => `${channel} ${reason}`)).toEqual(expect.arrayContaining(['oncall refused.bad_address', 'mail sent.fallback']))
  // Said again, it changes nothing more.
  expect(await world.engine.acting.receive('oncall', callAbout({ MessageStatus: 'undelivered', ErrorCode: '30005' }))).toBe('nothing')
})

test('where somebody has acknowledged meanwhile nobody else is told', async () => {
  const mail = new Receiver('mail')
  const world = await failing(mail)
  await world.engine.acting.act({ alerts: [1] }, { action: 'acknowledge', by: 'dana', via: 'command' })
  expect(await world.engine.acting.receive('oncall', callAbout({ MessageStatus: 'undelivered', ErrorCode: '30003' }))).toBe('recorded')
  await world.tick()
  expect(mail.messages).toEqual([])
  expect((await world.deliveries()).map(({ channel, result }) => `${channel} ${result}`)).toEqual(['oncall failed', 'mail acknowledged'])
})

test('without the signature of the provider, for another message or another channel nothing is changed', async () => {
  const mail = new Receiver('mail')
  const world = await failing(mail)
  const failed = { MessageStatus: 'failed', ErrorCode: '30005' }
  expect(await world.engine.acting.receive('oncall', callAbout(failed, undefined, 'guessed'))).toBe('forged')
  expect(await world.engine.acting.receive('oncall', callAbout({ ...failed, MessageSid: `SM${'f'.repeat(32)}`, SmsSid: '' }))).toBe('nothing')
  for (const url of [statusCallback, `${statusCallback}?tocsin=tocsin-default-1-zzz`, `${statusCallback}?tocsin=tocsin-default-99-1`, `${statusCallback}?tocsin=x`]) expect(await world.engine.acting.receive('oncall', callAbout(failed, url))).toBe('nothing')
  for (const channel of ['mail', 'nowhere']) expect(await world.engine.acting.receive(channel, callAbout(failed))).toBe('unknown')
  expect((await world.deliveries()).map(({ result }) => result)).toEqual(['sent'])
  expect(mail.messages).toEqual([])
})

test('an answer STOP that the provider hands on is heeded, START too, and others are not', async () => {
  const mail = new Receiver('mail')
  const world = await failing(mail)
  const answer = (Body: string): Omit<InboundRequest, 'atMs'> => callAbout({ SmsStatus: 'received', Body, From: phone, To: '+15005550006' }, 'https://hooks.example.com/in')
  expect(await world.engine.acting.receive('oncall', answer('who is this?'))).toBe('nothing')
  expect(await world.engine.acting.receive('oncall', answer('Stop'))).toBe('recorded')
  expect(await world.store.transaction((tx) => tx.optOuts([{ project: 'default', channelType: 'sms', address: phone }]))).toEqual([expect.any(Number)])
  expect(await world.engine.acting.receive('oncall', answer('START'))).toBe('recorded')
  expect(await world.store.transaction((tx) => tx.optOuts([{ project: 'default', channelType: 'sms', address: phone }]))).toEqual([undefined])
})
