import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Outcome, OutcomeKind } from '../model/outcome.ts'
import { bodyCharsMax, discordMessage } from './discord-embed.ts'
import { jsonOf } from './json-of.ts'
import { withoutSecrets } from './safe-detail.ts'
import { callHttp, type HttpAnswer, type HttpResult } from './transport/http.ts'
import { httpOutcome, type Verdict } from './transport/outcome.ts'
import { openTransport, urlRule, urlSetting, userSuppliedSettings, type Transport } from './transport/transport.ts'

const webhookPath = /^(?:\/api)?(?:\/v\d+)?\/webhooks\/(\d{1,20})\/([\w-]{1,200})\/?$/

const settings = z
  .strictObject({
    url: urlSetting()
      .refine((text) => !URL.canParse(text) || webhookPath.test(new URL(text).pathname), 'expected an address such as https://discord.com/api/webhooks/123456789012345678/token')
      .meta({ label: { en: 'Webhook', 'zh-CN': 'Webhook' }, secret: true, hint: { en: '`https://discord.com/api/webhooks/…`, from the settings of the channel', 'zh-CN': '`https://discord.com/api/webhooks/…`，见频道设置' } }),
    threadId: z.string().regex(/^\d{1,20}$/, 'expected the number of a thread').optional().meta({ label: { en: 'Thread', 'zh-CN': '子区' }, hint: { en: 'its number, to post in a thread or a post of a forum', 'zh-CN': '填写编号，发到子区或论坛帖子中' } }),
    ...userSuppliedSettings,
  })
  .superRefine(urlRule('user-supplied', 'url'))
  .meta({
    about: {
      title: { en: 'Discord', 'zh-CN': 'Discord' },
      description: {
        en: 'Messages by a webhook of a channel. Webhooks cannot answer a message, so later news about an alert come as new messages, and the first one is changed to show how things stand. Nobody is called by what a message says, and nothing in it is a link but our own buttons.',
        'zh-CN': '通过频道的 Webhook 发送消息。Webhook 无法回复消息，因此告警的后续进展是新消息，首条消息会随之更新，显示现状。消息内容不会提及任何人，其中除我们自己的按钮外没有链接。',
      },
      credentials: {
        en: `1. In Discord open the settings of the channel, then _Integrations_, _Webhooks_, _New Webhook_; you need the permission _Manage Webhooks_.
2. _Copy Webhook URL_ and put it into the environment. Whoever has it can write there.
3. For a thread, or a post of a forum: switch on the developer mode of Discord (_Advanced_), and copy the thread’s id into \`threadId\`.`,
        'zh-CN': `1. 在 Discord 中打开频道设置，进入 _Integrations_、_Webhooks_、_New Webhook_；需要 _Manage Webhooks_ 权限。
2. 点击 _Copy Webhook URL_，放入环境变量。知道它的人都能在该频道发送消息。
3. 要发到子区或论坛帖子：打开 Discord 的开发者模式（_Advanced_），把子区的 ID 复制到 \`threadId\`。`,
      },
    },
    inChinese: {
      'expected an address such as https://discord.com/api/webhooks/123456789012345678/token': '应为地址，例如 https://discord.com/api/webhooks/123456789012345678/token',
      'expected the number of a thread': '应为子区的编号',
    },
    example: `team-discord:
  type: discord
  url: "\${DISCORD_WEBHOOK_URL}"`,
  })

type Settings = z.output<typeof settings>

/** Messages by a webhook of Discord (https://discord.com/developers/docs/resources/webhook). */
export const discord: ChannelType<Settings> = {
  type: 'discord',
  settings,
  address: 'none',
  shape: 'card',
  limits: {
    bodyCharsMax,
    concurrency: 2,
    // Of one webhook. Ten thousand refused calls in ten minutes would shut out the whole machine, so the limits are kept and not probed.
    rate: [{ count: 5, perMs: 2_000 }, { count: 30, perMs: 60_000 }],
  },
  can: { deduplicates: false, resolves: true, updates: true, actions: true, acknowledges: 'first' },
  needsFirst: true,
  create: (own, name) => new DiscordWebhook(own, openTransport(own, name, 'user-supplied')),
}

class DiscordWebhook implements Channel {
  readonly #messages: URL
  readonly #query: string
  readonly #secrets: readonly string[]
  readonly #transport: Transport

  constructor({ url, threadId }: Settings, transport: Transport) {
    const [, id = '', token = ''] = webhookPath.exec(new URL(url).pathname) ?? []
    // Without a version the oldest one is spoken to.
    this.#messages = new URL(`/api/v10/webhooks/${id}/${token}`, url)
    this.#query = threadId === undefined ? '' : `&thread_id=${threadId}`
    this.#secrets = [url, token]
    this.#transport = transport
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    if (message.news === 'acknowledged') return this.#show(message, tools)
    // Buttons of links are passed over unless asked for; the answer names the message only when waited for.
    const outcome = this.#outcome(await this.#call('POST', `?wait=true&with_components=true${this.#query}`, message, tools))
    const first = message.follows
    if (outcome.kind !== 'sent' || first === undefined || !/^\d{1,20}$/.test(first)) return outcome
    const updated = this.#outcome(await this.#call('PATCH', `/messages/${first}?with_components=true${this.#query}`, message, tools))
    if (updated.kind === 'sent') return outcome
    // The news were told all the same. Where the first message is gone, or belongs to another webhook, these are the first.
    return { ...outcome, detail: `the first message could not be changed: ${updated.detail}`.slice(0, 200), ...('code' in updated && updated.code === unknownMessage ? { first: 'this' } : {}) }
  }

  /** Who has it stands in the first message alone: nobody is called by it. */
  async #show(message: Message, tools: SendTools): Promise<Outcome> {
    const first = message.follows ?? ''
    if (!/^\d{1,20}$/.test(first)) return { kind: 'bad-content', code: 'no-first', detail: 'the first message about it is not known here' }
    const outcome = this.#outcome(await this.#call('PATCH', `/messages/${first}?with_components=true${this.#query}`, message, tools))
    return 'code' in outcome && outcome.code === unknownMessage ? { kind: 'sent', detail: 'the first message is gone', first: 'gone' } : outcome
  }

  #outcome(result: HttpResult): Outcome {
    return withoutSecrets(httpOutcome(result, discordVerdict), this.#secrets)
  }

  #call(method: 'POST' | 'PATCH', path: string, message: Message, tools: SendTools): Promise<HttpResult> {
    const url = new URL(`${this.#messages.href}${path}`)
    return callHttp({ method, url, headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify(discordMessage(message)), via: this.#transport }, tools)
  }
}

/** Discord's own codes (https://discord.com/developers/docs/topics/opcodes-and-status-codes#json) that say more than the status does. */
const kinds: ReadonlyMap<number, OutcomeKind> = new Map([
  // unknown webhook, its token, unknown channel
  ...([10015, 50027, 10003] as const).map((code) => [code, 'bad-address'] as const),
  // a forum asks for a thread; the thread is closed, or is none of this channel
  ...([220001, 220003, 50083, 160005, 10008] as const).map((code) => [code, 'bad-config'] as const),
])

const unknownMessage = '10008'

const created = z.object({ id: z.string().regex(/^\d{1,20}$/) })
const refused = z.object({ code: z.number().int().optional(), message: z.string().optional(), retry_after: z.number().nonnegative().max(1_000_000).optional(), global: z.boolean().optional() })

function discordVerdict({ status, text, complete }: HttpAnswer): Verdict {
  const answer = jsonOf(text)
  if (status >= 200 && status < 300) {
    const message = complete ? created.safeParse(answer).data : undefined
    return message === undefined ? { kind: 'in-doubt', detail: 'without the id of a message: this may not be Discord’s answer' } : { providerId: message.id }
  }
  const { code = 0, message, retry_after: afterS, global } = refused.safeParse(answer).data ?? {}
  if (status === 429) return { ...(afterS === undefined ? {} : { afterMs: Math.ceil(afterS * 1_000) }), detail: global === true ? 'the limit of all calls from here' : (message ?? '') }
  // A webhook that is gone comes back under no circumstances; what else is not there is a wrong address too.
  const kind = kinds.get(code) ?? (status === 404 ? 'bad-address' : undefined)
  return { ...(kind === undefined ? {} : { kind }), ...(code === 0 ? {} : { code: String(code) }), ...(message === undefined ? {} : { detail: message }) }
}
