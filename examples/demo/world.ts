import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import { makeCertificate } from '../../packages/core/src/testing/certificate.ts'
import { startFcmServer, type FcmStandIn } from '../../packages/core/src/testing/fcm-server.ts'
import { startModelProvider, type ModelProvider, type ProviderRequest, type Reply } from '../../packages/core/src/testing/model-provider.ts'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { startTwilioServer, type TwilioStandIn } from '../../packages/core/src/testing/twilio-server.ts'
import { hookSecret, startHook, type HookStandIn } from './hook.ts'

/** A key of the right shape that opens nothing. It stands in an error message, and must not be seen again. */
export const plantedKey = 'sk-proj-Vq3ZpLr81kTnYbXc7WmJd90hGsUeRfAa2QtNoI5xBzKvMwH4'

/** Everybody the demo talks to, on loopback, and the folder it leaves its traces in. */
export interface World {
  readonly folder: string
  readonly data: string
  readonly mail: SmtpStandIn
  readonly sms: TwilioStandIn
  readonly push: FcmStandIn
  readonly hook: HookStandIn
  readonly model: ModelProvider
  /** From now on the provider answers tickets with an error, or well again. */
  goDown(isDown: boolean): void
  /** What the agents and `tocsin.yaml` find in their environment. */
  readonly env: Readonly<Record<string, string>>
  /** Ends the stand-ins; the folder goes unless it is kept. */
  close(folder: 'keep' | 'remove'): Promise<void>
}

export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-demo-'))
  const data = join(folder, 'data')
  const certificate = await makeCertificate()
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, certificate.ca)
  let isDown = false
  let refunds = 0
  const [mail, sms, push, hook, model] = await Promise.all([
    startSmtpServer({ certificate, login: { user: 'apikey', password: 'SG-demo-password' } }),
    startTwilioServer({ certificate }),
    startFcmServer({ certificate }),
    startHook(certificate),
    startModelProvider({ script: (request) => answer(request, isDown, () => (refunds += 1)) }),
  ])
  return {
    folder,
    data,
    mail,
    sms,
    push,
    hook,
    model,
    goDown(now) {
      isDown = now
    },
    env: {
      DEMO_CONFIG: new URL('./tocsin.yaml', import.meta.url).pathname,
      DEMO_DATA: data,
      DEMO_CA: ca,
      DEMO_SMTP_URL: mail.url,
      DEMO_TWILIO_URL: sms.apiBase,
      DEMO_TWILIO_SID: sms.accountSid,
      DEMO_TWILIO_TOKEN: sms.authToken,
      DEMO_FCM_ACCOUNT: push.serviceAccount,
      DEMO_FCM_URL: push.apiBase,
      DEMO_FCM_TOKEN_URL: push.tokenUri,
      DEMO_HOOK_URL: hook.url,
      DEMO_HOOK_SECRET: hookSecret,
      DEMO_MODEL_URL: `${model.url}/v1`,
      DEMO_MODEL_KEY: plantedKey,
      DEMO_QUIET_HOURS: hoursAround(systemClock.nowMs(), 'Asia/Tokyo'),
      DEMO_NOON_ZONE: zoneOfNoon(systemClock.nowMs()),
    },
    async close(what) {
      await Promise.all([mail.close(), sms.close(), push.close(), hook.close(), model.close()])
      if (what === 'remove') rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * What the provider says: three refunds go well, then the account is empty; the expensive model always answers at length; the help pages get
 * answers that are none.
 */
function answer({ body }: ProviderRequest, isDown: boolean, nextRefund: () => number): Reply {
  if (body?.['model'] === 'gpt-5') return { kind: 'ok', text: 'The help pages say nothing new.', inputTokens: 48_000, outputTokens: 9_000 }
  if (body?.['model'] === 'gpt-5-nano') return isDown ? { kind: 'server-error', statusCode: 503 } : { kind: 'ok', text: 'It is on its way.', inputTokens: 700, outputTokens: 80 }
  const asked = JSON.stringify(body)
  const [, odd] = oddAnswers.find(([topic]) => asked.includes(topic)) ?? []
  if (odd !== undefined) return odd
  if (nextRefund() <= 2) return { kind: 'ok', text: 'Yes, it is.', inputTokens: 1_200, outputTokens: 300 }
  return { kind: 'quota', echo: plantedKey }
}

/** By what is asked. */
const oddAnswers: readonly (readonly [topic: string, reply: Reply])[] = [
  ['opening hours', { kind: 'empty' }],
  ['a complaint', { kind: 'ok', text: 'I cannot help with a complaint.', finishReason: 'content-filter' }],
  ['terms of sale', { kind: 'ok', text: 'Goods may be returned within', finishReason: 'length', outputTokens: 4_096 }],
  ['parcel tracking', { kind: 'ok', text: 'Let me look that up. '.repeat(40), outputTokens: 900 }],
]

/** Quiet hours in which it is now, wherever and whenever the demo runs: from two hours ago to two hours ahead. */
function hoursAround(nowMs: number, timezone: string): string {
  const local = (atMs: number): string => new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(atMs)
  return `${local(nowMs - 7_200_000)}-${local(nowMs + 7_200_000)}`
}

/** A zone in which it is about noon, wherever and whenever the demo runs: half of its day is over. */
function zoneOfNoon(nowMs: number): string {
  const aheadHours = 12 - Math.round((nowMs % 86_400_000) / 3_600_000)
  // These names say how far behind they are.
  return aheadHours === 0 ? 'UTC' : `Etc/GMT${aheadHours > 0 ? '-' : '+'}${Math.abs(aheadHours)}`
}
