import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import type { HttpFault } from '../http-provider.ts'
import { no, seen, startSlackServer, type SlackStandIn } from '../slack-server.ts'
import { hangMs, httpFaults, planned, type Planned } from './planned.ts'

const everywhere: readonly Planned<HttpFault>[] = [
  ...httpFaults,
  ['a success that is not the provider’s own (200, garbage) is in doubt', { reply: { status: 200, body: '<html>Welcome to the airport' } }, 'in-doubt', '200'],
  ['an answer that comes by a sign now and then is given up at the deadline, and in doubt', { endless: 'slow' }, 'in-doubt', '200', { deadlineMs: hangMs }],
  ['an answer without end is cut off and in doubt', { endless: 'fast' }, 'in-doubt', '200'],
  ['a redirect is not followed: the channel is wrong', { reply: { status: 307, headers: { location: 'https://example.com/' } } }, 'bad-config', '307'],
]

const means = { 'bad-config': 'is a wrong channel', 'bad-content': 'is bad content', retry: 'is tried later', 'in-doubt': 'is in doubt: Slack may have taken the message' } as const
const refused = (code: string, outcome: keyof typeof means): Planned<HttpFault> => [`${code} ${means[outcome]}`, { reply: no(code) }, outcome, code]

const botFaults: readonly Planned<HttpFault>[] = [
  ...everywhere,
  ...['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive', 'restricted_action', 'not_in_channel', 'channel_not_found', 'is_archived'].map((code) => refused(code, 'bad-config')),
  ['a scope that is missing is named', { reply: no('missing_scope', { needed: 'chat:write', provided: 'im:write' }) }, 'bad-config', 'missing_scope'],
  ...['invalid_blocks', 'no_text', 'invalid_arguments', 'a_word_that_is_new'].map((code) => refused(code, 'bad-content')),
  ...['request_timeout', 'service_unavailable', 'message_limit_exceeded', 'team_added_to_org'].map((code) => refused(code, 'retry')),
  ...['fatal_error', 'internal_error'].map((code) => refused(code, 'in-doubt')),
  ['a limit that is told in the body (ratelimited) waits as long as the header says', { reply: { ...no('ratelimited'), headers: { 'retry-after': '30' } } }, 'retry', 'ratelimited', { afterMs: 30_000 }],
]

const answers: readonly (readonly [word: string, status: number, outcome: keyof typeof means])[] = [
  ['invalid_payload', 400, 'bad-content'], ['action_prohibited', 403, 'bad-config'], ['invalid_token', 403, 'bad-config'], ['no_service', 404, 'bad-config'],
  ['channel_not_found', 404, 'bad-config'], ['channel_is_archived', 410, 'bad-config'], ['rollup_error', 500, 'retry'],
]
const webhookFaults: readonly Planned<HttpFault>[] = [...everywhere, ...answers.map(([word, status, outcome]): Planned<HttpFault> => [`${word} (${status}) ${means[outcome]}`, { reply: { status, body: word } }, outcome, word])]

function worldOf(settingsOf: (server: SlackStandIn) => { readonly settings: object; readonly secrets: readonly string[] }, faults: readonly Planned<HttpFault>[]): SuiteWorld {
  return {
    faults,
    async start(): Promise<ChannelWorld> {
      const server = await startSlackServer()
      const { settings, secrets } = settingsOf(server)
      return {
        settings: { ...settings, apiBase: server.apiBase, ca: server.ca },
        secrets,
        address: '',
        faults: planned(faults, (fault) => server.fail(fault)),
        refuse: (words) => server.fail({ reply: 'botToken' in settings ? no(words) : { status: 400, body: words } }),
        received: () => server.messages.map((message) => ({ to: '', subject: seen(message).title, text: withoutFacts(seen(message).body) })),
        close: () => server.close(),
      }
    },
  }
}

/** The suite asks for what was written, and not for what stands below it. */
function withoutFacts(body: string): string {
  return body.replace(/\nAgent: refund-bot$/, '')
}

/** A bot in a channel. */
export const slack = worldOf(({ botToken }) => ({ settings: { botToken, channel: 'C024BE91L' }, secrets: [botToken] }), botFaults)

/** An incoming webhook. */
export const slackWebhook = worldOf(({ webhookUrl }) => ({ settings: { webhookUrl }, secrets: [webhookUrl] }), webhookFaults)
