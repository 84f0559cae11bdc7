import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import type { ChannelType, Message } from '../model/channel.ts'
import { channelSuite, type ChannelFault, type ChannelWorld, type Received } from '../testing/channel-suite.ts'
import { startSmtpServer, type SmtpFault } from '../testing/smtp-server.ts'
import { startTwilioServer, type TwilioFault } from '../testing/twilio-server.ts'
import { channelTypes } from './registry.ts'

type Planned<Fault> = readonly [name: string, fault: Fault, outcome: ChannelFault['outcome'], code?: string, more?: { readonly deadlineMs?: number; readonly afterMs?: number }]

const hangMs = 300

const smtpFaults: readonly Planned<SmtpFault>[] = [
  ['a wrong password is a wrong channel', { at: 'login', act: { reply: '535 5.7.8 smtp-pass-word refused' } }, 'bad-config', '535'],
  ['a login that fails for now is tried later', { at: 'login', act: { reply: '454 4.7.0 try later' } }, 'retry', '454'],
  ['a sender that is not allowed is a wrong channel', { at: 'sender', act: { reply: '550 5.7.1 not your address' } }, 'bad-config', '550'],
  ['an unknown mailbox (550) is a bad address', { at: 'recipient', act: { reply: '550 5.1.1 no such user' } }, 'bad-address', '550'],
  ['a mailbox elsewhere (551) is a bad address', { at: 'recipient', act: { reply: '551 5.1.6 moved' } }, 'bad-address', '551'],
  ['a mailbox name that is not allowed (553) is a bad address', { at: 'recipient', act: { reply: '553 5.1.3 bad name' } }, 'bad-address', '553'],
  ['a refused recipient (554) is a bad address', { at: 'recipient', act: { reply: '554 5.1.1 refused' } }, 'bad-address', '554'],
  ['a server that does not send for us (5.7 at RCPT) is a wrong channel', { at: 'recipient', act: { reply: '554 5.7.1 Relay access denied' } }, 'bad-config', '554'],
  ['greylisting (450) is tried later', { at: 'recipient', act: { reply: '450 4.2.0 greylisted' } }, 'retry', '450'],
  ['a server short of space (452) is tried later', { at: 'recipient', act: { reply: '452 4.3.1 full' } }, 'retry', '452'],
  ['a full mailbox (552 at RCPT) is tried later', { at: 'recipient', act: { reply: '552 5.2.2 mailbox full' } }, 'retry', '552'],
  ['a closing server (421) is tried later', { at: 'greeting', act: { reply: '421 4.3.2 closing' } }, 'retry', '421'],
  ['a mail refused for now (451 after DATA) is tried later', { at: 'answer', act: { reply: '451 4.3.0 later' } }, 'retry', '451'],
  ['a mail refused for good (554 after DATA) is bad content', { at: 'answer', act: { reply: '554 5.6.0 spam' } }, 'bad-content', '554'],
  ['a connection lost at the greeting is tried later', { at: 'greeting', act: 'drop' }, 'retry'],
  ['a connection lost at the recipient is tried later', { at: 'recipient', act: 'drop' }, 'retry'],
  ['a server silent at the greeting is tried later', { at: 'greeting', act: 'hang' }, 'retry', 'EABORT', { deadlineMs: hangMs }],
  ['a server silent before the mail is tried later', { at: 'recipient', act: 'hang' }, 'retry', 'EABORT', { deadlineMs: hangMs }],
  ['a connection lost after the mail went out is in doubt', { at: 'answer', act: 'drop' }, 'in-doubt'],
  ['a server silent after the mail went out is in doubt', { at: 'answer', act: 'hang' }, 'in-doubt', 'EABORT', { deadlineMs: hangMs }],
]

const twilioFaults: readonly Planned<TwilioFault>[] = [
  ['an invalid number (21211) is a bad address', { reply: 400, code: 21211 }, 'bad-address', '21211'],
  ['a number that takes no text (21614) is a bad address', { reply: 400, code: 21614 }, 'bad-address', '21614'],
  ['a landline (21635) is a bad address', { reply: 400, code: 21635 }, 'bad-address', '21635'],
  ['a receiver who said STOP (21610) is a bad address', { reply: 400, code: 21610 }, 'bad-address', '21610'],
  ['a text too long (21617) is bad content', { reply: 400, code: 21617 }, 'bad-content', '21617'],
  ['a wrong token (20003) is a wrong channel, and is not repeated', { reply: 401, code: 20003, message: 'Authenticate twilio-test-token' }, 'bad-config', '20003'],
  ['a sender that is not ours (21606) is a wrong channel', { reply: 400, code: 21606 }, 'bad-config', '21606'],
  ['a region that is not enabled (21408) is a wrong channel', { reply: 403, code: 21408 }, 'bad-config', '21408'],
  ['too many requests (429) waits as long as it says', { reply: 429, code: 20429, retryAfter: '7' }, 'retry', '20429', { afterMs: 7_000 }],
  ['a full queue of the sender (21611) is tried later', { reply: 400, code: 21611 }, 'retry', '21611'],
  ['a failing provider (500) is tried later', { reply: 500 }, 'retry', '500'],
  ['a provider under maintenance (503) waits as long as it says', { reply: 503, retryAfter: '120' }, 'retry', '503', { afterMs: 120_000 }],
  ['a refusal without a code that is known (400) is bad content', { reply: 400, code: 99_999 }, 'bad-content', '99999'],
  ['an error page (502) is tried later', { raw: 502, body: '<html>Bad gateway' }, 'retry', '502'],
  ['a redirect is not followed: the channel is wrong', { raw: 307, body: '', headers: { location: 'https://example.com/' } }, 'bad-config', '307'],
  ['a success that is not the provider’s own (200, garbage) is in doubt', { raw: 200, body: '<html>Welcome to the airport' }, 'in-doubt', '200'],
  ['taken (201) with an answer that cannot be read is sent', { raw: 201, body: '{"sid": "SM' }, 'sent'],
  ['a connection reset before the message is tried later', { reset: 'handshake' }, 'retry', 'ECONNRESET'],
  ['a connection that is never secured is tried later', { hang: 'handshake' }, 'retry', 'ABORT_ERR', { deadlineMs: hangMs }],
  ['a connection reset after the message is in doubt', { reset: 'answer' }, 'in-doubt', 'ECONNRESET'],
  ['a provider silent after the message is in doubt', { hang: 'answer' }, 'in-doubt', 'ABORT_ERR', { deadlineMs: hangMs }],
  ['an answer without end is cut off and in doubt', { endless: 'fast' }, 'in-doubt', '200'],
  ['an answer too slow is cut off and in doubt', { endless: 'slow' }, 'in-doubt', undefined, { deadlineMs: hangMs }],
]

function planned<Fault>(faults: readonly Planned<Fault>[], fail: (fault: Fault) => void): readonly ChannelFault[] {
  return faults.map(([name, fault, outcome, code, more]) => ({ name, plan: () => fail(fault), outcome, ...(code === undefined ? {} : { code }), ...more }))
}

async function emailWorld(): Promise<ChannelWorld> {
  const server = await startSmtpServer({ login: { user: 'apikey', password: 'smtp-pass-word' } })
  return {
    settings: { url: server.url, ca: server.ca, from: 'Tocsin <noreply@example.com>' },
    secrets: ['smtp-pass-word'],
    address: 'dana@example.com',
    faults: planned(smtpFaults, (fault) => {
      server.dropConnections() // So that the fault meets a connection from its greeting on.
      server.fail(fault)
    }),
    received: () => server.mails.map(({ to, parsed }) => ({ to: to.join(), subject: parsed.subject ?? '', text: parsed.text ?? '' })),
    close: () => server.close(),
  }
}

async function smsWorld(): Promise<ChannelWorld> {
  const server = await startTwilioServer()
  return {
    settings: { accountSid: server.accountSid, authToken: server.authToken, from: '+15005550006', apiBase: server.apiBase, ca: server.ca },
    secrets: [server.authToken],
    address: '+8613800000000',
    faults: planned(twilioFaults, (fault) => server.fail(fault)),
    received: () => server.messages.map(({ to, body }) => ({ to, text: body })),
    close: () => server.close(),
  }
}

async function inboxWorld(): Promise<ChannelWorld> {
  const kept = new Map<string, Message>()
  return {
    settings: {},
    secrets: [],
    address: '',
    faults: [],
    inbox: { put: async (message) => void kept.set(message.id, message) },
    received: () => [...kept.values()].map(({ to, subject, text }) => ({ to, subject, text })),
    close: async () => undefined,
  }
}

/** The console of another process, because it is the descriptor of the process that is written to. */
async function consoleWorld(): Promise<ChannelWorld> {
  const received: Received[] = []
  const script = `
    import { readFileSync } from 'node:fs'
    import { consoleChannel } from ${JSON.stringify(new URL('./console.ts', import.meta.url).href)}
    const message = JSON.parse(readFileSync(0, 'utf8'))
    console.log(JSON.stringify(await consoleChannel.create({}, 'console').send(message)))`
  return {
    settings: {},
    secrets: [],
    address: '',
    faults: [],
    channel: {
      send: (message) =>
        new Promise((resolve) => {
          const child = execFile(process.execPath, ['--input-type=module', '-e', script], { maxBuffer: 1_000_000 }, (_error, stdout, stderr) => {
            const [head = '', ...lines] = stderr.trimEnd().split('\n')
            received.push({ to: '', subject: head.replace('tocsin [high] ', ''), text: lines.map((line) => line.slice(2)).join('\n') })
            resolve(stdout.trim() === '{"kind":"sent"}' ? { kind: 'sent' } : { kind: 'bad-config', detail: stdout })
          })
          child.stdin?.end(JSON.stringify(message))
        }),
    },
    received: () => received,
    close: async () => undefined,
  }
}

const worlds: ReadonlyMap<string, readonly [faultNames: readonly string[], start: () => Promise<ChannelWorld>]> = new Map([
  ['console', [[], consoleWorld]],
  ['email', [smtpFaults.map(([name]) => name), emailWorld]],
  ['inbox', [[], inboxWorld]],
  ['sms', [twilioFaults.map(([name]) => name), smsWorld]],
])

test('every channel of the registry is held to the contract', () => {
  expect([...worlds.keys()]).toEqual([...channelTypes.keys()])
})

for (const [name, type] of channelTypes) {
  const world = worlds.get(name)
  if (world !== undefined) runSuite(type, ...world)
}

function runSuite(type: ChannelType, faultNames: readonly string[], start: () => Promise<ChannelWorld>): void {
  channelSuite(type, faultNames, start)
}
