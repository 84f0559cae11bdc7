import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import { startTwilioServer, type TwilioFault } from '../twilio-server.ts'
import { hangMs, planned, type Planned } from './planned.ts'

const faults: readonly Planned<TwilioFault>[] = [
  ['an invalid number (21211) is a bad address', { reply: 400, code: 21211 }, 'bad-address', '21211'],
  ['a number that takes no text (21614) is a bad address', { reply: 400, code: 21614 }, 'bad-address', '21614'],
  ['a landline (21635) is a bad address', { reply: 400, code: 21635 }, 'bad-address', '21635'],
  ['a receiver who said STOP (21610) has opted out', { reply: 400, code: 21610 }, 'bad-address', 'opted-out'],
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

async function start(): Promise<ChannelWorld> {
  const server = await startTwilioServer()
  return {
    settings: { accountSid: server.accountSid, authToken: server.authToken, from: '+15005550006', apiBase: server.apiBase, ca: server.ca },
    secrets: [server.authToken],
    address: '+8613800000000',
    faults: planned(faults, (fault) => server.fail(fault)),
    refuse: (words) => server.fail({ reply: 400, code: 21617, message: words }),
    received: () => server.messages.map(({ to, body }) => ({ to, text: body })),
    close: () => server.close(),
  }
}

export const sms: SuiteWorld = { faults, start }
