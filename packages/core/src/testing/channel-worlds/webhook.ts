import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import type { WebhookBody } from '../../channels/webhook-body.ts'
import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import { startHttpProvider, type HttpFault, type HttpRequest } from '../http-provider.ts'
import { hangMs, httpFaults, planned, type Planned } from './planned.ts'

/** Of bytes that say what they are, in the form of the standard. */
const secret = `whsec_${Buffer.from('a secret of the tests alone: 1234').toString('base64')}`
const token = 'Bearer hook-test-token'

const faults: readonly Planned<HttpFault>[] = [
  ...httpFaults,
  ['an endpoint that is gone (410) is a bad address', { reply: { status: 410 } }, 'bad-address', '410'],
  ['a redirect (302) is not followed: the channel is wrong', { reply: { status: 302, headers: { location: 'https://example.com/' } } }, 'bad-config', '302'],
  ['a redirect for good (308) is not followed: the channel is wrong', { reply: { status: 308, headers: { location: 'https://example.com/' } } }, 'bad-config', '308'],
  ['a body that is refused (400) may be taken by the next release', { reply: { status: 400, body: `no ${token}` } }, 'retry', '400'],
  ['a signature that is refused (401) is tried again', { reply: { status: 401, body: `wrong ${secret}` } }, 'retry', '401'],
  ['a path that is not there yet (404) is tried again', { reply: { status: 404, body: '<html>' } }, 'retry', '404'],
  ['a body too large (413) is tried again', { reply: { status: 413 } }, 'retry', '413'],
  ['taken (202) with garbage is taken', { taken: { status: 202, body: '{"a' } }, 'sent'],
  ['an answer without end is cut off, and what was said counts', { endless: 'fast' }, 'sent'],
  ['an answer too slow is cut off, and what was said counts', { endless: 'slow' }, 'sent', undefined, { deadlineMs: hangMs }],
]

/** The body of a webhook as receivers check it, with two libraries that are not ours; throws where it is forged. */
export function verified({ text, headers }: Pick<HttpRequest, 'text' | 'headers'>, by: string = secret): WebhookBody {
  const own = Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]))
  new SvixWebhook(by).verify(text, own)
  return new StandardWebhook(by).verify(text, own) as WebhookBody // It was signed by us, so it is ours.
}

async function start(): Promise<ChannelWorld> {
  const provider = await startHttpProvider({
    answer(request) {
      verified(request)
      return request.headers.authorization === token && request.path === '/hook?key=hook-url-key' ? { status: 204 } : { status: 401 }
    },
  })
  return {
    settings: { url: `${provider.base}/hook?key=hook-url-key`, secret, headers: { authorization: token }, ca: provider.ca, allowNetworks: ['127.0.0.0/8'] },
    secrets: [secret, token, 'hook-url-key'],
    address: '',
    faults: planned(faults, (fault) => provider.fail(fault)),
    // Of refusals alone that of an endpoint that is gone is final, and its words are not told; so one that is tried again.
    refuse: (words) => provider.fail({ reply: { status: 400, body: words } }),
    received: () => provider.taken.map((request) => verified(request).data).map(({ id, title, text, locale }) => ({ to: '', subject: title, text, locale, repeatId: id })),
    close: () => provider.close(),
  }
}

export const webhook: SuiteWorld = { faults, start }
