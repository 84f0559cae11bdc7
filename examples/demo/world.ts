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
  const [mail, sms, push, hook, model] = await Promise.all([
    startSmtpServer({ certificate, login: { user: 'apikey', password: 'SG-demo-password' } }),
    startTwilioServer({ certificate }),
    startFcmServer({ certificate }),
    startHook(certificate),
    startModelProvider({ script: answer }),
  ])
  return {
    folder,
    data,
    mail,
    sms,
    push,
    hook,
    model,
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
    },
    async close(what) {
      await Promise.all([mail.close(), sms.close(), push.close(), hook.close(), model.close()])
      if (what === 'remove') rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What the provider says: three refunds go well, then the account is empty; the expensive model always answers at length. */
function answer(request: ProviderRequest, index: number): Reply {
  if (request.body?.['model'] === 'gpt-5') return { kind: 'ok', text: 'The help pages say nothing new.', inputTokens: 48_000, outputTokens: 9_000 }
  if (index < 2) return { kind: 'ok', text: 'Yes, it is.', inputTokens: 1_200, outputTokens: 300 }
  return { kind: 'quota', echo: plantedKey }
}

/** Quiet hours in which it is now, wherever and whenever the demo runs: from two hours ago to two hours ahead. */
function hoursAround(nowMs: number, timezone: string): string {
  const local = (atMs: number): string => new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(atMs)
  return `${local(nowMs - 7_200_000)}-${local(nowMs + 7_200_000)}`
}
