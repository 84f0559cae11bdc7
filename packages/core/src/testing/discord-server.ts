import { z } from 'zod'
import { startHttpProvider, type HttpFault, type HttpReply } from './http-provider.ts'

const embed = z
  .strictObject({
    description: z.string().min(1).max(4_096).optional(),
    color: z.int().min(0).max(0xffffff),
    fields: z.array(z.strictObject({ name: z.string().min(1).max(256), value: z.string().min(1).max(1_024), inline: z.boolean() })).max(25).optional(),
    footer: z.strictObject({ text: z.string().min(1).max(2_048) }).optional(),
  })
  .refine(({ description = '', fields = [], footer }) => description.length + fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0) + (footer?.text.length ?? 0) <= 6_000, 'Embed size exceeds maximum size of 6000')

const body = z.strictObject({
  content: z.string().max(2_000),
  embeds: z.array(embed).max(10),
  components: z.array(z.strictObject({ type: z.literal(1), components: z.array(z.strictObject({ type: z.literal(2), style: z.literal(5), label: z.string().min(1).max(80), url: z.url({ protocol: /^https?$/ }).max(512) })).min(1).max(5) })).max(5),
  allowed_mentions: z.strictObject({ parse: z.array(z.enum(['roles', 'users', 'everyone'])) }),
})

export interface DiscordMessage extends z.output<typeof body> {
  readonly id: string
  readonly threadId?: string
  readonly edits: number
}

/**
 * A webhook of Discord on loopback: POST and PATCH of messages, with the real limits and error documents.
 *
 * @example
 * const discord = await startDiscordServer()
 * // channel settings: { url: discord.url, ca: discord.ca, allowNetworks: ['127.0.0.0/8'] }
 * await discord.close()
 */
export async function startDiscordServer() {
  const webhook = '1203377512345678901/aB3-dE5_gH7iJ9kL1mN3oP5qR7sT9uV1wX3yZ5'
  const messages: DiscordMessage[] = []
  let lastId = 1_203_400_000_000_000_000n
  const provider = await startHttpProvider({
    answer({ method, path, text }): HttpReply {
      const url = new URL(path, 'https://discord.com')
      const [, id = '', token = '', messageId] = /^\/api\/v10\/webhooks\/(\d+)\/([\w-]+)(?:\/messages\/(\d+))?$/.exec(url.pathname) ?? []
      if (!webhook.startsWith(`${id}/`)) return discordError(404, 10015, 'Unknown Webhook')
      if (webhook !== `${id}/${token}`) return discordError(401, 50027, 'Invalid Webhook Token')
      const parsed = body.safeParse(JSON.parse(text))
      if (!parsed.success) return discordError(400, 50035, 'Invalid Form Body')
      const { content, embeds } = parsed.data
      if (content === '' && embeds.length === 0) return discordError(400, 50006, 'Cannot send an empty message')
      // What a webhook of people asks for in components is passed over in silence unless the query says so.
      const shown = url.searchParams.get('with_components') === 'true' ? parsed.data : { ...parsed.data, components: [] }
      const threadId = url.searchParams.get('thread_id') ?? undefined
      if (method === 'POST') {
        lastId += 1n
        const message = { ...shown, id: String(lastId), edits: 0, ...(threadId === undefined ? {} : { threadId }) }
        messages.push(message)
        return url.searchParams.get('wait') === 'true' ? { status: 200, body: { id: message.id, type: 0, content, channel_id: '1', webhook_id: id } } : { status: 204 }
      }
      const index = messages.findIndex((one) => one.id === messageId)
      const old = messages[index]
      if (method !== 'PATCH' || old === undefined || old.threadId !== threadId) return discordError(404, 10008, 'Unknown Message')
      messages[index] = { ...old, ...shown, edits: old.edits + 1 }
      return { status: 200, body: { id: old.id, type: 0, content } }
    },
  })
  return {
    url: `${provider.base}/api/webhooks/${webhook}`,
    token: webhook.split('/')[1] ?? '',
    ca: provider.ca,
    /** All that were posted, oldest first, as they stand now. */
    messages,
    requests: provider.requests,
    remove: (id: string): void => void messages.splice(messages.findIndex((one) => one.id === id), 1),
    fail: (...faults: readonly HttpFault[]): void => provider.fail(...faults),
    close: () => provider.close(),
  }
}

export function discordError(status: number, code: number, message: string, more: object = {}): HttpReply {
  return { status, body: { message, code, ...more } }
}

/** Text in Discord's Markdown as its reader sees it, and what in it has an effect. */
export function discordSeen(markdown: string): { readonly text: string; readonly live: readonly string[] } {
  // An escaped sign is a sign and nothing more.
  const inert = markdown.replaceAll(/\\[^0-9A-Za-z\s]/g, '\u00b7')
  const live = inert.match(/@(?:everyone|here)|<(?:[@#:/t]|a:|id:)[^>]*>|https?:\/\/\S+|\]\([^)]*\)|\*\*|\*\S|__|~~|\|\||`|^\s*(?:#{1,3}|-#|[-*+]|\d+\.) |^\s*>{2,} /gm) ?? []
  return { text: markdown.replaceAll(/^> /gm, '').replaceAll(/\\([^0-9A-Za-z\s])/g, '$1'), live }
}
