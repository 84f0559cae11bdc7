import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import type { HttpFault } from '../http-provider.ts'
import { startNtfy, type Published } from '../ntfy-server.ts'
import { hangMs, httpFaults, planned, type Planned } from './planned.ts'

const refused = (http: number, code: number, error: string): HttpFault => ({ reply: { status: http, body: { code, http, error } } })

const faults: readonly Planned<HttpFault>[] = [
  ...httpFaults,
  ['a wrong token (40101) is a wrong channel, and is not repeated', refused(401, 40101, 'unauthorized tk_testtoken0123456789'), 'bad-config', '40101'],
  ['a topic that is not ours (40301) is a wrong channel, and is not repeated', refused(403, 40301, 'forbidden tests-9f3kq2'), 'bad-config', '40301'],
  ['a topic that is not allowed (40010) is a wrong channel', refused(400, 40010, 'invalid request: topic name is not allowed'), 'bad-config', '40010'],
  ['a server that is another one (404) is a wrong channel', { reply: { status: 404, body: '<html>' } }, 'bad-config', '404'],
  ['a text that became a file (40014) is bad content', refused(400, 40014, 'invalid request: attachments not allowed'), 'bad-content', '40014'],
  ['a body too large (41303) is bad content', refused(413, 41303, 'JSON body too large'), 'bad-content', '41303'],
  ['the quota of the day (42908) is tried later', refused(429, 42908, 'limit reached: daily message quota reached'), 'retry', '42908'],
  ['a failing server in its own words (50001) is tried later', refused(500, 50001, 'internal server error'), 'retry', '50001'],
  ['a redirect is not followed: the channel is wrong', { reply: { status: 301, headers: { location: 'https://example.com/' } } }, 'bad-config', '301'],
  ['a success that is not the server’s own (200, garbage) is in doubt', { taken: { status: 200, body: '<html>Welcome to the airport' } }, 'in-doubt', '200'],
  ['an answer without end is cut off and in doubt', { endless: 'fast' }, 'in-doubt', '200'],
  ['an answer too slow is cut off and in doubt', { endless: 'slow' }, 'in-doubt', undefined, { deadlineMs: hangMs }],
]

async function start(): Promise<ChannelWorld> {
  const server = await startNtfy()
  const { provider, topic, token } = server
  return {
    settings: { server: provider.base, topic, token, ca: provider.ca, allowNetworks: ['127.0.0.0/8'] },
    secrets: [token, topic],
    address: '',
    faults: planned(faults, (fault) => provider.fail(fault)),
    refuse: (words) => provider.fail(refused(400, 40001, words)),
    received: () => provider.taken.map(({ text }) => JSON.parse(text) as Published).map(({ title = '', message }) => ({ to: '', subject: title, text: message })), // The stand-in took it.
    close: () => server.close(),
  }
}

export const ntfy: SuiteWorld = { faults, start }
