import type { AddressKind, ChannelType, Inbox, Message, TranscriptLine } from './model/channel.ts'
import type { Clock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
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
  /** Which address of a person it needs. */
  readonly address: AddressKind
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

/** How a manager sends, alone or through a Client; the manager itself only decides what goes where. */
export interface Sender<Result> {
  channels(): Promise<readonly NamedChannel[]>
  /** To one address on one channel. */
  sendTo(channel: string, address: string, content: Content): Promise<Result>
  /** To people, or whomever the routes name. */
  sendToPeople(to: string | undefined, content: Content): Promise<Result>
  /** Sends once and tells the conversation with the provider; absent where messages are delivered by an engine. */
  test?(channel: string, address: string, content: Content): Promise<ChannelTest>
  received(): readonly Message[]
  close(): Promise<void>
}

/** What a channel and its provider said to each other about one message, without secrets. */
export interface ChannelTest {
  readonly outcome: Outcome
  /** At most 200 lines of 300 characters. */
  readonly conversation: readonly TranscriptLine[]
}

export interface Content {
  readonly title: string
  readonly body: string
  readonly severity: Severity
}
