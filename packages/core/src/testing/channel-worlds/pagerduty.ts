import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import type { HttpFault } from '../http-provider.ts'
import { startPagerDuty, type PagerDutyRequest } from '../pagerduty-server.ts'
import { hangMs, httpFaults, planned, type Planned } from './planned.ts'

const invalid = (...errors: readonly string[]): HttpFault => ({ reply: { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } } })

const faults: readonly Planned<HttpFault>[] = [
  ...httpFaults,
  ['an event that is refused (400) is bad content', invalid("'payload.summary' is missing or blank"), 'bad-content', '400'],
  ['an event that cannot be read (400) is bad content', { reply: { status: 400, body: { status: 'Unrecognized object', message: 'Event object format is unrecognized', errors: ['JSON parse error'] } } }, 'bad-content', '400'],
  ['a key of the wrong form (400) is a wrong channel, and is not repeated', invalid("Length of 'routing_key' is incorrect: pdtestroutingkey0123456789abcdef"), 'bad-config', 'routing-key'],
  ['a key that nobody has (400, bare words) is a wrong channel', { reply: { status: 400, body: 'Invalid routing key' } }, 'bad-config', 'routing-key'],
  ['a host that forbids (403) is a wrong channel', { reply: { status: 403 } }, 'bad-config', '403'],
  ['a redirect is not followed: the channel is wrong', { reply: { status: 307, headers: { location: 'https://example.com/' } } }, 'bad-config', '307'],
  ['a success that is not the provider’s own (200, garbage) is in doubt', { taken: { status: 200, body: '<html>Welcome to the airport' } }, 'in-doubt', '200'],
  ['taken (202) with an answer that cannot be read is sent', { taken: { status: 202, body: '{"stat' } }, 'sent'],
  ['an answer without end is cut off and in doubt', { endless: 'fast' }, 'in-doubt', '200'],
  ['an answer too slow is cut off and in doubt', { endless: 'slow' }, 'in-doubt', undefined, { deadlineMs: hangMs }],
]

async function start(): Promise<ChannelWorld> {
  const server = await startPagerDuty()
  const { provider, routingKey } = server
  return {
    settings: { routingKey, apiBase: provider.base, ca: provider.ca },
    secrets: [routingKey],
    address: '',
    faults: planned(faults, (fault) => provider.fail(fault)),
    refuse: (words) => provider.fail(invalid(words)),
    received: () =>
      provider.taken.map(({ text }) => {
        const { payload, dedup_key: repeatId } = JSON.parse(text) as PagerDutyRequest // The stand-in took it.
        return { to: '', subject: payload?.summary ?? '', text: payload?.custom_details?.text ?? '', ...(repeatId === undefined ? {} : { repeatId }) }
      }),
    close: () => server.close(),
  }
}

export const pagerduty: SuiteWorld = { faults, start }
