import { z } from 'zod'
import { startHttpProvider, type HttpFault, type HttpReply } from './http-provider.ts'

const content = z.strictObject({
  chat_id: z.string(),
  text: z.string(),
  entities: z.array(z.strictObject({ type: z.enum(['bold', 'italic', 'blockquote']), offset: z.int().min(0), length: z.int().min(1) })),
  link_preview_options: z.strictObject({ is_disabled: z.boolean() }),
  reply_markup: z.strictObject({ inline_keyboard: z.array(z.array(z.strictObject({ text: z.string().min(1), url: z.string() })).min(1)) }).optional(),
  message_thread_id: z.int().optional(),
  message_id: z.int().optional(),
  reply_parameters: z.strictObject({ message_id: z.int(), allow_sending_without_reply: z.boolean() }).optional(),
})

export interface TelegramMessage extends Omit<z.output<typeof content>, 'chat_id' | 'message_id' | 'reply_parameters'> {
  readonly chat: string
  readonly id: number
  /** The message that it answers. */
  readonly answers?: number
  readonly edits: number
}

const textCharsMax = 4_096

/**
 * The Bot API of Telegram on loopback: sendMessage and editMessageText with the real limits and error documents. It knows the
 * person `123456789`, the supergroup `-1001234567890`, the channel `@ops_alerts`, and the group `-4111222333` that became
 * `-1009998887776`.
 *
 * @example
 * const telegram = await startTelegramServer()
 * // channel settings: { botToken: telegram.botToken, chatId: '-1001234567890', apiBase: telegram.apiBase, ca: telegram.ca }
 * await telegram.close()
 */
export async function startTelegramServer() {
  const botToken = '123456789:AAF-k3XyZ9wQvT7uRsPqOnMlKjIhGfEdCbA'
  const messages: TelegramMessage[] = []
  let lastId = 40
  const provider = await startHttpProvider({
    answer({ path, text }): HttpReply {
      const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? []
      if (token !== botToken) return telegramError(token === undefined ? 404 : 401, token === undefined ? 'Not Found' : 'Unauthorized')
      const parsed = content.safeParse(JSON.parse(text))
      if (!parsed.success) return telegramError(400, `Bad Request: can't parse ${parsed.error.issues[0]?.path.join('.')}`)
      const { chat_id: chat, message_id: edited, reply_parameters: reply, ...message } = parsed.data
      const moved = migrated.get(chat)
      if (moved !== undefined) return telegramError(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: Number(moved) })
      if (!chats.has(chat)) return telegramError(400, 'Bad Request: chat not found')
      const refusal = refusalOf(message)
      if (refusal !== undefined) return telegramError(400, `Bad Request: ${refusal}`)
      if (method === 'sendMessage') {
        const answered = messages.find((one) => one.chat === chat && one.id === reply?.message_id)
        if (reply !== undefined && answered === undefined && !reply.allow_sending_without_reply) return telegramError(400, 'Bad Request: message to be replied not found')
        messages.push({ ...message, chat, id: (lastId += 1), edits: 0, ...(answered === undefined ? {} : { answers: answered.id }) })
        return { status: 200, body: { ok: true, result: { message_id: lastId, chat: { id: chat }, date: 1, text: message.text } } }
      }
      const index = messages.findIndex((one) => one.chat === chat && one.id === edited)
      const old = messages[index]
      if (method !== 'editMessageText' || old === undefined) return telegramError(400, 'Bad Request: message to edit not found')
      if (old.text === message.text && JSON.stringify(old.reply_markup) === JSON.stringify(message.reply_markup)) {
        return telegramError(400, 'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message')
      }
      messages[index] = { ...old, ...message, edits: old.edits + 1 }
      return { status: 200, body: { ok: true, result: { message_id: old.id, chat: { id: chat }, date: 1, edit_date: 2, text: message.text } } }
    },
  })
  return {
    apiBase: provider.base,
    ca: provider.ca,
    botToken,
    /** All that were sent, oldest first, as they stand now. */
    messages,
    requests: provider.requests,
    remove: (id: number): void => void messages.splice(messages.findIndex((one) => one.id === id), 1),
    fail: (...faults: readonly HttpFault[]): void => provider.fail(...faults),
    close: () => provider.close(),
  }
}

export function telegramError(status: number, description: string, parameters?: object): HttpReply {
  return { status, body: { ok: false, error_code: status, description, ...(parameters === undefined ? {} : { parameters }) } }
}

/** A message as its reader sees it, and what Telegram makes live in it by itself: mentions, tags, commands, addresses, numbers. */
export function telegramSeen({ text, entities }: Pick<TelegramMessage, 'text' | 'entities'>): { readonly text: string; readonly forms: readonly string[]; readonly live: readonly string[] } {
  const live = /(?<![\w@])@\w{3,32}|[\w.-]+@[\w-]+\.[a-z]+|(?<!\w)#[\p{L}\p{N}_\u00b7\u200c]+|(?<!\w)\$(?:[A-Z]{1,8}|1INCH)\b|(?<![\w/<])\/[A-Za-z]\w{0,63}|[a-z]+:\/\/\S+|[^\s\u2000-\u200b\u200e\u200f\u2016-\u206f]\.[\p{L}]{2,}|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d)|\+\d{7,15}/giu
  return {
    text: text.replaceAll('\u2060', ''),
    forms: entities.map(({ type, offset, length }) => `${type} ${text.slice(offset, offset + length).replaceAll('\u2060', '')}`),
    live: text.match(live) ?? [],
  }
}

const chats: ReadonlySet<string> = new Set(['123456789', '-1001234567890', '@ops_alerts', '-1009998887776'])
const migrated: ReadonlyMap<string, string> = new Map([['-4111222333', '-1009998887776']])

function refusalOf({ text, entities, reply_markup: markup }: Pick<TelegramMessage, 'text' | 'entities' | 'reply_markup'>): string | undefined {
  if (text.trim() === '') return 'message text is empty'
  if (text.length > textCharsMax) return 'message is too long'
  if (entities.some(({ offset, length }) => offset + length > text.length)) return 'entity is beyond the end of the text'
  const wrong = markup?.inline_keyboard.flat().find(({ url }) => !/^https?:\/\/[^/]+\.[a-z]/i.test(url))
  return wrong === undefined ? undefined : `inline keyboard button URL '${wrong.url}' is invalid: Wrong HTTP URL`
}
