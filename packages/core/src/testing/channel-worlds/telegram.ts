import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import type { HttpFault } from '../http-provider.ts'
import { startTelegramServer, telegramError, telegramSeen } from '../telegram-server.ts'
import { hangMs, httpFaults, planned, type Planned } from './planned.ts'

const refused = (status: number, description: string, outcome: Planned<HttpFault>[2], what: string): Planned<HttpFault> => [`${what} (${status} ${description})`, { reply: telegramError(status, description) }, outcome, String(status)]

const faults: readonly Planned<HttpFault>[] = [
  ...httpFaults,
  refused(403, 'Forbidden: bot was blocked by the user', 'bad-address', 'who blocked the bot is a bad address'),
  refused(403, 'Forbidden: bot was kicked from the supergroup chat', 'bad-address', 'a group that the bot was put out of is a bad address'),
  refused(403, 'Forbidden: user is deactivated', 'bad-address', 'an account that is gone is a bad address'),
  refused(403, "Forbidden: bot can't initiate conversation with a user", 'bad-address', 'who never spoke to the bot is a bad address'),
  refused(400, 'Bad Request: chat not found', 'bad-address', 'a chat that is not there is a bad address'),
  refused(400, 'Bad Request: not enough rights to send text messages to the chat', 'bad-address', 'a chat where the bot may not write is a bad address'),
  ['a group that became a supergroup is a bad address that names the new one', { reply: telegramError(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1009998887776 }) }, 'bad-address', 'migrated'],
  refused(401, 'Unauthorized', 'bad-config', 'a token that was taken back is a wrong channel'),
  refused(404, 'Not Found', 'bad-config', 'a token that is none is a wrong channel'),
  refused(400, 'Bad Request: message is too long', 'bad-content', 'a text too long is bad content'),
  refused(400, "Bad Request: can't parse entities", 'bad-content', 'a form that is not taken is bad content'),
  ['a limit (429) is kept as the answer says', { reply: telegramError(429, 'Too Many Requests: retry after 35', { retry_after: 35 }) }, 'retry', '429', { afterMs: 35_000 }],
  ['an answer that repeats the token does not bring it into the outcome', { reply: telegramError(401, 'Unauthorized: 123456789:AAF-k3XyZ9wQvT7uRsPqOnMlKjIhGfEdCbA') }, 'bad-config', '401'],
  ['a success that is not the provider’s own (200, garbage) is in doubt', { reply: { status: 200, body: '<html>Welcome to the airport' } }, 'in-doubt', '200'],
  ['what a proxy forbids (403) is a wrong channel', { reply: { status: 403, body: '<html>Forbidden' } }, 'bad-config', '403'],
  ['an answer that comes by a sign now and then is given up at the deadline, and in doubt', { endless: 'slow' }, 'in-doubt', '200', { deadlineMs: hangMs }],
  ['an answer without end is cut off and in doubt', { endless: 'fast' }, 'in-doubt', '200'],
  ['a redirect is not followed: the channel is wrong', { reply: { status: 307, headers: { location: 'https://example.com/' } } }, 'bad-config', '307'],
]

async function start(): Promise<ChannelWorld> {
  const server = await startTelegramServer()
  return {
    settings: { botToken: server.botToken, apiBase: server.apiBase, ca: server.ca },
    secrets: [server.botToken],
    address: '123456789',
    faults: planned(faults, (fault) => server.fail(fault)),
    refuse: (words) => server.fail({ reply: telegramError(400, words) }),
    received: () =>
      server.messages.map((message) => {
        const [title = '', ...lines] = telegramSeen(message).text.split('\n')
        const end = lines.findIndex((line) => line.startsWith('Agent: '))
        return { to: message.chat, subject: title, text: lines.slice(0, end === -1 ? lines.length : end).join('\n') }
      }),
    close: () => server.close(),
  }
}

export const telegram: SuiteWorld = { faults, start }
