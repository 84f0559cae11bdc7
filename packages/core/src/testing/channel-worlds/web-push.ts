import { z } from 'zod'
import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import type { HttpFault } from '../http-provider.ts'
import { startPushService } from '../push-service.ts'
import { hangMs, httpFaults, planned, type Planned } from './planned.ts'

const faults: readonly Planned<HttpFault>[] = [
  ...httpFaults,
  ['a subscription that was given up (410) is a bad address', { reply: { status: 410, body: 'push subscription has unsubscribed or expired.' } }, 'bad-address', '410'],
  ['a subscription that nobody knows (404) is a bad address', { reply: { status: 404, body: '{"code":404,"errno":102}' } }, 'bad-address', '404'],
  ['a message that is too long (413) is bad content', { reply: { status: 413, body: 'payload too large' } }, 'bad-content', '413'],
  ['a request that is not understood (400) is a wrong channel', { reply: { status: 400, body: '{"reason":"BadJwtToken"}' } }, 'bad-config', '400'],
  ['a signature that is not taken (401) is a wrong channel', { reply: { status: 401, body: '{"code":401,"errno":109}' } }, 'bad-config', '401'],
  ['a key that is not the subscription’s (403) is a wrong channel', { reply: { status: 403, body: '{"reason":"VapidPkHashMismatch"}' } }, 'bad-config', '403'],
  ['a service that takes no more for now (406) is tried later', { reply: { status: 406 } }, 'retry', '406'],
  ['a redirect is not followed: the channel is wrong', { reply: { status: 307, headers: { location: 'https://example.com/' } } }, 'bad-config', '307'],
  ['an answer without end is cut off: the status counts', { endless: 'fast' }, 'sent'],
  ['an answer too slow is cut off: the status counts', { endless: 'slow' }, 'sent', undefined, { deadlineMs: hangMs }],
  ['taken (201) with garbage is taken', { taken: { status: 201, body: '{"a' } }, 'sent'],
]

const payload = z.strictObject({ title: z.string(), body: z.string(), url: z.string().optional(), tag: z.string(), severity: z.string(), id: z.string() })

async function start(): Promise<ChannelWorld> {
  const service = await startPushService()
  return {
    settings: { subject: 'mailto:ops@example.com', ...service.vapid, ca: service.ca, allowNetworks: ['127.0.0.0/8'] },
    secrets: [service.vapid.privateKey],
    address: service.browser.subscription,
    faults: planned(faults, (fault) => service.fail(fault)),
    refuse: (words) => service.fail({ reply: { status: 413, body: words } }),
    received: () =>
      service.messages.map(({ text }) => {
        const { title, body, tag } = payload.parse(JSON.parse(text))
        return { to: service.browser.subscription, subject: title, text: body, repeatId: tag }
      }),
    close: () => service.close(),
  }
}

export const webPush: SuiteWorld = { faults, start }
