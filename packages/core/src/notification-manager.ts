import type { ChannelType, Inbox, Message } from './model/channel.ts'
import type { Clock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import { TocsinError } from './model/error.ts'
import type { Announcement } from './model/event.ts'
import type { Outcome } from './model/outcome.ts'
import type { Redact } from './model/redact.ts'
import type { Severity } from './model/severity.ts'

/** Settings of a manager that stands alone. */
export interface ManagerOptions {
  /** As `channels:` in the configuration, name → settings; `${NAME}` reads the environment. @default `console` and `inbox` */
  readonly channels?: ConfigInput['channels']
  /** `redacted` also replaces e-mail addresses, telephone numbers and the like in the text; secrets always go. @default 'redacted' */
  readonly content?: 'redacted' | 'full'
  /** Replaces what must not be sent. @default every known form of secret, the passwords of the channels, and by `content` personal data */
  readonly redact?: Redact
  /** Longest time of one attempt, milliseconds, 1 to 600_000. @default 30_000 */
  readonly deadlineMs?: number
  /** Where the `inbox` channel keeps messages. @default the last 1,000 in memory, read by `received()` */
  readonly inbox?: Inbox
  /** @default the machine's */
  readonly clock?: Clock
}

/** A message on record: told by the engine, with retries, fallback and a place in `tocsin explain`. */
export interface Dispatched {
  /** Id of the event it was recorded as. */
  readonly id: string
}

/** What a Client gives a manager, so that what it sends is recorded first and delivered by the engine. */
export interface Dispatcher<Result = Dispatched> {
  /** Resolves after the commit. */
  dispatch(announcement: Announcement): Promise<Result>
  /** The channels of the configuration, in its order. */
  channels(): Promise<readonly NamedChannel[]>
  registerChannel(type: ChannelType): void
}

export interface NamedChannel {
  readonly name: string
  /** The word in `type:`. */
  readonly type: string
}

/** One message by hand. */
export interface SendRequest {
  /** Name of the channel. @default the first, in the order of the configuration, that can send to `to` */
  readonly channel?: string
  /**
   * E-mail address or international number. Not needed where the channel itself is the address. With a Client also a
   * person of the configuration or `role:NAME`, and without `channel` and `to` the routes decide.
   */
  readonly to?: string
  /** One line; line breaks become spaces. More than 78 characters are cut, and stand in full above the body. */
  readonly subject?: string
  /** Another word for `subject`. */
  readonly title?: string
  readonly body?: string
  /** @default 'info' */
  readonly severity?: Severity
}

/** How the two kinds of manager send; this class only decides what goes where. */
export interface Sender<Result> {
  channels(): Promise<readonly (NamedChannel & { readonly address: ChannelType['address'] })[]>
  /** To one address on one channel. */
  sendTo(channel: string, address: string, content: Content): Promise<Result>
  /** To people, or whomever the routes name. */
  sendToPeople(to: string | undefined, content: Content): Promise<Result>
  received(): readonly Message[]
  close(): Promise<void>
}

export interface Content {
  readonly title: string
  readonly body: string
  readonly severity: Severity
}

/**
 * Sends messages by hand, over channels made from their configuration.
 *
 * Alone, each `send` is one attempt, and its outcome is the answer: nothing is stored and nothing is tried again. With a
 * Client (`client.notifications`) a message is recorded first and then delivered like everything else, and the answer is
 * its id.
 *
 * @example
 * const manager = new NotificationManager({
 *   channels: { 'ops-mail': { type: 'email', url: '${SMTP_URL}', from: 'Tocsin <noreply@example.com>' } },
 * })
 * const outcome = await manager.sendEmail('dana@example.com', 'Nightly run', 'All 12 agents finished.')
 * if (outcome.kind !== 'sent') console.error(outcome.kind, outcome.detail)
 * await manager.close()
 */
export class NotificationManager<Result = Outcome> {
  readonly #options: ManagerOptions | Dispatcher<Result>
  /** Bounded by what the caller registers. */
  readonly #types: ChannelType[] = []
  /** Made at the first call that needs it. */
  #sender: Promise<Sender<Result>> | undefined

  constructor(options: ManagerOptions | Dispatcher<Result> = {}) {
    this.#options = options
  }

  /**
   * Sends one message.
   *
   * @returns alone the outcome of one attempt; with a Client the id, after the commit
   * @throws TocsinError `channel-unknown` where no such channel is configured, `wrong-usage` where the request says too
   *   little, `config-invalid` where settings do not fit
   * @example
   * const manager = new NotificationManager()
   * await manager.send({ channel: 'console', title: 'Hello', body: 'Printed on standard error.' })
   */
  async send(request: SendRequest): Promise<Result> {
    const content = contentOf(request)
    const sender = await this.#load()
    const { to } = request
    if (request.channel === undefined && (to === undefined || addressKind(to) === 'person')) return sender.sendToPeople(to, content)
    const channel = chosen(await sender.channels(), request)
    return sender.sendTo(channel.name, channel.address === 'none' ? '' : addressFor(channel, to), content)
  }

  /**
   * Sends an e-mail over the first channel that takes e-mail addresses.
   *
   * @param to one address
   * @example await manager.sendEmail('dana@example.com', 'Nightly run', 'All 12 agents finished.')
   */
  async sendEmail(to: string, subject: string, content: string): Promise<Result> {
    if (addressKind(to) !== 'email') throw new TocsinError('wrong-usage', 'sendEmail: expected an e-mail address such as dana@example.com as first argument')
    return this.send({ to, subject, body: content })
  }

  /**
   * Sends a text message over the first channel that takes telephone numbers.
   *
   * @param to an international number (E.164)
   * @example await manager.sendSms('+8613800000000', 'refund-bot is waiting for you')
   */
  async sendSms(to: string, content: string): Promise<Result> {
    if (addressKind(to) !== 'phone') throw new TocsinError('wrong-usage', 'sendSms: expected an international number such as +8613800000000 as first argument')
    const [title = '', ...rest] = content.trim().split('\n')
    return this.send({ to, title, body: rest.join('\n') })
  }

  /**
   * Makes a kind of channel known. Alone, a channel of the type's own name is there at once unless the configuration names
   * one of this type; with a Client it must be registered right after `init()`.
   *
   * @example
   * manager.registerChannel({
   *   type: 'log',
   *   settings: z.strictObject({}),
   *   address: 'none',
   *   shape: 'full',
   *   limits: { bodyCharsMax: 10_000, concurrency: 1 },
   *   can: { deduplicates: false, tellsResolved: true },
   *   create: () => ({ send: async (message) => (console.log(message.subject), { kind: 'sent' }) }),
   * })
   * await manager.send({ channel: 'log', title: 'Hello' })
   */
  registerChannel(type: ChannelType): void {
    if ('dispatch' in this.#options) this.#options.registerChannel(type)
    this.#types.push(type)
  }

  /** What the `inbox` channel of a manager alone has kept, oldest first; empty where `inbox` was handed in or with a Client. */
  async received(): Promise<readonly Message[]> {
    return (await this.#load()).received()
  }

  /** Closes connections. With a Client its engine goes on. */
  async close(): Promise<void> {
    await (await this.#sender)?.close()
  }

  #load(): Promise<Sender<Result>> {
    this.#sender ??= senderOf(this.#options, this.#types)
    return this.#sender
  }
}

/** Loaded at first use: an agent that sends nothing by hand does not pay for it when it starts. */
async function senderOf<Result>(options: ManagerOptions | Dispatcher<Result>, types: readonly ChannelType[]): Promise<Sender<Result>> {
  if ('dispatch' in options) {
    const { createDispatchSender } = await import('./dispatch-sender.ts')
    return createDispatchSender(options, types)
  }
  const { createLoneSender } = await import('./lone-sender.ts')
  // Without a dispatcher `Result` is what its default says, the outcome of the attempt.
  return createLoneSender(options, types) as unknown as Sender<Result>
}

function contentOf(request: SendRequest): Content {
  const title = oneLine(request.subject ?? request.title ?? '')
  const body = request.body ?? ''
  if (title === '' && body.trim() === '') throw new TocsinError('wrong-usage', 'send: expected a subject (or title) or a body, found neither')
  return { title: title === '' ? oneLine(body.trim().split('\n')[0] ?? '') : title, body, severity: request.severity ?? 'info' }
}

/** No line break reaches a header, whoever wrote the text. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

function addressKind(to: string): 'email' | 'phone' | 'person' {
  if (to.includes('@')) return 'email'
  return to.startsWith('+') ? 'phone' : 'person'
}

type Addressed = NamedChannel & { readonly address: ChannelType['address'] }

function chosen(channels: readonly Addressed[], { channel, to }: SendRequest): Addressed {
  const names = channels.map(({ name }) => name)
  const known = names.length === 0 ? 'none is configured' : `there is ${names.join(', ')}`
  if (channel !== undefined) {
    const named = channels.find(({ name }) => name === channel)
    if (named === undefined) throw new TocsinError('channel-unknown', `no channel is named "${channel}"; ${known}`)
    return named
  }
  const kind = addressKind(to ?? '')
  const fitting = channels.find(({ address }) => address === kind)
  if (fitting === undefined) throw new TocsinError('channel-unknown', `no channel sends to ${kind === 'email' ? 'e-mail addresses' : 'telephone numbers'}; ${known}`)
  return fitting
}

function addressFor(channel: Addressed, to: string | undefined): string {
  const wanted = channel.address === 'email' ? 'an e-mail address' : 'an international number such as +8613800000000'
  if (to === undefined || addressKind(to) !== channel.address) throw new TocsinError('wrong-usage', `send: expected ${wanted} in "to" for channel "${channel.name}"`)
  return to
}
