import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Outcome } from '../model/outcome.ts'
import { withoutSecrets } from './safe-detail.ts'
import { isGone, isUnchanged, movedTo, telegramVerdict } from './telegram-outcome.ts'
import { bodyCharsMax, telegramMessage } from './telegram-text.ts'
import { callHttp, type HttpResult } from './transport/http.ts'
import { httpOutcome } from './transport/outcome.ts'
import { openTransport, providerSettings, urlRule, urlSetting, type Transport } from './transport/transport.ts'

const chatPattern = /^(?:-?[1-9]\d{0,19}|@[A-Za-z]\w{3,31})$/

const settings = z
  .strictObject({
    botToken: z.string().regex(/^\d{5,20}:[\w-]{30,100}$/, 'expected the token of a bot such as 123456789:AA…').meta({ label: { en: 'Bot token', 'zh-CN': '机器人令牌' }, secret: true, hint: { en: 'from @BotFather', 'zh-CN': '来自 @BotFather' } }),
    chatId: z
      .union([z.int().transform(String), z.string().regex(chatPattern, 'expected the number of a chat such as -1001234567890, or @name')])
      .optional()
      .meta({ label: { en: 'Chat', 'zh-CN': '会话' }, hint: { en: 'number of a group, or `@name` of a channel; without it each person gets messages of their own', 'zh-CN': '群组编号或频道的 `@name`；不填则逐人发送' } }),
    topicId: z.int().positive().optional().meta({ label: { en: 'Topic', 'zh-CN': '主题' }, hint: { en: 'number of a topic in a group that has them', 'zh-CN': '群组中话题的编号' } }),
    apiBase: urlSetting().default('https://api.telegram.org').meta({ label: { en: 'Address of the API', 'zh-CN': 'API 地址' }, hint: { en: 'a server of your own, or a stand-in', 'zh-CN': '自有服务器或替代地址' } }),
    ...providerSettings,
  })
  .superRefine(urlRule('provider', 'apiBase'))
  .superRefine(({ chatId, topicId }, context) => {
    if (topicId !== undefined && chatId === undefined) context.addIssue({ code: 'custom', path: ['topicId'], message: 'expected no topicId without chatId: people have no topics' })
  })
  .meta({
    about: {
      title: { en: 'Telegram', 'zh-CN': 'Telegram' },
      description: {
        en: 'Messages by a bot, to one chat, or without `chatId` to each person at their `telegram` chat. Later news about an alert answer its first message, which always shows how things stand. Nothing in a message is a link, a mention or a command but our own buttons.',
        'zh-CN': '由机器人发送消息：发到一个会话；没有 `chatId` 时发到每个人的 `telegram` 会话。告警的后续进展会回复首条消息，首条消息始终显示现状。消息中除我们自己的按钮外，没有链接、提及或命令。',
      },
      credentials: {
        en: `1. Write \`/newbot\` to [@BotFather](https://t.me/BotFather) and copy the token into the environment.
2. For a group: add the bot to it, write something there, and look up the group’s number under \`message.chat.id\` in \`https://api.telegram.org/bot<token>/getUpdates\`; numbers of groups are negative. In a channel make the bot an administrator that may post.
3. For each person: they write \`/start\` to the bot, without which it may not write to them; their number stands in the same place and goes into \`people.NAME.telegram\`.`,
        'zh-CN': `1. 向 [@BotFather](https://t.me/BotFather) 发送 \`/newbot\`，把令牌复制到环境变量。
2. 用于群组：把机器人加入群组，在群里发一条消息，然后在 \`https://api.telegram.org/bot<token>/getUpdates\` 的 \`message.chat.id\` 中查看群组编号；群组编号为负数。用于频道：让机器人成为可发帖的管理员。
3. 用于个人：对方先向机器人发送 \`/start\`，否则机器人不能给对方发消息；其编号在同一处可见，写入 \`people.NAME.telegram\`。`,
      },
    },
    inChinese: {
      'expected the token of a bot such as 123456789:AA…': '应为机器人令牌，例如 123456789:AA…',
      'expected the number of a chat such as -1001234567890, or @name': '应为会话编号（例如 -1001234567890）或 @名称',
      'expected no topicId without chatId: people have no topics': '没有 chatId 时不应有 topicId：个人没有话题',
    },
    example: `team-telegram:
  type: telegram
  botToken: "\${TELEGRAM_BOT_TOKEN}"
  chatId: -1001234567890`,
  })

type Settings = z.output<typeof settings>

/** Messages by a bot of Telegram (https://core.telegram.org/bots/api), to a chat or to each person. */
export const telegram: ChannelType<Settings> = {
  type: 'telegram',
  settings,
  address: 'telegram',
  addressFor: ({ chatId }) => (chatId === undefined ? 'telegram' : 'none'),
  shape: 'card',
  limits: {
    bodyCharsMax,
    concurrency: 4,
    // https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    rate: { count: 30, perMs: 1_000 },
    ratePerAddress: { count: 20, perMs: 60_000 },
  },
  can: { deduplicates: false, resolves: true, threads: true, updates: true, actions: true, acknowledges: 'first' },
  needsFirst: true,
  create: (own, name) => new TelegramBot(own, openTransport(own, name, 'provider')),
}

class TelegramBot implements Channel {
  readonly #settings: Settings
  readonly #transport: Transport
  /** A group that became a supergroup has another number, from then on. */
  #chatId: string | undefined

  constructor(own: Settings, transport: Transport) {
    this.#settings = own
    this.#transport = transport
    this.#chatId = own.chatId
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    const chat = this.#chatId ?? message.to
    if (!chatPattern.test(chat)) return { kind: 'bad-address', code: 'chat-id', detail: 'expected the number of a chat such as 123456789, or @name' }
    if (message.news === 'acknowledged') return this.#show(message, chat, tools)
    const result = await this.#post(message, chat, tools)
    const moved = this.#chatId === undefined ? undefined : movedTo(result)
    if (moved === undefined) return this.#told(result, message, chat, tools)
    // Numbers of messages are others in the new chat: what was sent to the old one is not answered or changed there.
    this.#chatId = moved
    const outcome = await this.#told(await this.#post(message, moved, tools), message, moved, tools)
    return outcome.kind === 'sent' ? { ...outcome, detail: `the group became a supergroup: set chatId to ${moved}` } : outcome
  }

  async #told(result: HttpResult, message: Message, chat: string, tools: SendTools): Promise<Outcome> {
    const outcome = this.#outcome(result, chat, message)
    if (outcome.kind !== 'sent' || message.follows === undefined) return outcome
    const first = firstOf(message, chat)
    return first === undefined ? { ...outcome, first: 'this' } : this.#update(outcome, message, chat, first, tools)
  }

  /** Who has it stands in the first message alone: nobody is called by it. */
  async #show(message: Message, chat: string, tools: SendTools): Promise<Outcome> {
    const first = firstOf(message, chat)
    if (first === undefined) return { kind: 'bad-content', code: 'no-first', detail: 'the first message about it is not known here' }
    const result = await this.#call('editMessageText', { chat_id: chat, message_id: first, ...telegramMessage(message) }, tools)
    if (isGone(result)) return { kind: 'sent', detail: 'the first message is gone', first: 'gone' }
    return isUnchanged(result) ? { kind: 'sent', detail: 'it says so already' } : this.#outcome(result, chat, message)
  }

  #post(message: Message, chat: string, tools: SendTools): Promise<HttpResult> {
    const first = firstOf(message, chat)
    const { topicId } = this.#settings
    return this.#call('sendMessage', {
      chat_id: chat,
      ...(topicId === undefined ? {} : { message_thread_id: topicId }),
      ...telegramMessage(message),
      // Told also where somebody took the first message away.
      ...(first === undefined ? {} : { reply_parameters: { message_id: first, allow_sending_without_reply: true } }),
    }, tools)
  }

  /** The first message shows how things stand. Where that fails the news were told all the same. */
  async #update(outcome: Outcome, message: Message, chat: string, first: number, tools: SendTools): Promise<Outcome> {
    const result = await this.#call('editMessageText', { chat_id: chat, message_id: first, ...telegramMessage(message) }, tools)
    const updated = this.#outcome(result, chat, message)
    if (updated.kind === 'sent' || isUnchanged(result)) return outcome
    // Sent without being an answer then: the next news answer this.
    return { ...outcome, kind: 'sent', detail: `the first message could not be changed: ${updated.detail}`.slice(0, 200), ...(isGone(result) ? { first: 'this' } : {}) }
  }

  #outcome(result: HttpResult, chat: string, { to }: Message): Outcome {
    const { botToken } = this.#settings
    return withoutSecrets(httpOutcome(result, (answer) => telegramVerdict(answer, chat)), [botToken, botToken.slice(botToken.indexOf(':') + 1)], to)
  }

  #call(method: 'sendMessage' | 'editMessageText', body: Readonly<Record<string, unknown>>, tools: SendTools): Promise<HttpResult> {
    const url = new URL(`/bot${this.#settings.botToken}/${method}`, this.#settings.apiBase)
    return callHttp({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), via: this.#transport }, tools)
  }
}

/** The number of the first message of the thread, where it stands in this chat. */
function firstOf({ follows }: Message, chat: string): number | undefined {
  const [, where, id] = /^(.*):(\d{1,15})$/.exec(follows ?? '') ?? []
  return where === chat ? Number(id) : undefined
}
