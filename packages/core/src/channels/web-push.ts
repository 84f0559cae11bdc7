import { createECDH } from 'node:crypto'
import encoding from 'http_ece'
import { z } from 'zod'
import type { AddressObjection, Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Outcome } from '../model/outcome.ts'
import { deviceNotice, keepSeconds, shownOnDevice, urgencyOf } from './device-notice.ts'
import { secretsOfUrl, withoutSecrets } from './safe-detail.ts'
import { callHttp, type HttpAnswer } from './transport/http.ts'
import { httpOutcome, type Verdict } from './transport/outcome.ts'
import { urlProblem, type TargetRules } from './transport/target.ts'
import { openTransport, rulesOf, userSuppliedSettings, type Transport } from './transport/transport.ts'
import { curve, subscriptionOf, type Subscription } from './web-push-subscription.ts'
import { keyPairProblem, vapidHeader, vapidOf, type Vapid } from './web-push-vapid.ts'

const settings = z
  .strictObject({
    subject: z
      .string()
      .max(300)
      .regex(/^(?:mailto:[^\s@]+@[^\s@]+\.[^\s@]+|https:\/\/[^\s/]+\.[^\s/]+\S*)$/, 'expected where the operator is reached: mailto:ops@example.com or https://example.com')
      .meta({ label: { en: 'Subject', 'zh-CN': '联系方式' }, hint: { en: 'where push services reach you: `mailto:ops@example.com` or `https://example.com`', 'zh-CN': '推送服务如何联系你：`mailto:ops@example.com` 或 `https://example.com`' } }),
    publicKey: z.string().meta({ label: { en: 'Public key (VAPID)', 'zh-CN': '公钥（VAPID）' }, hint: { en: 'base64url; browsers subscribe with it (`applicationServerKey`)', 'zh-CN': 'base64url；浏览器用它订阅（`applicationServerKey`）' } }),
    privateKey: z.string().meta({ label: { en: 'Private key (VAPID)', 'zh-CN': '私钥（VAPID）' }, secret: true, hint: { en: 'base64url; `tocsin vapid` makes a pair', 'zh-CN': 'base64url；`tocsin vapid` 可生成一对' } }),
    ...userSuppliedSettings,
  })
  .superRefine(({ publicKey, privateKey }, context) => {
    const problem = keyPairProblem(publicKey, privateKey)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem.text, path: [problem.of] })
  })
  .meta({
    about: {
      title: { en: 'Web push', 'zh-CN': '浏览器推送' },
      description: {
        en: 'Notifications of browsers, without an account anywhere: encrypted for each browser (RFC 8291) and signed with your own key (VAPID, RFC 8292). A service worker gets `{ title, body, url, tag, severity, id }` as JSON; with `tag` news about one alert take each other’s place, and while the browser is off its push service keeps the last of them alone. What is critical or high has urgency `high`. A subscription that a browser gave up (404, 410) is a bad address; keys that do not fit the subscription (400, 401, 403) pause the channel. A person may have several browsers: each gets its own.',
        'zh-CN': '浏览器通知，无需任何账户：为每个浏览器分别加密（RFC 8291），并用你自己的密钥签名（VAPID，RFC 8292）。Service Worker 收到 JSON `{ title, body, url, tag, severity, id }`；有 `tag` 时，同一告警的新消息会替换旧消息，浏览器关闭时推送服务只保留最后一条。紧急和重要的告警以 `high` 紧急度发送。浏览器已放弃的订阅（404、410）视为无效地址；密钥与订阅不符（400、401、403）时渠道会暂停。一个人可以有多个浏览器，每个各收到一条。',
      },
      credentials: {
        en: `1. \`npx tocsin vapid\` makes a key pair. The public half goes to the browser, the private half into the environment.
2. In the page: \`registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: PUBLIC_KEY })\`, and its \`toJSON()\` goes under \`webPush:\` of the person.
3. A service worker shows what comes: [an example](../guides/devices.md#a-service-worker).
4. Whoever changes the keys has to subscribe every browser anew.`,
        'zh-CN': `1. \`npx tocsin vapid\` 生成一对密钥。公钥交给浏览器，私钥放入环境变量。
2. 在页面中：\`registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: PUBLIC_KEY })\`，其 \`toJSON()\` 写在该人员的 \`webPush:\` 之下。
3. 由 Service Worker 显示收到的内容：[示例](../guides/devices.md#a-service-worker)。
4. 更换密钥后，每个浏览器都须重新订阅。`,
      },
    },
    inChinese: {
      'expected where the operator is reached: mailto:ops@example.com or https://example.com': '应为运维人员的联系方式：mailto:ops@example.com 或 https://example.com',
    },
    example: `browsers:
  type: web-push
  subject: mailto:ops@example.com
  publicKey: "\${VAPID_PUBLIC_KEY}"
  privateKey: "\${VAPID_PRIVATE_KEY}"`,
  })

type Settings = z.output<typeof settings>

/** Notifications of browsers by their own push services (RFC 8030). */
export const webPush: ChannelType<Settings> = {
  type: 'web-push',
  settings,
  address: 'webPush',
  shape: 'card',
  limits: { bodyCharsMax: 2_000, concurrency: 5, ratePerAddress: { count: 60, perMs: 3_600_000 } },
  objectsTo: (own, address) => objectionTo(subscriptionOf(address), rulesOf(own, 'user-supplied')),
  // A second one has the same tag and takes the place of the first in what the browser shows.
  can: { deduplicates: true, resolves: true, updates: true },
  formOf: (message) => ({ device: shownOnDevice(message) }),
  create: (own, name) => new WebPush(vapidOf(own.subject, own.publicKey, own.privateKey), own.privateKey, openTransport(own, name, 'user-supplied')),
}

class WebPush implements Channel {
  readonly #vapid: Vapid
  readonly #secret: string
  readonly #transport: Transport

  constructor(vapid: Vapid, secret: string, transport: Transport) {
    this.#vapid = vapid
    this.#secret = secret
    this.#transport = transport
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    const subscription = subscriptionOf(message.to)
    const objection = objectionTo(subscription, this.#transport)
    if (subscription === undefined || objection !== undefined) return { kind: 'bad-address', ...(objection ?? noSubscription) }
    const url = new URL(subscription.endpoint)
    const notice = deviceNotice(message)
    const authorization = vapidHeader(this.#vapid, url, tools.clock)
    const headers = {
      authorization,
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      ttl: String(keepSeconds(message.severity)),
      urgency: urgencyOf(message),
      topic: notice.tag,
    }
    const body = encrypted(JSON.stringify({ ...notice, severity: message.severity, id: message.id }), subscription)
    const result = await callHttp({ method: 'POST', url, headers, body, via: this.#transport }, tools)
    // An endpoint is a secret of its browser: whoever knows it may send to it, with the right key.
    const secrets = [authorization, this.#secret, ...secretsOfUrl(url), subscription.auth, subscription.p256dh]
    return withoutSecrets(httpOutcome(result, verdictOf, 'bad-address'), secrets)
  }
}

const noSubscription: AddressObjection = { code: 'subscription', detail: 'expected the subscription of a browser: {"endpoint", "keys": {"p256dh", "auth"}}' }

/** Where its messages would go must be an address that may be called, as far as that can be told without the network. */
function objectionTo(subscription: Subscription | undefined, rules: TargetRules): AddressObjection | undefined {
  return subscription === undefined ? noSubscription : urlProblem(subscription.endpoint, rules)
}

/**
 * One record for one browser, with a key pair for this message alone. A push service takes 4,096 bytes of it, which the
 * bounds of a notice keep well away from.
 */
function encrypted(text: string, { p256dh, auth }: Subscription): Buffer {
  const once = createECDH(curve)
  once.generateKeys()
  return encoding.encrypt(Buffer.from(text), { version: 'aes128gcm', privateKey: once, dh: p256dh, authSecret: auth })
}

/** RFC 8030 names few; the rest is what the services of browsers do. */
function verdictOf({ status, text }: HttpAnswer): Verdict {
  if (status >= 200 && status < 300) return {}
  const detail = text
  if (status === 404 || status === 410) return { kind: 'bad-address', detail }
  if (status === 400 || status === 401 || status === 403) return { kind: 'bad-config', detail }
  // One service says so where it takes no more for now.
  if (status === 406) return { kind: 'retry', detail }
  return { detail }
}
