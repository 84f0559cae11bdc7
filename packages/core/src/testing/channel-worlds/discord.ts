import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import { discordError, discordSeen, startDiscordServer } from '../discord-server.ts'
import type { HttpFault } from '../http-provider.ts'
import { hangMs, httpFaults, planned, type Planned } from './planned.ts'

const limited = (body: object, headers: Readonly<Record<string, string>> = {}): HttpFault => ({ reply: { status: 429, headers, body: { message: 'You are being rate limited.', ...body } } })

const faults: readonly Planned<HttpFault>[] = [
  ...httpFaults,
  ['a webhook that was deleted (404, 10015) is a bad address', { reply: discordError(404, 10015, 'Unknown Webhook') }, 'bad-address', '10015'],
  ['a token that is not its own (401, 50027) is a bad address', { reply: discordError(401, 50027, 'Invalid Webhook Token') }, 'bad-address', '50027'],
  ['an address where nothing is (404) is a bad address', { reply: { status: 404, body: '404: Not Found' } }, 'bad-address', '404'],
  ['a form that is not taken (400, 50035) is bad content', { reply: discordError(400, 50035, 'Invalid Form Body') }, 'bad-content', '50035'],
  ['a message that is too large (413) is bad content', { reply: { status: 413, body: 'too large' } }, 'bad-content', '413'],
  ['a forum that asks for a thread (400, 220001) is a wrong channel', { reply: discordError(400, 220001, 'Webhooks posted to forum channels must have a thread_name or thread_id') }, 'bad-config', '220001'],
  ['what is not allowed (403) is a wrong channel', { reply: discordError(403, 50013, 'Missing Permissions') }, 'bad-config', '50013'],
  ['what needs another login (401) is a wrong channel', { reply: { status: 401, body: { message: '401: Unauthorized', code: 0 } } }, 'bad-config', '401'],
  ['a limit that is told as a fraction of seconds is kept', limited({ retry_after: 0.529, global: false }, { 'retry-after': '1' }), 'retry', '429', { afterMs: 529 }],
  ['a limit of the network before it, which is a page, is kept as the header says', { reply: { status: 429, headers: { 'retry-after': '600' }, body: '<html>Access denied | error code: 1015' } }, 'retry', '429', { afterMs: 600_000 }],
  ['a limit of all calls is kept', limited({ retry_after: 64.57, global: true }), 'retry', '429', { afterMs: 64_570 }],
  ['a success that is not the provider’s own (200, garbage) is in doubt', { reply: { status: 200, body: '<html>Welcome to the airport' } }, 'in-doubt', '200'],
  ['an answer that comes by a sign now and then is given up at the deadline, and in doubt', { endless: 'slow' }, 'in-doubt', '200', { deadlineMs: hangMs }],
  ['an answer without end is cut off and in doubt', { endless: 'fast' }, 'in-doubt', '200'],
  ['a redirect is not followed: the channel is wrong', { reply: { status: 308, headers: { location: 'https://example.com/' } } }, 'bad-config', '308'],
]

async function start(): Promise<ChannelWorld> {
  const server = await startDiscordServer()
  return {
    settings: { url: server.url, ca: server.ca, allowNetworks: ['127.0.0.0/8'] },
    secrets: [server.token],
    address: '',
    faults: planned(faults, (fault) => server.fail(fault)),
    refuse: (words) => server.fail({ reply: { status: 400, body: { code: 50035, message: words } } }),
    received: () => server.messages.map(({ content, embeds }) => ({ to: '', subject: discordSeen(content.slice(2, -2)).text, text: discordSeen(embeds[0]?.description ?? '').text })),
    close: () => server.close(),
  }
}

export const discord: SuiteWorld = { faults, start }
