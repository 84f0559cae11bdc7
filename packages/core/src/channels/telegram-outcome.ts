import { z } from 'zod'
import { jsonOf } from './json-of.ts'
import type { HttpAnswer, HttpResult } from './transport/http.ts'
import type { Verdict } from './transport/outcome.ts'

/** Telegram tells why it refuses in English words alone (https://core.telegram.org/bots/api#making-requests): these are about the chat, all others about the message. */
const noReceiver =
  /chat not found|user not found|user is deactivated|bot was (?:blocked|kicked)|bot is not a member|bot can't|group chat was (?:deactivated|deleted)|chat was deleted|PEER_ID_INVALID|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED|not enough rights|have no rights|need administrator rights|TOPIC_(?:CLOSED|DELETED)|message thread not found/i

const chatNumber = z.union([z.int().transform(String), z.string().regex(/^-?\d{1,20}$/)])
const answerOf = z.object({
  ok: z.boolean(),
  description: z.string().optional(),
  result: z.object({ message_id: z.int() }).optional().catch(undefined),
  parameters: z.object({ retry_after: z.number().nonnegative().max(1_000_000).optional(), migrate_to_chat_id: chatNumber.optional() }).optional(),
})

function read({ text, complete }: HttpAnswer): z.output<typeof answerOf> | undefined {
  return complete ? answerOf.safeParse(jsonOf(text)).data : undefined
}

/** Where a group went that became a supergroup. */
export function movedTo(result: HttpResult): string | undefined {
  return result.kind === 'failed' ? undefined : read(result)?.parameters?.migrate_to_chat_id
}

export function telegramVerdict(answer: HttpAnswer, chat: string): Verdict {
  const { status } = answer
  const said = read(answer)
  if (status >= 200 && status < 300) {
    const id = said?.ok === true ? said.result?.message_id : undefined
    return id === undefined ? { kind: 'in-doubt', detail: 'without the number of a message: this may not be Telegram’s answer' } : { providerId: `${chat}:${id}` }
  }
  const { description = '', parameters } = said ?? {}
  const detail = description === '' ? {} : { detail: description }
  const moved = parameters?.migrate_to_chat_id
  if (moved !== undefined) return { kind: 'bad-address', code: 'migrated', detail: `the group became a supergroup with the number ${moved}` }
  if (status === 429) return { ...detail, ...(parameters?.retry_after === undefined ? {} : { afterMs: Math.ceil(parameters.retry_after * 1_000) }) }
  // What has no such token has no such path either: 404. An answer that is not Telegram's own is read by its status.
  if (status === 403 && said !== undefined) return { kind: 'bad-address', ...detail }
  return { ...(status === 400 && noReceiver.test(description) ? { kind: 'bad-address' } : {}), ...detail }
}

/** An edit that would change nothing was made before. */
export function isUnchanged(result: HttpResult): boolean {
  return result.kind === 'answer' && result.status === 400 && /message is not modified/i.test(read(result)?.description ?? '')
}

/** Somebody took away what was to be changed. */
export function isGone(result: HttpResult): boolean {
  return result.kind === 'answer' && result.status === 400 && /message to edit not found|MESSAGE_ID_INVALID/i.test(read(result)?.description ?? '')
}
