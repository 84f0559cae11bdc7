import { NotificationManager } from '../../packages/core/src/notification-manager.ts'
import { TocsinError } from '../../packages/core/src/model/error.ts'
import type { ConfigInput } from '../../packages/core/src/model/config.ts'
import { startHttpProvider } from '../../packages/core/src/testing/http-provider.ts'
import { startSmtpServer } from '../../packages/core/src/testing/smtp-server.ts'
import { hookSecret } from './hook.ts'
import type { World } from './world.ts'

/** What a channel said when it was pointed at a server without TLS. */
export interface Refusal {
  readonly channel: string
  readonly why: string
}

/**
 * Points each of the four channels at a server that speaks in clear, and tells what came of it. Nothing may arrive there.
 */
export async function tryClearText(world: World): Promise<{ readonly refusals: readonly Refusal[]; readonly arrived: number }> {
  const mail = await startSmtpServer({ tls: 'none' })
  const plain = await startHttpProvider({ protocol: 'http', answer: () => ({ status: 200 }) })
  const { env } = world
  const ways: readonly (readonly [channel: string, settings: NonNullable<ConfigInput['channels']>[string], to: string])[] = [
    ['e-mail', { type: 'email', url: mail.url, from: 'Tocsin <tocsin@example.com>' }, 'lee@example.com'],
    ['SMS', { type: 'sms', accountSid: env['DEMO_TWILIO_SID'], authToken: env['DEMO_TWILIO_TOKEN'], from: '+15005550006', apiBase: plain.base }, '+8613800138000'],
    ['webhook', { type: 'webhook', url: `${plain.base}/hook`, secret: hookSecret, allowNetworks: ['127.0.0.0/8'] }, ''],
    ['push', { type: 'push', serviceAccount: env['DEMO_FCM_ACCOUNT'], apiBase: plain.base, tokenUri: plain.base }, 'a-token-of-a-device-in-the-demo'],
  ]
  try {
    const refusals: Refusal[] = []
    for (const [channel, settings, to] of ways) refusals.push({ channel, why: await refusal(settings, to) })
    return { refusals: refusals.filter(({ why }) => why !== ''), arrived: mail.mails.length + plain.requests.length }
  } finally {
    await Promise.all([mail.close(), plain.close()])
  }
}

/** Empty where it was sent after all. */
async function refusal(settings: NonNullable<ConfigInput['channels']>[string], to: string): Promise<string> {
  const manager = new NotificationManager({ channels: { one: settings } })
  try {
    const outcome = await manager.send({ channel: 'one', to, title: 'In clear' })
    return outcome.kind === 'bad-config' ? outcome.detail : ''
  } catch (refused) {
    if (refused instanceof TocsinError) return refused.message.replace(/^.*?: /, '')
    throw refused
  } finally {
    await manager.close()
  }
}
