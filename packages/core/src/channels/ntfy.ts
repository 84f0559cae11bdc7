import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Severity } from '../model/severity.ts'
import { cutBytes } from './cut-bytes.ts'
import { jsonOf } from './json-of.ts'
import { oneLine } from './one-line.ts'
import { withoutSecrets } from './safe-detail.ts'
import { callHttp, type HttpAnswer, type HttpResult } from './transport/http.ts'
import { httpOutcome, type Verdict } from './transport/outcome.ts'
import { openTransport, urlRule, urlSetting, userSuppliedSettings, type Transport } from './transport/transport.ts'

/** Of the server as it comes; a longer text would arrive as a file. */
const textBytesMax = 4_096
/** Of the whole JSON, with its quotes and escapes: twice the text, as the server counts. */
const bodyBytesMax = 2 * textBytesMax

const settings = z
  .strictObject({
    topic: z.string().regex(/^[-_A-Za-z0-9]{1,64}$/, 'expected at most 64 letters, digits, dashes and underscores').meta({ label: { en: 'Topic', 'zh-CN': '主题' }, secret: true, hint: { en: 'who knows it can read it, unless the server has access control', 'zh-CN': '知道主题者即可读取，除非服务器有访问控制' } }),
    server: urlSetting().default('https://ntfy.sh').meta({ label: { en: 'Server', 'zh-CN': '服务器' }, hint: { en: 'your own, if not the public one', 'zh-CN': '若不用公共服务器，填写自己的' } }),
    token: z.string().regex(/^[\u0021-\u007e]{1,200}$/, 'expected an access token such as tk_…').optional().meta({ label: { en: 'Access token', 'zh-CN': '访问令牌' }, secret: true, hint: { en: '`tk_…`', 'zh-CN': '`tk_…`' } }),
    user: z.string().regex(/^[^:\p{Cc}]{1,200}$/u, 'expected a user name').optional().meta({ label: { en: 'User', 'zh-CN': '用户名' }, hint: { en: 'with a password, in place of a token', 'zh-CN': '与密码一起使用，代替令牌' } }),
    password: z.string().min(1).max(200).optional().meta({ label: { en: 'Password', 'zh-CN': '密码' }, secret: true }),
    ...userSuppliedSettings,
  })
  .superRefine(urlRule('user-supplied', 'server'))
  // Asked under the topic, a server takes the JSON itself for the text.
  .refine(({ server, topic }) => !/[?#]/.test(server) && !server.replace(/\/+$/, '').endsWith(`/${topic}`), { path: ['server'], error: 'expected the server alone, such as https://ntfy.example.com: the topic has a setting of its own' })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), { path: ['user'], error: 'expected user and password, or neither' })
  .refine(({ user, token }) => user === undefined || token === undefined, { path: ['token'], error: 'expected a token or user and password, not both' })
  .meta({
    about: {
      title: { en: 'ntfy', 'zh-CN': 'ntfy' },
      description: {
        en: 'Notifications on phones and desktops by [ntfy](https://ntfy.sh), the public server or your own. The severity sets the priority: `critical` is 5 and rings through, `info` is 2 and makes no sound. Links become buttons. A message whose answer was lost is looked for in the topic before it is sent again, which needs the right to read it; from version 2.16 of the server on, a repeat also replaces the first one on Android and in the browser. Texts over 4,096 bytes are cut.',
        'zh-CN': '通过 [ntfy](https://ntfy.sh) 在手机和桌面上通知，可用公共服务器或自己的服务器。严重程度决定优先级：`critical` 为 5，会突破静音；`info` 为 2，不发出声音。链接会成为按钮。应答丢失的消息会先在主题中查找再重发，这需要读取权限；服务器 2.16 起，在 Android 和浏览器中重发的消息还会替换第一条。超过 4,096 字节的文字会截断。',
      },
      credentials: {
        en: `1. On the public server choose a topic that nobody guesses: who knows it can read and write it. A reserved topic or a server of your own protects it.
2. Under _Account, Access tokens_ make a token that may write the topic (\`tk_…\`); with the right to read it as well, a message whose answer was lost is looked for before it is sent again.
3. In the app subscribe to the topic.`,
        'zh-CN': `1. 在公共服务器上选一个无人能猜到的主题：知道它的人都能读写。保留主题或自己的服务器可以保护它。
2. 在 _Account, Access tokens_ 中创建可写入该主题的令牌（\`tk_…\`）；若还有读取权限，应答丢失的消息会先查找再重发。
3. 在应用中订阅该主题。`,
      },
    },
    inChinese: {
      'expected at most 64 letters, digits, dashes and underscores': '应为最多 64 个字母、数字、连字符和下划线',
      'expected an access token such as tk_…': '应为访问令牌，例如 tk_…',
      'expected a user name': '应为用户名',
      'expected the server alone, such as https://ntfy.example.com: the topic has a setting of its own': '应只填服务器，例如 https://ntfy.example.com：主题另有设置',
      'expected user and password, or neither': '用户名和密码应同时填写，或都不填',
      'expected a token or user and password, not both': '令牌与用户名、密码只能选其一',
    },
    example: `phones:
  type: ntfy
  topic: "\${NTFY_TOPIC}"
  token: "\${NTFY_TOKEN}"`,
  })

type Settings = z.output<typeof settings>

/** Notifications by ntfy, published as JSON (https://docs.ntfy.sh/publish/#publish-as-json): headers carry no Chinese. */
export const ntfy: ChannelType<Settings> = {
  type: 'ntfy',
  settings,
  address: 'none',
  shape: 'card',
  limits: { bodyCharsMax: textBytesMax, concurrency: 2, rate: { count: 60, perMs: 300_000 } },
  // The server keeps every message it is given; only some readers fold those of one sequence. So it is asked, see `find`.
  can: { deduplicates: false, resolves: true, actions: true },
  create: (own, name) => new Ntfy(own, openTransport(own, name, 'user-supplied')),
}

const priorities: Readonly<Record<Severity, number>> = { critical: 5, high: 4, warning: 3, info: 2 }
/** Short codes of the signs that readers put before the title. */
const tags: Readonly<Record<Severity, string>> = { critical: 'rotating_light', high: 'red_circle', warning: 'warning', info: 'information_source' }
const buttonsMax = 3

class Ntfy implements Channel {
  readonly #topic: string
  readonly #root: URL
  readonly #authorization: string | undefined
  readonly #secrets: readonly string[]
  readonly #transport: Transport

  constructor({ topic, server, token, user, password }: Settings, transport: Transport) {
    this.#topic = topic
    this.#root = new URL(server.endsWith('/') ? server : `${server}/`)
    const basic = user === undefined ? undefined : Buffer.from(`${user}:${password ?? ''}`).toString('base64')
    this.#authorization = token === undefined ? (basic === undefined ? undefined : `Basic ${basic}`) : `Bearer ${token}`
    this.#secrets = [topic, token, password, basic].filter((secret) => secret !== undefined)
    this.#transport = transport
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    const result = await this.#call('POST', this.#root, tools, bodyOf(message, this.#topic))
    return withoutSecrets(httpOutcome(result, verdictOf), this.#secrets)
  }

  /** Whether the topic holds a message of this sequence; a server before 2.16 keeps no sequence, so the words tell too. */
  async find(message: Message, sinceMs: number, tools: SendTools): Promise<'arrived' | 'absent' | 'unknown'> {
    if (tools.clock.nowMs() - sinceMs > keptMs) return 'unknown'
    const url = new URL(`${this.#topic}/json`, this.#root)
    url.searchParams.set('poll', '1')
    url.searchParams.set('since', String(Math.floor((sinceMs - clockSkewMs) / 1_000)))
    const kept = messagesOf(await this.#call('GET', url, tools))
    if (kept === undefined) return 'unknown'
    const sequence = sequenceOf(message.id)
    const { title, message: text } = publishable(message, this.#topic)
    return kept.some((one) => one.sequence_id === sequence || (one.sequence_id === undefined && one.title === title && one.message === text)) ? 'arrived' : 'absent'
  }

  #call(method: 'GET' | 'POST', url: URL, tools: SendTools, body?: string): Promise<HttpResult> {
    const headers = { ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
    return callHttp({ method, url, headers, ...(body === undefined ? {} : { body }), via: this.#transport }, tools)
  }
}

/** So long a server keeps messages if nobody told it otherwise is 12 h; a little less, for its clock. */
const keptMs = 11 * 3_600_000
/** How far the server's clock may be behind ours. */
const clockSkewMs = 60_000

interface Publishable {
  readonly topic: string
  readonly sequence_id: string
  readonly title: string
  readonly message: string
  readonly priority: number
  readonly tags: readonly string[]
  readonly click?: string
  readonly actions?: readonly { readonly action: 'view'; readonly label: string; readonly url: string }[]
}

function bodyOf(message: Message, topic: string): string {
  return JSON.stringify(publishable(message, topic))
}

function publishable({ id, subject, text, severity, news, card }: Message, topic: string): Publishable {
  const isOver = news === 'resolved'
  const links = card?.links ?? []
  const around: Omit<Publishable, 'message'> = {
    topic,
    sequence_id: sequenceOf(id),
    title: oneLine(subject),
    // An end need not wake anybody.
    priority: isOver ? Math.min(3, priorities[severity]) : priorities[severity],
    tags: [isOver ? 'white_check_mark' : tags[severity]],
    ...(links[0] === undefined ? {} : { click: links[0].url, actions: links.slice(0, buttonsMax).map(({ word, url }) => ({ action: 'view', label: word, url })) }),
  }
  // Line breaks and quotes take twice their room in JSON, so a text may fit where its body does not.
  const over = (part: string): number => Buffer.byteLength(JSON.stringify({ ...around, message: part })) - bodyBytesMax
  const costs = (part: string): number => Math.max(Buffer.byteLength(part), textBytesMax + over(part))
  return { ...around, message: cutBytes(text.trim(), textBytesMax, '\n… (cut)', costs) }
}

/** The server takes 64 characters of a few kinds. */
function sequenceOf(id: string): string {
  return /^[-_A-Za-z0-9]{1,64}$/.test(id) ? id : hash('sha256', id, 'hex')
}

const published = z.object({ id: z.string(), event: z.literal('message') })
const keptMessage = z.object({ event: z.string(), sequence_id: z.string().optional(), title: z.string().optional(), message: z.string().optional() })

/** One JSON object a line; `undefined` where the list cannot be had whole. */
function messagesOf(result: HttpResult): readonly z.output<typeof keptMessage>[] | undefined {
  if (result.kind === 'failed' || result.status !== 200 || !result.complete) return undefined
  const kept = result.text.split('\n').filter((line) => line.trim() !== '').map((line) => keptMessage.safeParse(jsonOf(line)).data)
  return kept.every((one) => one !== undefined) ? kept.filter(({ event }) => event === 'message') : undefined
}

const refusal = z.object({ code: z.number().int(), error: z.string() })

/** ntfy's own codes (https://github.com/binwiederhier/ntfy, server/errors.go) that say more than the status: the topic is wrong for every message. */
const topicCodes: ReadonlySet<number> = new Set([40009, 40010])

function verdictOf({ status, text }: HttpAnswer): Verdict {
  const answer = jsonOf(text)
  if (status >= 200 && status < 300) {
    const id = published.safeParse(answer).data?.id
    return id === undefined ? { kind: 'in-doubt', detail: 'without a message id: this may not be a server of ntfy' } : { providerId: id }
  }
  const error = refusal.safeParse(answer).data
  if (error === undefined) return { detail: text }
  return { code: String(error.code), detail: error.error, ...(topicCodes.has(error.code) ? { kind: 'bad-config' } : {}) }
}
