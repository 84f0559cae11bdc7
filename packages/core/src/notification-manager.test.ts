import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ChannelType, Message } from './model/channel.ts'
import type { Announcement } from './model/event.ts'
import { TocsinError } from './model/error.ts'
import { NotificationManager, type Dispatched } from './notification-manager.ts'
import { startSmtpServer, type SmtpStandIn } from './testing/smtp-server.ts'
import { startTwilioServer, type TwilioStandIn } from './testing/twilio-server.ts'

const from = 'Tocsin <noreply@example.com>'
let smtp: SmtpStandIn
let twilio: TwilioStandIn

beforeAll(async () => {
  smtp = await startSmtpServer({ login: { user: 'apikey', password: 'hunter-two-two' } })
  twilio = await startTwilioServer()
})

afterAll(async () => {
  await smtp.close()
  await twilio.close()
})

function channels() {
  return {
    'first-mail': { type: 'email', url: smtp.url, ca: smtp.ca, from },
    'second-mail': { type: 'email', url: smtp.url, ca: smtp.ca, from: 'second@example.com' },
    'oncall-sms': { type: 'sms', accountSid: twilio.accountSid, authToken: twilio.authToken, from: '+15005550006', apiBase: twilio.apiBase, ca: twilio.ca },
    kept: { type: 'inbox' },
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'resolved', (thrown: unknown) => (thrown instanceof TocsinError ? `${thrown.code}: ${thrown.message}` : String(thrown)))
}

/** A channel that shows what it was asked to send. */
function logType(seen: Message[], act: () => Promise<never> | undefined = () => undefined): ChannelType {
  return {
    type: 'log', settings: z.strictObject({}), address: 'none', shape: 'full', limits: { bodyCharsMax: 40, concurrency: 1 },
    can: { deduplicates: false, resolves: true },
    create: () => ({ send: async (message) => (seen.push(message), (await act()) ?? { kind: 'sent' }) }),
  }
}

describe('alone', () => {
  test('a mail and a text message arrive, and the outcome of the attempt is the answer', async () => {
    const manager = new NotificationManager({ channels: channels() })
    expect(await manager.sendEmail('dana@example.com', 'Nightly run', 'All 12 <b>agents</b> finished.')).toMatchObject({ kind: 'sent' })
    expect(await manager.sendSms('+8613800000000', '夜间任务已完成')).toEqual({ kind: 'sent', providerId: `SM${'1'.padStart(32, '0')}` })
    const mail = smtp.mails.at(-1)
    expect(mail).toMatchObject({ to: ['dana@example.com'], secure: true, user: 'apikey' })
    expect(mail?.parsed).toMatchObject({ subject: 'Nightly run', text: 'All 12 <b>agents</b> finished.' })
    expect(mail?.parsed.html).toContain('All 12 &lt;b&gt;agents&lt;/b&gt; finished.')
    expect(twilio.messages.at(-1)).toMatchObject({ to: '+8613800000000', body: '夜间任务已完成' })
    await manager.close()
  })

  test('of two channels that fit the first is taken, unless one is named', async () => {
    const manager = new NotificationManager({ channels: channels() })
    await manager.sendEmail('dana@example.com', 'to the first', 'x')
    await manager.send({ channel: 'second-mail', to: 'dana@example.com', subject: 'to the second', body: 'x' })
    expect(smtp.mails.slice(-2).map((mail) => [mail.from, mail.parsed.subject])).toEqual([
      ['noreply@example.com', 'to the first'],
      ['second@example.com', 'to the second'],
    ])
    await manager.close()
  })

  test('a refusal is an outcome, told without the password', async () => {
    const manager = new NotificationManager({ channels: channels() })
    smtp.fail({ at: 'login', act: { reply: '535 5.7.8 hunter-two-two is wrong' } })
    expect(await manager.sendEmail('dana@example.com', 'Hello', 'x')).toEqual({ kind: 'bad-config', code: '535', detail: '535 5.7.8 [REDACTED] is wrong' })
    await manager.close()
  })

  test('secrets and personal data are replaced in the text, not in the receiver; line breaks do not reach the header', async () => {
    const manager = new NotificationManager({ channels: channels() })
    const key = 'sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0YeAaBbCcDd'
    await manager.sendEmail('dana@example.com', `Key ${key}\r\nBcc: eve@example.com`, `login hunter-two-two, key ${key}, ask lee@example.com`)
    const mail = smtp.mails.at(-1)
    expect(mail?.to).toEqual(['dana@example.com'])
    expect(mail?.raw).not.toContain(key)
    expect(mail?.raw).not.toContain('hunter-two-two')
    expect(mail?.raw).not.toContain('lee@example.com')
    expect(mail?.parsed.bcc).toBeUndefined()
    expect(mail?.parsed.subject).toMatch(/^Key \[REDACTED:/)
    await manager.close()
  })

  test('content: full keeps personal data and still no secret', async () => {
    const manager = new NotificationManager({ channels: { kept: { type: 'inbox' } }, content: 'full' })
    await manager.send({ channel: 'kept', title: 'ask lee@example.com', body: 'sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0YeAaBbCcDd' })
    const [message] = await manager.received()
    expect(message?.subject).toBe('ask lee@example.com')
    expect(message?.text).toMatch(/^\[REDACTED:/)
  })

  test('without any settings the inbox keeps what is sent to it', async () => {
    const manager = new NotificationManager()
    expect(await manager.send({ channel: 'inbox', title: 'Hello', severity: 'high' })).toEqual({ kind: 'sent' })
    expect(await manager.received()).toMatchObject([{ subject: 'Hello', text: 'Hello', severity: 'high', to: '' }])
  })

  test('a subject too long is cut, and stands in full above the text', async () => {
    const manager = new NotificationManager()
    const long = 'word '.repeat(30).trim()
    await manager.send({ channel: 'inbox', title: long, body: 'the body' })
    const [message] = await manager.received()
    expect(message?.subject.length).toBeLessThanOrEqual(78)
    expect(message?.text).toBe(`${long}\nthe body`)
  })

  test.each([
    ['a channel that is not there', { channel: 'pager', title: 'x' }, 'channel-unknown: no channel is named "pager"; there is console, inbox'],
    ['an address no channel takes', { to: 'dana@example.com', title: 'x' }, 'channel-unknown: no channel sends to e-mail addresses; there is console, inbox'],
    ['a person, whom only a Client knows', { to: 'dana', title: 'x' }, 'wrong-usage: send: expected an e-mail address or an international number, found "dana"; people and routes are known with a Client only'],
    ['neither channel nor receiver', { title: 'x' }, 'wrong-usage: send: expected a channel or an address in "to"; people and routes are known with a Client only'],
    ['nothing to say', { channel: 'inbox', title: ' ' }, 'wrong-usage: send: expected a subject (or title) or a body, found neither'],
  ])('%s is an error that says what to do', async (_name, request, expected) => {
    expect(await codeOf(new NotificationManager().send(request))).toBe(expected)
  })

  test('a wrong address is refused before anything is opened', async () => {
    const manager = new NotificationManager({ channels: channels() })
    expect(await codeOf(manager.sendEmail('dana', 'x', 'y'))).toContain('expected an e-mail address')
    expect(await codeOf(manager.sendSms('0138', 'y'))).toContain('expected an international number')
    expect(await codeOf(manager.send({ channel: 'oncall-sms', to: 'dana@example.com', title: 'x' }))).toContain('wrong-usage')
  })

  test('wrong settings are told with their path', async () => {
    const manager = new NotificationManager({ channels: { mail: { type: 'emial' } } })
    expect(await codeOf(manager.sendEmail('dana@example.com', 'x', 'y'))).toMatch(/^config-invalid: channels\.mail\.type: expected one of [a-z, -]+, found "emial", did you mean "email"\?$/)
  })

  test('a registered channel is there under the name of its type, and gets a text within its limit', async () => {
    const seen: Message[] = []
    const manager = new NotificationManager()
    manager.registerChannel(logType(seen))
    expect(await manager.send({ channel: 'log', title: 'Hello', body: '👩‍👩‍👧'.repeat(20) })).toEqual({ kind: 'sent' })
    expect(seen[0]?.text).toBe(`${'👩‍👩‍👧'.repeat(4)}…`)
  })

  test('a channel that throws is a retry, and one that never stops is in doubt', async () => {
    const throwing = new NotificationManager()
    throwing.registerChannel(logType([], () => Promise.reject(new Error('its own fault, key sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0YeAaBbCcDd'))))
    const outcome = await throwing.send({ channel: 'log', title: 'x' })
    expect(outcome).toMatchObject({ kind: 'retry', code: 'channel-fault' })
    expect(outcome.detail).toContain('its own fault')
    expect(outcome.detail).not.toContain('sk-proj')
    const hanging = new NotificationManager({ deadlineMs: 20 })
    hanging.registerChannel(logType([], () => new Promise(() => undefined)))
    expect(await hanging.send({ channel: 'log', title: 'x' })).toMatchObject({ kind: 'in-doubt', code: 'deadline' })
  })

  test('the inbox in memory keeps the last 1,000', async () => {
    const manager = new NotificationManager()
    for (let index = 0; index < 1_003; index += 1) await manager.send({ channel: 'inbox', title: `m${index}` })
    const received = await manager.received()
    expect(received).toHaveLength(1_000)
    expect(received[0]?.subject).toBe('m3')
  })
})

describe('with a Client', () => {
  function dispatching(): { readonly manager: NotificationManager<Dispatched>; readonly announced: Announcement[]; readonly types: string[] } {
    const announced: Announcement[] = []
    const types: string[] = []
    const manager = new NotificationManager({
      dispatch: async (announcement: Announcement) => ({ id: `e${announced.push(announcement)}` }),
      channels: async () => [{ name: 'ops-mail', type: 'email', address: 'email' }, { name: 'oncall-sms', type: 'sms', address: 'phone' }, { name: 'kept', type: 'inbox', address: 'none' }],
      registerChannel: (type: ChannelType) => void types.push(type.type),
    })
    return { manager, announced, types }
  }

  test('what is sent is announced for one address on one channel, and the id is the answer', async () => {
    const { manager, announced } = dispatching()
    expect(await manager.sendEmail('dana@example.com', 'Hello\nthere', 'body')).toEqual({ id: 'e1' })
    expect(await manager.sendSms('+8613800000000', 'one line')).toEqual({ id: 'e2' })
    await manager.send({ channel: 'kept', body: 'kept', severity: 'critical' })
    expect(announced).toEqual([
      { title: 'Hello there', body: 'body', severity: 'info', direct: { channel: 'ops-mail', address: 'dana@example.com' } },
      { title: 'one line', severity: 'info', direct: { channel: 'oncall-sms', address: '+8613800000000' } },
      { title: 'kept', severity: 'critical', direct: { channel: 'kept', address: '' } },
    ])
  })

  test('people are named, and without anybody the routes decide', async () => {
    const { manager, announced } = dispatching()
    await manager.send({ to: 'role:admin', title: 'Hello' })
    await manager.send({ title: 'Hello' })
    expect(announced).toEqual([{ title: 'Hello', severity: 'info', to: ['role:admin'] }, { title: 'Hello', severity: 'info' }])
  })

  test('an unknown channel is an error and nothing is announced', async () => {
    const { manager, announced } = dispatching()
    expect(await codeOf(manager.send({ channel: 'pager', title: 'x' }))).toBe('channel-unknown: no channel is named "pager"; there is ops-mail, oncall-sms, kept')
    expect(announced).toEqual([])
  })

  test('a registered type goes to the Client at once', () => {
    const { manager, types } = dispatching()
    manager.registerChannel(logType([]))
    expect(types).toEqual(['log'])
  })
})
