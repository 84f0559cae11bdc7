import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import type { Outcome } from '../model/outcome.ts'
import { deviceNotice, keepSeconds, shownOnDevice, urgencyOf } from './device-notice.ts'
import { serviceAccountOf, type ServiceAccount } from './push-account.ts'
import { isTokenRefused, pushVerdict } from './push-outcome.ts'
import { AccessTokens } from './push-token.ts'
import { withoutSecrets } from './safe-detail.ts'
import { callHttp, type HttpResult } from './transport/http.ts'
import { httpOutcome } from './transport/outcome.ts'
import { openTransport, providerSettings, urlRule, urlSetting, type Transport } from './transport/transport.ts'

const settings = z
  .strictObject({
    serviceAccount: z
      .string()
      .min(1)
      .max(20_000)
      .superRefine((given, context) => {
        const account = serviceAccountOf(given)
        if ('problem' in account) context.addIssue({ code: 'custom', message: account.problem })
      })
      .meta({ label: { en: 'Service account', 'zh-CN': '服务账号' }, secret: true, mayBeFile: true, hint: { en: 'the JSON text of its key file, or the path of the file; from the console of Firebase: Project settings, Service accounts, Generate new private key', 'zh-CN': '密钥文件的 JSON 文本或文件路径；在 Firebase 控制台的 _Project settings_、_Service accounts_、_Generate new private key_ 中生成' } }),
    apiBase: urlSetting().default('https://fcm.googleapis.com').meta({ label: { en: 'Address of the API', 'zh-CN': 'API 地址' }, hint: { en: 'a stand-in', 'zh-CN': '替代地址' } }),
    tokenUri: urlSetting().default('https://oauth2.googleapis.com/token').meta({ label: { en: 'Where tokens are granted', 'zh-CN': '令牌颁发地址' }, hint: { en: 'a stand-in', 'zh-CN': '替代地址' } }),
    ...providerSettings,
  })
  .superRefine(urlRule('provider', 'apiBase', 'tokenUri'))
  .meta({
    about: {
      title: { en: 'Push (Firebase)', 'zh-CN': '推送（Firebase）' },
      description: {
        en: 'Notifications on telephones and browsers by Firebase Cloud Messaging, HTTP v1. A device shows a title of at most 40 characters (what, where) and a body of at most 120 (the cause); news about one alert take each other’s place, also while the device is off. Firebase keeps messages of at most four alerts for a device that is off. What is critical or high comes with high priority. With each message come the data `id`, `tag`, `severity`, `news` and, where there is one, `url`. A person may have several devices: each gets its own.',
        'zh-CN': '通过 Firebase Cloud Messaging（HTTP v1）向手机和浏览器推送通知。设备显示不超过 40 个字符的标题（何事、何处）和不超过 120 个字符的正文（起因）；同一告警的新消息会替换旧消息，设备关机时也是如此。对关机的设备，Firebase 最多保留四条告警的消息。紧急和重要的告警以高优先级发送。每条消息带有数据 `id`、`tag`、`severity`、`news`，以及可能的 `url`。一个人可以有多台设备，每台各收到一条。',
      },
      credentials: {
        en: `1. In the console of Firebase open _Project settings, Service accounts_ and generate a new private key: a JSON file with \`"type": "service_account"\`.
2. The account needs the role _Firebase Cloud Messaging API Admin_ and nothing else; the API (V1) must be enabled in the project.
3. Keep the file outside the project and readable by you alone (\`chmod 600\`), and name its path, or put its text into the environment.
4. Each device registers itself and gets a token from the SDK of Firebase; it belongs under \`push:\` of its person.`,
        'zh-CN': `1. 在 Firebase 控制台打开 _Project settings, Service accounts_，生成新的私钥：一个含 \`"type": "service_account"\` 的 JSON 文件。
2. 该账号只需 _Firebase Cloud Messaging API Admin_ 角色；项目中须启用该 API（V1）。
3. 把文件放在项目之外，仅自己可读（\`chmod 600\`），填写其路径，或把其内容放入环境变量。
4. 每台设备自行注册，由 Firebase 的 SDK 取得令牌；令牌写在该人员的 \`push:\` 之下。`,
      },
    },
    example: `phones:
  type: push
  serviceAccount: "\${FIREBASE_SERVICE_ACCOUNT}"`,
  })

type Settings = z.output<typeof settings>

/** Firebase Cloud Messaging, HTTP v1 (https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages). */
export const push: ChannelType<Settings> = {
  type: 'push',
  settings,
  address: 'push',
  shape: 'card',
  limits: {
    bodyCharsMax: 2_000,
    concurrency: 5,
    rate: { count: 600_000, perMs: 60_000 },
    // Of messages that replace each other a device gets a burst of 20 and one more in three minutes.
    ratePerAddress: { count: 40, perMs: 3_600_000 },
  },
  // A second one with the same tag takes the place of the first in what the device shows.
  can: { deduplicates: true, resolves: true, updates: true },
  formOf: (message) => ({ device: shownOnDevice(message) }),
  create(own, name) {
    const account = serviceAccountOf(own.serviceAccount)
    if ('problem' in account) throw new TocsinError('config-invalid', `channels.${name}.serviceAccount: ${account.problem}`)
    return new FirebasePush(own, account, openTransport(own, name, 'provider'))
  },
}

class FirebasePush implements Channel {
  readonly #account: ServiceAccount
  readonly #messages: URL
  readonly #transport: Transport
  readonly #tokens: AccessTokens

  constructor(own: Settings, account: ServiceAccount, transport: Transport) {
    this.#account = account
    this.#transport = transport
    this.#messages = new URL(`/v1/projects/${account.projectId}/messages:send`, own.apiBase)
    this.#tokens = new AccessTokens(account, new URL(own.tokenUri), transport)
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    if (!/^[\w:-]{1,4096}$/.test(message.to)) return { kind: 'bad-address', code: 'token', detail: 'expected a registration token of Firebase' }
    const body = JSON.stringify({ message: { token: message.to, ...payloadOf(message, tools.clock) } })
    const first = await this.#attempt(body, tools)
    // A token may be withdrawn before its end: once more with a new one.
    const isStale = first.result?.kind === 'answer' && isTokenRefused(first.result)
    if (isStale) this.#tokens.drop(first.token)
    const { token, result, outcome } = isStale ? await this.#attempt(body, tools) : first
    return withoutSecrets(result === undefined ? outcome : httpOutcome(result, pushVerdict), [token, this.#account.secret], message.to)
  }

  async #attempt(body: string, tools: SendTools): Promise<Attempt> {
    const granted = await this.#tokens.get(tools)
    if (granted.kind === 'none') return { token: '', outcome: granted.outcome }
    const headers = { authorization: `Bearer ${granted.token}`, 'content-type': 'application/json', accept: 'application/json' }
    return { token: granted.token, result: await callHttp({ method: 'POST', url: this.#messages, headers, body, via: this.#transport }, tools) }
  }
}

/** What came of one call, or why none was made. */
type Attempt =
  | { readonly token: string; readonly result: HttpResult; readonly outcome?: undefined }
  | { readonly token: ''; readonly result?: undefined; readonly outcome: Outcome }

/** All of the message but its token. FCM takes 4,096 bytes of it, which the bounds of a notice keep well away from. */
function payloadOf(message: Message, clock: Clock): object {
  const { title, body, url, tag } = deviceNotice(message)
  const seconds = keepSeconds(message.severity)
  const urgency = urgencyOf(message)
  const isUrgent = urgency === 'high'
  return {
    notification: { title, ...(body === '' ? {} : { body }) },
    data: { id: message.id, tag, severity: message.severity, news: message.news, ...(url === undefined ? {} : { url }) },
    android: { priority: isUrgent ? 'HIGH' : 'NORMAL', ttl: `${seconds}s`, collapse_key: tag, notification: { tag } },
    apns: {
      headers: { 'apns-push-type': 'alert', 'apns-priority': isUrgent ? '10' : '5', 'apns-collapse-id': tag, 'apns-expiration': String(Math.floor(clock.nowMs() / 1_000) + seconds) },
      // Without a sound the notification only lies there.
      payload: { aps: { 'thread-id': tag, ...(isUrgent ? { sound: 'default' } : {}) } },
    },
    webpush: {
      headers: { TTL: String(seconds), Urgency: urgency },
      notification: { tag },
      // Taken with https only.
      ...(url?.startsWith('https://') === true ? { fcm_options: { link: url } } : {}),
    },
  }
}
