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
    topic: z.string().regex(/^[-_A-Za-z0-9]{1,64}$/, 'expected at most 64 letters, digits, dashes and underscores').meta({ label: 'Topic', secret: true, hint: 'who knows it can read it, unless the server has access control' }),
    server: urlSetting().default('https://ntfy.sh').meta({ label: 'Server', hint: 'your own, if not the public one' }),
    token: z.string().regex(/^[\u0021-\u007e]{1,200}$/, 'expected an access token such as tk_…').optional().meta({ label: 'Access token', secret: true, hint: '`tk_…`' }),
    user: z.string().regex(/^[^:\p{Cc}]{1,200}$/u, 'expected a user name').optional().meta({ label: 'User', hint: 'with a password, in place of a token' }),
    password: z.string().min(1).max(200).optional().meta({ label: 'Password', secret: true }),
    ...userSuppliedSettings,
  })
  .superRefine(urlRule('user-supplied', 'server'))
  // Asked under the topic, a server takes the JSON itself for the text.
  .refine(({ server, topic }) => !/[?#]/.test(server) && !server.replace(/\/+$/, '').endsWith(`/${topic}`), { path: ['server'], error: 'expected the server alone, such as https://ntfy.example.com: the topic has a setting of its own' })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), { path: ['user'], error: 'expected user and password, or neither' })
  .refine(({ user, token }) => user === undefined || token === undefined, { path: ['token'], error: 'expected a token or user and password, not both' })
  .meta({
    title: 'ntfy',
    description:
      'Notifications on phones and desktops by [ntfy](https://ntfy.sh), the public server or your own. The severity sets the priority: `critical` is 5 and rings through, `info` is 2 and makes no sound. Links become buttons. A message whose answer was lost is looked for in the topic before it is sent again, which needs the right to read it; from version 2.16 of the server on, a repeat also replaces the first one on Android and in the browser. Texts over 4,096 bytes are cut.',
    credentials: `1. On the public server choose a topic that nobody guesses: who knows it can read and write it. A reserved topic or a server of your own protects it.
2. Under _Account, Access tokens_ make a token that may write the topic (\`tk_…\`); with the right to read it as well, a message whose answer was lost is looked for before it is sent again.
3. In the app subscribe to the topic.`,
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
