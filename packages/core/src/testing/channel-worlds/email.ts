import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import { startSmtpServer, type SmtpFault } from '../smtp-server.ts'
import { hangMs, planned, type Planned } from './planned.ts'

const faults: readonly Planned<SmtpFault>[] = [
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

async function start(): Promise<ChannelWorld> {
  const server = await startSmtpServer({ login: { user: 'apikey', password: 'smtp-pass-word' } })
  return {
    settings: { url: server.url, ca: server.ca, from: 'Tocsin <noreply@example.com>' },
    secrets: ['smtp-pass-word'],
    address: 'dana@example.com',
    faults: planned(faults, (fault) => {
      server.dropConnections() // So that the fault meets a connection from its greeting on.
      server.fail(fault)
    }),
    refuse: (words) => server.fail({ at: 'recipient', act: { reply: `550 5.1.1 ${words}` } }),
    received: () => server.mails.map(({ to, parsed }) => ({ to: to.join(), subject: parsed.subject ?? '', text: parsed.text ?? '' })),
    close: () => server.close(),
  }
}

export const email: SuiteWorld = { faults, start }
