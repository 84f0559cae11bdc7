import { z } from 'zod'
import type { Channel, ChannelType, Found, Message, SendTools } from '../model/channel.ts'
import type { Inbound, InboundRequest } from '../model/inbound.ts'
import type { Outcome } from '../model/outcome.ts'
import { jsonOf } from './json-of.ts'
import { withoutSecrets } from './safe-detail.ts'
import { bodyCharsMax, slackMessage, type Length } from './slack-blocks.ts'
import { apiVerdict, slackAnswer, webhookVerdict } from './slack-outcome.ts'
import { readSlackCall } from './slack-callback.ts'
import { callHttp, type HttpResult } from './transport/http.ts'
import { httpOutcome } from './transport/outcome.ts'
import { openTransport, providerSettings, urlRule, urlSetting, type Transport } from './transport/transport.ts'

const settings = z
  .strictObject({
    webhookUrl: urlSetting().optional().meta({ label: { en: 'Incoming webhook', 'zh-CN': '传入 Webhook' }, secret: true, hint: { en: '`https://hooks.slack.com/services/…`; instead of a bot', 'zh-CN': '`https://hooks.slack.com/services/…`；代替机器人' } }),
    botToken: z
      .string()
      .regex(/^xoxb-[\w-]{10,250}$/, 'expected the token of a bot, xoxb-…')
      .optional()
      .meta({ label: { en: 'Bot token', 'zh-CN': '机器人令牌' }, secret: true, hint: { en: '`xoxb-…` with the scope `chat:write`; with `channels:history` (`groups:history`, `im:history` and `im:write`) a message whose answer was lost is looked for', 'zh-CN': '`xoxb-…`，权限为 `chat:write`；再加 `channels:history`（`groups:history`、`im:history` 和 `im:write`）则可查找应答丢失的消息' } }),
    channel: z
      .string()
      .regex(/^(?:[CGD][A-Z0-9]{6,20}|#[\p{Ll}\p{Lo}\p{N}_-]{1,80})$/u, 'expected the id of a channel such as C024BE91L, or its name such as #alerts')
      .optional()
      .meta({ label: { en: 'Channel', 'zh-CN': '频道' }, hint: { en: 'id or `#name`, for a bot that is a member; without it each person gets direct messages', 'zh-CN': 'ID 或 `#name`，机器人须为成员；不填则逐人私信' } }),
    signingSecret: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'expected the signing secret of the app, 32 hexadecimal digits')
      .optional()
      .meta({ label: { en: 'Signing secret', 'zh-CN': '签名密钥' }, secret: true, hint: { en: 'of the app, under _Basic Information_; with it buttons act at once, where the server is the app’s _Interactivity Request URL_', 'zh-CN': '见应用的 _Basic Information_；若服务器为应用的 _Interactivity Request URL_，按钮可立即生效' } }),
    apiBase: urlSetting().default('https://slack.com').meta({ label: { en: 'Address of the API', 'zh-CN': 'API 地址' }, hint: { en: '`https://slack-gov.com` for GovSlack, or a stand-in', 'zh-CN': 'GovSlack 使用 `https://slack-gov.com`，或替代地址' } }),
    ...providerSettings,
  })
  .superRefine(urlRule('provider', 'webhookUrl', 'apiBase'))
  .superRefine(({ webhookUrl, botToken, channel, apiBase, signingSecret }, context) => {
    const report = (name: string, message: string): void => context.addIssue({ code: 'custom', path: [name], message })
    if ((webhookUrl === undefined) === (botToken === undefined)) report('webhookUrl', 'expected either webhookUrl or botToken')
    if (webhookUrl !== undefined && signingSecret !== undefined) report('signingSecret', 'expected no signingSecret beside webhookUrl: only the buttons of a bot are told of')
    if (webhookUrl !== undefined && channel !== undefined) report('channel', 'expected no channel beside webhookUrl: a webhook belongs to one')
    if (webhookUrl !== undefined && URL.canParse(webhookUrl) && !isWebhook(new URL(webhookUrl), apiBase)) report('webhookUrl', 'expected an address such as https://hooks.slack.com/services/…')
  })
  .meta({
    about: {
      title: { en: 'Slack', 'zh-CN': 'Slack' },
      description: {
        en: 'Messages by an incoming webhook, or by a bot in a channel. With a bot later news about an alert go into the thread of its first message, which always shows how things stand; critical news are shown in the channel too. Without `channel` a bot writes to each person’s `slack` member id. A message by a bot whose answer was lost is looked for before it is sent again. Nobody is called by what a message says, and nothing in it is a link but our own buttons.',
        'zh-CN': '通过传入 Webhook 发送消息，或由机器人在频道中发送。使用机器人时，告警的后续进展进入首条消息的消息列，首条消息始终显示现状；紧急的进展也会显示在频道中。没有 `channel` 时，机器人按每个人的 `slack` 成员 ID 私信。机器人的消息若应答丢失，会先查找再重发。消息内容不会提及任何人，其中除我们自己的按钮外没有链接。',
      },
      credentials: {
        en: `1. Make an app at https://api.slack.com/apps for your workspace.
2. Short way: switch on _Incoming Webhooks_, add one to a channel, copy its address into the environment. Whoever has it can write there.
3. With threads, updates and direct messages: under _OAuth & Permissions_ give the bot the scope \`chat:write\` (and \`channels:history\`, or \`groups:history\` for a private channel, so that a message whose answer was lost can be looked for), install the app, copy the bot token (\`xoxb-…\`), and invite the bot: \`/invite @your-app\`.
4. The id of a channel stands at the end of its details; the id of a person in their profile under _Copy member ID_.`,
        'zh-CN': `1. 在 https://api.slack.com/apps 为你的工作区创建应用。
2. 简便方式：打开 _Incoming Webhooks_，为频道添加一个，把其地址放入环境变量。知道它的人都能在那里发送消息。
3. 需要消息列、更新和私信时：在 _OAuth & Permissions_ 中授予机器人 \`chat:write\` 权限（以及 \`channels:history\`，私有频道为 \`groups:history\`，以便查找应答丢失的消息），安装应用，复制机器人令牌（\`xoxb-…\`），并邀请机器人：\`/invite @your-app\`。
4. 频道的 ID 在频道详情末尾；人员的 ID 在其个人资料的 _Copy member ID_ 中。`,
      },
    },
    inChinese: {
      'expected the token of a bot, xoxb-…': '应为机器人令牌，形如 xoxb-…',
      'expected the id of a channel such as C024BE91L, or its name such as #alerts': '应为频道 ID（例如 C024BE91L）或名称（例如 #alerts）',
      'expected the signing secret of the app, 32 hexadecimal digits': '应为应用的签名密钥，32 位十六进制数字',
      'expected either webhookUrl or botToken': 'webhookUrl 和 botToken 应选其一',
      'expected no signingSecret beside webhookUrl: only the buttons of a bot are told of': '有 webhookUrl 时不应有 signingSecret：只有机器人的按钮会回传',
      'expected no channel beside webhookUrl: a webhook belongs to one': '有 webhookUrl 时不应有 channel：Webhook 已属于某个频道',
      'expected an address such as https://hooks.slack.com/services/…': '应为地址，例如 https://hooks.slack.com/services/…',
    },
    example: `team-slack:
  type: slack
  botToken: "\${SLACK_BOT_TOKEN}"
  channel: C024BE91L`,
  })

type Settings = z.output<typeof settings>

/** Slack: an incoming webhook, or a bot in a channel or in direct messages. */
export const slack: ChannelType<Settings> = {
  type: 'slack',
  settings,
  address: 'slack',
  addressFor: ({ botToken, channel }) => (botToken !== undefined && channel === undefined ? 'slack' : 'none'),
  shape: 'card',
  limits: {
    bodyCharsMax,
    concurrency: 4,
    rate: { count: 300, perMs: 60_000 },
    // One a second in each channel, with short bursts (https://docs.slack.dev/apis/web-api/rate-limits).
    ratePerAddress: { count: 10, perMs: 10_000 },
  },
  can: { deduplicates: false, resolves: true, threads: true, updates: true, actions: true, acknowledges: 'first' },
  needsFirst: true,
  create(own, name) {
    const transport = openTransport(own, name, 'provider')
    if (own.webhookUrl !== undefined) return new SlackWebhook(new URL(own.webhookUrl), transport)
    // The settings hold the one or the other.
    return new SlackBot({ token: own.botToken ?? '', apiBase: own.apiBase, ...(own.channel === undefined ? {} : { room: own.channel }), ...(own.signingSecret === undefined ? {} : { signingSecret: own.signingSecret }) }, transport)
  },
}

const webhookHosts: ReadonlySet<string> = new Set(['hooks.slack.com', 'hooks.slack-gov.com'])

/** A webhook of Slack, or of the stand-in that is named as the API. */
function isWebhook(url: URL, apiBase: string): boolean {
  return webhookHosts.has(url.host) || (URL.canParse(apiBase) && new URL(apiBase).host === url.host)
}

/** The answer of a webhook names no message, so nothing can follow one or be looked for. */
class SlackWebhook implements Channel {
  readonly #url: URL
  readonly #transport: Transport

  constructor(url: URL, transport: Transport) {
    this.#url = url
    this.#transport = transport
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    const body = JSON.stringify(slackMessage(message, 'whole'))
    const result = await callHttp({ method: 'POST', url: this.#url, headers: { 'content-type': 'application/json; charset=utf-8' }, body, via: this.#transport }, tools)
    return withoutSecrets(httpOutcome(result, webhookVerdict), [this.#url.href, this.#url.pathname, ...this.#url.pathname.split('/').filter((part) => part.length > 8)])
  }
}

interface Bot {
  readonly token: string
  readonly apiBase: string
  /** Absent: direct messages. */
  readonly room?: string
  /** Absent: buttons are links. */
  readonly signingSecret?: string
}

/** A message as Slack names it. */
interface Place {
  readonly channel: string
  readonly ts: string
}

type Method = 'chat.postMessage' | 'chat.update' | 'conversations.open'

class SlackBot implements Channel {
  readonly #bot: Bot
  readonly #transport: Transport
  /** The id behind `#name`, once Slack has said it. */
  #roomId: string | undefined

  constructor(bot: Bot, transport: Transport) {
    this.#bot = bot
    this.#transport = transport
    this.#roomId = bot.room?.startsWith('#') === false ? bot.room : undefined
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    if (this.#bot.room === undefined && !/^[UW][A-Z0-9]{5,20}$/.test(message.to)) return { kind: 'bad-address', code: 'member-id', detail: 'expected the member id of Slack such as U024BE7LH' }
    if (message.news === 'acknowledged') return this.#show(message, tools)
    const { result, length, thread } = await this.#post(message, this.#firstOf(message), tools)
    const outcome = this.#outcome(result, message)
    if (outcome.kind !== 'sent') return outcome
    if (this.#bot.room !== undefined) this.#roomId ??= slackAnswer(result)?.channel
    if (thread !== undefined) return this.#update(outcome, message, thread, length, tools)
    return { ...outcome, ...(outcome.providerId === undefined ? {} : { providerId: this.#named(outcome.providerId, message) }), ...(message.follows === undefined ? {} : { first: 'this' }) }
  }

  receive(request: InboundRequest): Inbound {
    return this.#bot.signingSecret === undefined ? { kind: 'forged' } : readSlackCall(request, this.#bot.signingSecret)
  }

  /** Metadata and not `client_msg_id` tell whether a message arrived: Slack does not promise to drop what it has seen. */
  async find(message: Message, sinceMs: number, tools: SendTools): Promise<Found> {
    const first = this.#firstOf(message)
    const channel = first?.channel ?? (await this.#conversation(message, tools))
    if (channel === undefined) return 'unknown'
    const page = new URL(first === undefined ? '/api/conversations.history' : '/api/conversations.replies', this.#bot.apiBase)
    const query = { channel, ...(first === undefined ? {} : { ts: first.ts }), oldest: ((sinceMs - clockSkewMs) / 1_000).toFixed(6), include_all_metadata: 'true', limit: String(pageSize) }
    for (const [name, value] of Object.entries(query)) page.searchParams.set(name, value)
    let size = pageSize
    for (let read = 0; read < pagesMax; read += 1) {
      const result = await callHttp({ method: 'GET', url: page, headers: { authorization: `Bearer ${this.#bot.token}` }, via: this.#transport }, tools)
      if (result.kind === 'answer' && !result.complete && size > 1) {
        size = Math.floor(size / 2)
        page.searchParams.set('limit', String(size))
        continue
      }
      const list = listOf(result)
      if (list === undefined) return 'unknown'
      const found = list.messages.find(({ metadata }) => metadata?.event_type === eventType && metadata.event_payload?.['id'] === message.id)
      if (found !== undefined) return this.#found(`${channel}:${found.ts}`, message, first, tools)
      const next = list.response_metadata?.next_cursor ?? ''
      if (next === '') return list.has_more === true ? 'unknown' : 'absent'
      page.searchParams.set('cursor', next)
    }
    return 'unknown'
  }

  /** With its answer the change of the first message was lost, or never made. */
  async #found(id: string, message: Message, first: Place | undefined, tools: SendTools): Promise<Found> {
    if (first !== undefined) await this.#call('chat.update', { ...first, ...this.#written(message, 'whole') }, tools)
    return { arrived: first === undefined ? this.#named(id, message) : id }
  }

  /** Into the thread of the first message, or on its own where that is gone; shorter where it is too long. */
  async #post(message: Message, first: Place | undefined, tools: SendTools): Promise<{ readonly result: HttpResult; readonly length: Length; readonly thread: Place | undefined }> {
    let length: Length = 'whole'
    let thread = first
    for (;;) {
      const result = await this.#call('chat.postMessage', {
        channel: thread?.channel ?? this.#bot.room ?? message.to,
        ...this.#written(message, length),
        metadata: { event_type: eventType, event_payload: { id: message.id } },
        ...(thread === undefined ? {} : { thread_ts: thread.ts, reply_broadcast: message.severity === 'critical' }),
      }, tools)
      const error = slackAnswer(result)?.error ?? ''
      if (length === 'whole' && (error === 'msg_blocks_too_long' || error === 'msg_too_long')) length = 'brief'
      else if (thread !== undefined && threadGone.has(error)) thread = undefined
      else return { result, length, thread }
    }
  }

  /** The first message shows how things stand. Where that fails the news were told all the same. */
  async #update(outcome: Outcome, message: Message, first: Place, length: Length, tools: SendTools): Promise<Outcome> {
    const result = await this.#call('chat.update', { ...first, ...this.#written(message, length) }, tools)
    const updated = this.#outcome(result, message)
    if (updated.kind === 'sent') return outcome
    const isGone = threadGone.has(slackAnswer(result)?.error ?? '')
    return { ...outcome, kind: 'sent', detail: `the first message could not be changed: ${updated.detail}`.slice(0, 200), ...(isGone ? { first: 'gone' } : {}) }
  }

  /** Who has it stands in the first message alone: nobody is called by it. */
  async #show(message: Message, tools: SendTools): Promise<Outcome> {
    const first = this.#firstOf(message)
    if (first === undefined) return { kind: 'bad-content', code: 'no-first', detail: 'the first message about it is not known here' }
    const result = await this.#call('chat.update', { ...first, ...this.#written(message, 'whole') }, tools)
    const outcome = this.#outcome(result, message)
    return threadGone.has(slackAnswer(result)?.error ?? '') ? { kind: 'sent', detail: 'the first message is gone', first: 'gone' } : outcome
  }

  #written(message: Message, length: Length): Readonly<Record<string, unknown>> {
    return slackMessage(message, length, this.#bot.signingSecret === undefined ? 'links' : 'buttons')
  }

  #outcome(result: HttpResult, message: Message): Outcome {
    return withoutSecrets(httpOutcome(result, (answer) => apiVerdict(answer, this.#bot.room === undefined ? 'person' : 'channel')), [this.#bot.token], message.to)
  }

  /** With whose conversation it is, or what the channel was called: news follow only where they still go there. */
  #named(id: string, { to }: Message): string {
    const whose = this.#bot.room === undefined ? to : this.#bot.room.startsWith('#') ? this.#bot.room : ''
    return whose === '' ? id : `${id}:${whose}`
  }

  /** The first message of the thread, where it stands in the channel or conversation that this message goes to. */
  #firstOf({ follows, to }: Message): Place | undefined {
    const [channel, ts, whose = ''] = follows?.split(':') ?? []
    if (channel === undefined || ts === undefined || !/^[A-Z0-9]{3,40}$/.test(channel) || !/^\d{1,20}\.\d{1,20}$/.test(ts)) return undefined
    const { room } = this.#bot
    const isHere = room === undefined ? whose === to : this.#roomId === undefined ? whose === room : this.#roomId === channel
    return isHere ? { channel, ts } : undefined
  }

  async #conversation(message: Message, tools: SendTools): Promise<string | undefined> {
    if (this.#bot.room !== undefined) return this.#roomId
    const result = await this.#call('conversations.open', { users: message.to }, tools)
    return result.kind === 'failed' ? undefined : opened.safeParse(jsonOf(result.text)).data?.channel.id
  }

  #call(method: Method, body: Readonly<Record<string, unknown>>, tools: SendTools): Promise<HttpResult> {
    const headers = { authorization: `Bearer ${this.#bot.token}`, 'content-type': 'application/json; charset=utf-8' }
    return callHttp({ method: 'POST', url: new URL(`/api/${method}`, this.#bot.apiBase), headers, body: JSON.stringify(body), via: this.#transport }, tools)
  }
}

/** Names our messages among others of the same app. */
const eventType = 'tocsin_message'
/** What Slack says of a thread whose first message is gone. */
const threadGone: ReadonlySet<string> = new Set(['thread_not_found', 'message_not_found', 'cannot_reply_to_message', 'invalid_thread_ts', 'restricted_action_non_threadable_channel'])
/** Messages of a page, halved where they are more than 64 kB, and pages that are read before the answer is `unknown`. */
const pageSize = 10
const pagesMax = 8
/** How far the provider's clock may be behind ours. */
const clockSkewMs = 60_000

const opened = z.object({ ok: z.literal(true), channel: z.object({ id: z.string() }) })
const messageList = z.object({
  ok: z.literal(true),
  messages: z.array(z.object({ ts: z.string().max(40), metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()).optional() }).optional() })),
  has_more: z.boolean().optional(),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
})

function listOf(result: HttpResult): z.output<typeof messageList> | undefined {
  return result.kind === 'failed' || result.status !== 200 || !result.complete ? undefined : messageList.safeParse(jsonOf(result.text)).data
}
