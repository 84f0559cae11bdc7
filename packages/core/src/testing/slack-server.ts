import { z } from 'zod'
import { systemClock } from '../model/clock.ts'
import { startHttpProvider, type HttpFault, type HttpReply, type HttpRequest } from './http-provider.ts'

const plainText = (charsMax: number) => z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(charsMax), emoji: z.boolean().optional() })
const run = z.strictObject({ type: z.literal('text'), text: z.string().min(1), style: z.strictObject({ bold: z.boolean().optional() }).optional() })

/** The blocks that are used, with Slack's own limits. */
const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plainText(150) }),
  z.strictObject({ type: z.literal('rich_text'), elements: z.array(z.strictObject({ type: z.enum(['rich_text_section', 'rich_text_quote']), elements: z.array(run).min(1) })).min(1) }),
  z.strictObject({ type: z.literal('context'), elements: z.array(plainText(2_000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('actions'), elements: z.array(z.strictObject({ type: z.literal('button'), action_id: z.string().max(255), text: plainText(75), url: z.url().max(3_000).optional(), value: z.string().max(2_000).optional() })).min(1).max(25) }),
])

const content = z.object({ text: z.string().min(1).max(40_000), blocks: z.array(block).min(1).max(50), mrkdwn: z.boolean().optional(), parse: z.enum(['none', 'full']).optional(), link_names: z.boolean().optional(), unfurl_links: z.boolean().optional() })
const post = content.extend({
  channel: z.string(),
  thread_ts: z.string().optional(),
  reply_broadcast: z.boolean().optional(),
  metadata: z.strictObject({ event_type: z.string().regex(/^\w{1,255}$/), event_payload: z.record(z.string(), z.unknown()) }).optional(),
})
const update = content.extend({ channel: z.string(), ts: z.string() })

/** Slack states no number; about so many characters of blocks are refused (slackapi/bolt-js#2509). */
const blocksCharsMax = 13_000

export interface SlackMessage {
  readonly channel: string
  readonly ts: string
  readonly threadTs?: string
  readonly isBroadcast: boolean
  readonly text: string
  readonly blocks: readonly z.output<typeof block>[]
  readonly metadata?: z.output<typeof post>['metadata']
  /** How often it was changed. */
  readonly edits: number
}

/**
 * Slack on loopback: the methods of the Web API that a bot needs, and an incoming webhook. It knows the channel `C024BE91L`
 * (`#alerts`), the person `U024BE7LH`, and checks blocks as Slack does.
 *
 * @example
 * const slack = await startSlackServer()
 * // channel settings: { botToken: slack.botToken, channel: 'C024BE91L', apiBase: slack.apiBase, ca: slack.ca }
 * await slack.close()
 */
export async function startSlackServer() {
  const botToken = 'xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzqqgy'
  const webhookPath = '/services/T024BE7LD/B024BE7LE/zXlKvTRd3GqqHkzXlKvTRd3G'
  const messages: SlackMessage[] = []
  const scopes = new Set(['chat:write', 'channels:history', 'im:history', 'im:write'])
  let clock = Math.floor(systemClock.nowMs() / 1_000)

  const add = (channel: string, body: z.output<typeof content>, more: Partial<SlackMessage> = {}): SlackMessage => {
    clock += 1
    const message: SlackMessage = { channel, ts: `${clock}.000100`, isBroadcast: false, text: body.text, blocks: body.blocks, edits: 0, ...more }
    messages.push(message)
    return message
  }

  const methods: Readonly<Record<string, (request: HttpRequest) => HttpReply>> = {
    'chat.postMessage'(request) {
      const { body, error } = read(request, post)
      if (body === undefined) return no(error)
      const channel = conversations.get(body.channel)
      if (channel === undefined) return no('channel_not_found')
      const { thread_ts: threadTs } = body
      if (threadTs !== undefined && !messages.some((one) => one.channel === channel && one.ts === threadTs)) return no('thread_not_found')
      const { ts } = add(channel, body, { isBroadcast: body.reply_broadcast === true, ...(threadTs === undefined ? {} : { threadTs }), ...(body.metadata === undefined ? {} : { metadata: body.metadata }) })
      return yes({ channel, ts, message: { type: 'message', text: body.text, ts } })
    },
    'chat.update'(request) {
      const { body, error } = read(request, update)
      if (body === undefined) return no(error)
      const index = messages.findIndex((one) => one.channel === body.channel && one.ts === body.ts)
      const old = messages[index]
      if (old === undefined) return no('message_not_found')
      messages[index] = { ...old, text: body.text, blocks: body.blocks, edits: old.edits + 1 }
      return yes({ channel: old.channel, ts: old.ts, text: body.text })
    },
    'conversations.open'({ text }) {
      const { users } = z.object({ users: z.string() }).parse(JSON.parse(text))
      const id = conversations.get(users)
      if (!scopes.has('im:write')) return no('missing_scope', { needed: 'im:write', provided: [...scopes].join(',') })
      return id === undefined ? no('user_not_found') : yes({ channel: { id } })
    },
    'conversations.history': (request) => list(request, (query, one) => one.threadTs === undefined || one.isBroadcast || one.channel !== query.get('channel')),
    'conversations.replies': (request) => list(request, (query, one) => one.ts === query.get('ts') || one.threadTs === query.get('ts')),
  }

  const list = ({ path }: HttpRequest, isIn: (query: URLSearchParams, one: SlackMessage) => boolean): HttpReply => {
    const { searchParams: query } = new URL(path, 'https://slack.com')
    const channel = query.get('channel') ?? ''
    const scope = channel.startsWith('D') ? 'im:history' : 'channels:history'
    if (!scopes.has(scope)) return no('missing_scope', { needed: scope, provided: [...scopes].join(',') })
    if (![...conversations.values()].includes(channel)) return no('channel_not_found')
    const found = messages.filter((one) => one.channel === channel && Number(one.ts) > Number(query.get('oldest') ?? 0) && isIn(query, one)).reverse()
    const [size, from] = [Number(query.get('limit') ?? 100), Number(query.get('cursor') ?? 0)]
    const hasMore = found.length > from + size
    return yes({
      messages: found.slice(from, from + size).map(({ text, ts, blocks, metadata }) => ({ type: 'message', text, ts, blocks, ...(query.get('include_all_metadata') === 'true' && metadata !== undefined ? { metadata } : {}) })),
      has_more: hasMore,
      response_metadata: { next_cursor: hasMore ? String(from + size) : '' },
    })
  }

  const provider = await startHttpProvider({
    answer(request) {
      if (request.path === webhookPath) {
        const { body } = read(request, content)
        if (body === undefined) return { status: 400, body: 'invalid_payload' }
        add('C024BE91L', body)
        return { status: 200, body: 'ok' }
      }
      const method = methods[/^\/api\/([a-z.]+)/i.exec(request.path)?.[1] ?? '']
      if (method === undefined) return request.path.startsWith('/services/') ? { status: 404, body: 'no_service' } : no('unknown_method')
      return request.headers.authorization === `Bearer ${botToken}` ? method(request) : no('invalid_auth')
    },
  })
  return {
    apiBase: provider.base,
    ca: provider.ca,
    botToken,
    webhookUrl: `${provider.base}${webhookPath}`,
    /** All that were posted, oldest first, as they stand now. */
    messages,
    /** What the bot may do; a test may take some away. */
    scopes,
    /** Every request so far. */
    requests: provider.requests,
    /** Takes a message away, as a person does. */
    remove: (ts: string): void => void messages.splice(messages.findIndex((one) => one.ts === ts), 1),
    fail: (...faults: readonly HttpFault[]): void => provider.fail(...faults),
    close: () => provider.close(),
  }
}

export type SlackStandIn = Awaited<ReturnType<typeof startSlackServer>>

/** A refusal as the Web API speaks it: with the status 200. */
export function no(error: string, more: object = {}): HttpReply {
  return { status: 200, body: { ok: false, error, ...more } }
}

/** A message as its reader sees it: only markup parses, and what it makes live is listed. */
export function seen({ text, blocks }: Pick<SlackMessage, 'text' | 'blocks'>): { readonly title: string; readonly body: string; readonly small: readonly string[]; readonly buttons: readonly string[]; readonly live: readonly string[] } {
  const of = <Type extends z.output<typeof block>['type']>(type: Type) => blocks.filter((one): one is Extract<z.output<typeof block>, { type: Type }> => one.type === type)
  return {
    title: unescape(of('header')[0]?.text.text ?? ''),
    body: of('rich_text').flatMap(({ elements }) => elements.map((element) => element.elements.map((one) => one.text).join(''))).join('\n'),
    small: of('context').flatMap(({ elements }) => elements.map((one) => unescape(one.text))),
    buttons: of('actions').flatMap(({ elements }) => elements.map((one) => `${unescape(one.text.text)} ${one.url}`)),
    live: text.match(/<[^>]+>/g) ?? [],
  }
}

const conversations: ReadonlyMap<string, string> = new Map([['C024BE91L', 'C024BE91L'], ['#alerts', 'C024BE91L'], ['C0THER000', 'C0THER000'], ['#other', 'C0THER000'], ['U024BE7LH', 'D024BE7LZ'], ['D024BE7LZ', 'D024BE7LZ']])

function yes(more: object): HttpReply {
  return { status: 200, body: { ok: true, ...more } }
}

function read<Body>({ text, headers }: HttpRequest, schema: z.ZodType<Body>): { readonly body?: Body; readonly error: string } {
  if (headers['content-type']?.startsWith('application/json') !== true) return { error: 'missing_post_type' }
  const raw = z.object({ blocks: z.unknown() }).parse(JSON.parse(text))
  if (JSON.stringify(raw.blocks).length > blocksCharsMax) return { error: 'msg_blocks_too_long' }
  const parsed = schema.safeParse(JSON.parse(text))
  return parsed.success ? { body: parsed.data, error: '' } : { error: 'invalid_blocks' }
}

function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
