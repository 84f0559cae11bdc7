import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import type { HttpFault } from '../http-provider.ts'
import { flowError, startTeamsServer, teamsSeen } from '../teams-server.ts'
import { hangMs, httpFaults, planned, type Planned } from './planned.ts'

const passedOn = (status: number): HttpFault => ({ reply: { status: 200, body: `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId tcid=1,server=x,cv=y..` } })

const faults: readonly Planned<HttpFault>[] = [
  ...httpFaults,
  ['a card that is not taken (400) is bad content', { reply: flowError(400, 'InvalidRequestContent', 'The request content is not valid.') }, 'bad-content', 'InvalidRequestContent'],
  ['a card that an incoming webhook cannot read (400) is bad content', { reply: { status: 400, body: 'Bad payload received by generic incoming webhook.' } }, 'bad-content', '400'],
  ['a card that is too large (413) is bad content', { reply: { status: 413, body: 'The payload is too large.' } }, 'bad-content', '413'],
  ['a workflow that is gone (404) is a bad address', { reply: flowError(404, 'WorkflowNotFound', 'The workflow could not be found.') }, 'bad-address', 'WorkflowNotFound'],
  ['a webhook that was retired (410) is a bad address', { reply: { status: 410 } }, 'bad-address', '410'],
  ['a workflow that is switched off (400) is a wrong channel', { reply: flowError(400, 'WorkflowTriggerIsNotEnabled', 'Could not execute workflow trigger manual: the state is Stopped.') }, 'bad-config', 'WorkflowTriggerIsNotEnabled'],
  ['a signature that is not taken (401) is a wrong channel, and is not repeated', { reply: flowError(401, 'AuthorizationFailed', 'The provided signature q9ZkT3vW8xYb2Lr7Nc5Mf1Hs4Jd6Gp0AeUiOyQw-RtX is invalid') }, 'bad-config', 'AuthorizationFailed'],
  ['a limit that an incoming webhook tells as a success (HTTP error 429) is tried later', passedOn(429), 'retry', '429'],
  ['a failure that an incoming webhook tells as a success (HTTP error 503) is tried later', passedOn(503), 'retry', '503'],
  ['a card that is told to be too large in a success (HTTP error 413) is bad content', passedOn(413), 'bad-content', '413'],
  ['a channel that is told to be gone in a success (HTTP error 404) is a bad address', passedOn(404), 'bad-address', '404'],
  ['a channel that is told to be closed in a success (HTTP error 403) is a wrong channel', passedOn(403), 'bad-config', '403'],
  ['the answer of an incoming webhook (200, 1) is sent', { taken: { status: 200, body: '1' } }, 'sent'],
  ['a success that is not the provider’s own (200, garbage) is in doubt', { reply: { status: 200, body: '<html>Welcome to the airport' } }, 'in-doubt', '200'],
  ['an answer that comes by a sign now and then is given up at the deadline, and in doubt', { endless: 'slow' }, 'in-doubt', '200', { deadlineMs: hangMs }],
  ['an answer without end is cut off and in doubt', { endless: 'fast' }, 'in-doubt', '200'],
  ['a redirect is not followed: the channel is wrong', { reply: { status: 307, headers: { location: 'https://example.com/' } } }, 'bad-config', '307'],
]

async function start(): Promise<ChannelWorld> {
  const server = await startTeamsServer()
  return {
    settings: { url: server.url, ca: server.ca, allowNetworks: ['127.0.0.0/8'] },
    secrets: [server.signature],
    address: '',
    faults: planned(faults, (fault) => server.fail(fault)),
    refuse: (words) => server.fail({ reply: { status: 400, body: words } }),
    received: () => server.cards.map(teamsSeen).map(({ title, body }) => ({ to: '', subject: title, text: body })),
    close: () => server.close(),
  }
}

export const teams: SuiteWorld = { faults, start }
