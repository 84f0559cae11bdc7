import { oneLine } from './channels/one-line.ts'
import type { AddressKind, ChannelType, Message } from './model/channel.ts'
import { TocsinError } from './model/error.ts'
import type { Outcome } from './model/outcome.ts'
import type { ChannelTest, Content, Dispatched, Dispatcher, ManagerOptions, NamedChannel, Sender, SendRequest } from './sender.ts'

export type { Dispatched, Dispatcher, ManagerOptions, SendRequest }

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
   *   can: { deduplicates: false, resolves: true },
   *   create: () => ({ send: async (message) => (console.log(message.subject), { kind: 'sent' }) }),
   * })
   * await manager.send({ channel: 'log', title: 'Hello' })
   */
  registerChannel(type: ChannelType): void {
    if ('dispatch' in this.#options) this.#options.registerChannel(type)
    this.#types.push(type)
  }

  /**
   * Sends one real message by one channel, at once and once, and tells what was said to the provider and what it answered,
   * without secrets. As `tocsin test-channel` does.
   *
   * @param to an address of the kind that the channel takes; nothing where the channel itself is the address
   * @throws TocsinError `wrong-usage` with a Client: a manager of its own, with the same `channels`, can test
   * @example
   * const manager = new NotificationManager({ channels: { kept: { type: 'inbox' } } })
   * const { outcome, conversation } = await manager.test('kept')
   */
  async test(channel: string, to?: string): Promise<ChannelTest> {
    const sender = await this.#load()
    if (sender.test === undefined) throw new TocsinError('wrong-usage', 'test: expected a manager that stands alone; make one with the same channels: new NotificationManager({ channels })')
    const named = chosen(await sender.channels(), { channel })
    return sender.test(named.name, named.address === 'none' ? '' : addressFor(named, to), { title: `Tocsin test of channel ${channel}`, body: 'If you can read this, the channel works.', severity: 'info' })
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
    return createDispatchSender(options)
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

function addressKind(to: string): 'email' | 'phone' | 'person' {
  if (to.includes('@')) return 'email'
  return to.startsWith('+') ? 'phone' : 'person'
}

function chosen(channels: readonly NamedChannel[], { channel, to }: SendRequest): NamedChannel {
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

function addressFor(channel: NamedChannel, to: string | undefined): string {
  const wanted = wantedAddress[channel.address]
  const isOf = channel.address === 'email' || channel.address === 'phone' ? to !== undefined && addressKind(to) === channel.address : to !== undefined && to !== ''
  if (to === undefined || !isOf) throw new TocsinError('wrong-usage', `send: expected ${wanted} in "to" for channel "${channel.name}"`)
  return to
}

const wantedAddress: Readonly<Record<AddressKind, string>> = {
  email: 'an e-mail address',
  phone: 'an international number such as +8613800000000',
  push: 'a registration token of Firebase',
  webPush: 'the subscription of a browser as JSON',
  slack: 'the member id of Slack such as U024BE7LH',
  telegram: 'the number of a chat with the bot',
  none: 'nothing',
}
