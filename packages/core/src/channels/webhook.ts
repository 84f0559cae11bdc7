import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Outcome } from '../model/outcome.ts'
import { secretsOfUrl, withoutSecrets } from './safe-detail.ts'
import { callHttp, type HttpAnswer } from './transport/http.ts'
import { httpOutcome, type Verdict } from './transport/outcome.ts'
import { openTransport, urlRule, urlSetting, userSuppliedSettings, type Transport } from './transport/transport.ts'
import { textCharsMax, webhookBody } from './webhook-body.ts'
import { privateKeyOf, secretOf, signatureOf, type SigningKeys } from './webhook-signature.ts'

const secretSetting = z.string().refine((text) => secretOf(text) !== undefined, 'expected whsec_ and 24 to 64 random bytes in base64')

const headersMax = 20

const settings = z
  .strictObject({
    url: urlSetting().meta({ label: { en: 'Address', 'zh-CN': '地址' }, secret: true, hint: { en: 'takes `POST`; redirects are not followed', 'zh-CN': '接收 `POST`；不跟随重定向' } }),
    secret: secretSetting.optional().meta({ label: { en: 'Signing secret', 'zh-CN': '签名密钥' }, secret: true, hint: { en: '`whsec_` and base64; the receiver knows it too', 'zh-CN': '`whsec_` 加 base64；接收方也知道' } }),
    previousSecret: secretSetting.optional().meta({ label: { en: 'Previous signing secret', 'zh-CN': '之前的签名密钥' }, secret: true, hint: { en: 'signs as well, until every receiver knows the new one', 'zh-CN': '同时签名，直到所有接收方都改用新密钥' } }),
    signingKey: z
      .string()
      .refine((text) => privateKeyOf(text) !== undefined, 'expected whsk_ and the 32 bytes of an Ed25519 key in base64')
      .optional()
      .meta({ label: { en: 'Signing key (Ed25519)', 'zh-CN': '签名私钥（Ed25519）' }, secret: true, hint: { en: '`whsk_` and base64; the receiver knows the public half only', 'zh-CN': '`whsk_` 加 base64；接收方只知道公钥' } }),
    headers: z
      .record(z.string(), z.string().max(1_000).regex(/^[\t\u0020-\u007e\u00a0-\u00ff]*$/, 'expected one line of Latin-1'))
      .refine((headers) => Object.keys(headers).length <= headersMax, `expected at most ${headersMax} headers`)
      .superRefine((headers, context) => Object.keys(headers).forEach((name) => report(headerNameProblem(name), context, name)))
      .default({})
      .meta({ label: { en: 'More headers', 'zh-CN': '更多请求头' }, secret: true, hint: { en: 'such as `{ authorization: "Bearer ${HOOK_TOKEN}" }`', 'zh-CN': '例如 `{ authorization: "Bearer ${HOOK_TOKEN}" }`' } }),
    ...userSuppliedSettings,
  })
  .superRefine(urlRule('user-supplied', 'url'))
  .refine(({ secret, signingKey }) => secret !== undefined || signingKey !== undefined, { path: ['secret'], error: 'expected secret, signingKey or both: a webhook that nobody signed can be made by anybody' })
  .meta({
    about: {
      title: { en: 'Webhook', 'zh-CN': 'Webhook' },
      description: {
        en: 'Signed JSON to an address of your own, by Standard Webhooks 1.0: `webhook-id` is the same over all attempts, `webhook-timestamp` is new with each, `webhook-signature` covers both and the body. [The guide on webhooks](../guides/webhooks.md) has the body and how to check a signature. Any answer of 2xx counts as taken; 410 refuses the address; what else is refused is tried again.',
        'zh-CN': '按 Standard Webhooks 1.0 向你自己的地址发送带签名的 JSON：`webhook-id` 在各次尝试中相同，`webhook-timestamp` 每次更新，`webhook-signature` 覆盖两者和正文。正文格式和签名的校验方法见 [Webhook 指南](../guides/webhooks.md)。任何 2xx 应答都视为已收下；410 表示拒绝该地址；其他拒绝会重试。',
      },
      credentials: {
        en: `1. Make a secret of your own: \`node -e "console.log('whsec_' + crypto.randomBytes(32).toString('base64'))"\`, and give it to the receiver.
2. To change it, move the old one to \`previousSecret\`: both sign until every receiver knows the new one, then remove it.
3. For a receiver that must not be able to sign itself, use \`signingKey\` (Ed25519) and give away only the public half.`,
        'zh-CN': `1. 自行生成密钥：\`node -e "console.log('whsec_' + crypto.randomBytes(32).toString('base64'))"\`，并告知接收方。
2. 更换时，把旧密钥移到 \`previousSecret\`：两者同时签名，直到所有接收方都改用新密钥，再移除旧密钥。
3. 若接收方自己不得能够签名，使用 \`signingKey\`（Ed25519），只公开公钥。`,
      },
    },
    inChinese: {
      'expected whsec_ and 24 to 64 random bytes in base64': '应为 whsec_ 加 24 至 64 个随机字节（base64）',
      'expected whsk_ and the 32 bytes of an Ed25519 key in base64': '应为 whsk_ 加 Ed25519 密钥的 32 个字节（base64）',
      'expected one line of Latin-1': '应为一行 Latin-1 文字',
      'expected at most {count} headers': '应最多 {count} 个请求头',
      'expected secret, signingKey or both: a webhook that nobody signed can be made by anybody': '应有 secret、signingKey 或两者：无人签名的 Webhook 任何人都能伪造',
      'expected the name of a header': '应为请求头名称',
      'expected another header: {name} is set by the channel, or belongs to the connection': '应为其他请求头：{name} 由渠道设置，或属于连接本身',
    },
    example: `hook:
  type: webhook
  url: "https://example.com/hook"
  secret: "\${WEBHOOK_SECRET}"`,
  })

type Settings = z.output<typeof settings>

/** Signed JSON to an address that anybody may have chosen, by https://www.standardwebhooks.com. */
export const webhook: ChannelType<Settings> = {
  type: 'webhook',
  settings,
  address: 'none',
  shape: 'card',
  limits: { bodyCharsMax: textCharsMax, concurrency: 4 },
  // Receivers know the id of what they took; the standard asks them to.
  can: { deduplicates: true, resolves: true, interrupts: false },
  formOf: (message, _own, nowMs) => ({ payload: webhookBody(message, message.id, nowMs) }),
  create: (own, name) => new Webhook(own, openTransport(own, name, 'user-supplied')),
}

class Webhook implements Channel {
  readonly #url: URL
  readonly #headers: Readonly<Record<string, string>>
  readonly #keys: SigningKeys
  readonly #secrets: readonly string[]
  readonly #transport: Transport

  constructor(own: Settings, transport: Transport) {
    this.#url = new URL(own.url)
    this.#headers = own.headers
    this.#transport = transport
    const privateKey = own.signingKey === undefined ? undefined : privateKeyOf(own.signingKey)
    this.#keys = { secrets: [own.secret, own.previousSecret].flatMap((text) => (text === undefined ? [] : (secretOf(text) ?? []))), ...(privateKey === undefined ? {} : { privateKey }) }
    const tokens = [own.secret, own.previousSecret, own.signingKey].flatMap((text) => (text === undefined ? [] : [text, text.replace(/^wh(?:sec|sk)_/, '')]))
    this.#secrets = [...tokens, ...secretsOfUrl(this.#url), ...Object.values(own.headers).flatMap(secretsOfHeader)]
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    const nowMs = tools.clock.nowMs()
    // A dot would move the border between id and timestamp in what is signed; ids of ours hold no tilde.
    const id = message.id.replaceAll('.', '~')
    const body = webhookBody(message, id, nowMs)
    const timestampSeconds = Math.floor(nowMs / 1_000)
    const headers = {
      ...this.#headers,
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signatureOf(this.#keys, id, timestampSeconds, body),
    }
    const result = await callHttp({ method: 'POST', url: this.#url, headers, body, via: this.#transport }, tools)
    return withoutSecrets(httpOutcome(result, verdictOf), this.#secrets)
  }
}

/** Shorter values, such as `prod`, are no secrets and stand in many sentences. */
const secretCharsMin = 8

/** A token may come back without the word before it, and a password without its user. */
function secretsOfHeader(value: string): readonly string[] {
  const basic = /^basic +(\S+)$/i.exec(value)?.[1]
  const password = basic === undefined ? '' : Buffer.from(basic, 'base64').toString().replace(/^[^:]*:/, '')
  return [value, ...value.split(/\s+/), password].filter(({ length }) => length >= secretCharsMin)
}

/** A receiver is somebody's own program: what it refuses today it may take after its next release, so all but two are tried again. */
function verdictOf({ status, text }: HttpAnswer): Verdict {
  if (status >= 200 && status < 300) return { kind: 'sent' }
  if (status === 410) return { kind: 'bad-address', detail: 'gone: the receiver wants no more' }
  if (status >= 300 && status < 400) return { kind: 'bad-config', detail: 'a redirect is never followed: url has to be the last address' }
  return { kind: 'retry', detail: text }
}

/** Why a header cannot be given; `undefined` where it can. */
function headerNameProblem(name: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name)) return 'expected the name of a header'
  if (ownHeaders.test(name)) return `expected another header: ${name.toLowerCase()} is set by the channel, or belongs to the connection`
  return undefined
}

const ownHeaders = /^(?:webhook-.*|host|user-agent|content-.*|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|proxy-.*)$/i

function report(problem: string | undefined, context: z.RefinementCtx, name: string): void {
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, path: [name] })
}
