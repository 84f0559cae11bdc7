import type { ZodType } from 'zod'
import type { Clock } from './clock.ts'
import type { Outcome } from './outcome.ts'
import type { Severity } from './severity.ts'

/** What one person gets on one channel, ready to send: rendered, redacted, neutralised, within the channel's limits. */
export interface Message {
  /** Stable over retries and restarts, unlike any other; providers that deduplicate do so by it. */
  readonly id: string
  /** E-mail address, E.164 number, or empty where the channel itself is the address. */
  readonly to: string
  readonly severity: Severity
  /** One line, at most 78 characters, without line breaks. */
  readonly subject: string
  /** Plain text. Channels with `shape: 'short'` get the short form. */
  readonly text: string
  /** Only for channels with `shape: 'mail'`. */
  readonly html?: string
  /** BCP 47, such as `en` or `zh-CN`. */
  readonly locale: string
  /** Whether this is a second sending after an attempt whose answer was lost. */
  readonly possiblyRepeated: boolean
  /** The same for all news of one alert to one person on this channel; absent where nothing can follow, and for collections. */
  readonly thread?: string
}

/** Where messages are kept for reading on this machine (the `inbox` channel). */
export interface Inbox {
  /** Keeping the same id again changes nothing. */
  put(message: Message, channel: string): Promise<void>
}

/** What a channel is handed with each message: nothing else of the world is its business. */
export interface SendTools {
  /** Aborts at the deadline; the channel stops and answers `retry` or, once the body is out, `in-doubt`. */
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly inbox: Inbox
}

export interface Channel {
  /** One message, one outcome. Never throws for what the world does; a throw is a fault of the channel and becomes `retry`. */
  send(message: Message, tools: SendTools): Promise<Outcome>
  /** Whether an earlier attempt of this message arrived, where the provider can be asked. */
  find?(message: Message, sinceMs: number, tools: SendTools): Promise<'arrived' | 'absent' | 'unknown'>
  close?(): Promise<void>
}

/** Never more than `count` sends in any span of `perMs` milliseconds; a fifth of them may go at once. */
export interface Rate {
  readonly count: number
  readonly perMs: number
}

export interface ChannelLimits {
  /** Longest text in characters; longer is cut on a grapheme boundary with a note. */
  readonly bodyCharsMax: number
  /** Sends in flight at once, over this process; a critical one may be added to them. */
  readonly concurrency: number
  /** Over all processes on the same store; of several each one holds. Absent: no limit. */
  readonly rate?: Rate | readonly Rate[]
  /** For one address, over all processes. Absent: no limit. */
  readonly ratePerAddress?: Rate
  /** What one message costs of the rate; default 1. SMS costs its segments. */
  readonly cost?: (message: Message) => number
}

/** The rates of a limit, one or several or none. */
export function ratesOf(limit: Rate | readonly Rate[] | undefined): readonly Rate[] {
  return limit === undefined ? [] : 'count' in limit ? [limit] : limit
}

/**
 * A kind of channel: one file and one line in the registry. From this follow its settings check, its documentation and
 * its tests.
 */
export interface ChannelType<Settings = unknown> {
  /** The word in `type:`. */
  readonly type: string
  /** Settings, without `type`; `.meta({ label, secret: true })` marks what must never be shown. */
  readonly settings: ZodType<Settings>
  /** Which address of a person it needs; `none`: the channel itself is the address. */
  readonly address: 'email' | 'phone' | 'none'
  /** `mail` has subject, text and HTML; `full` subject and text; `short` one short text. */
  readonly shape: 'mail' | 'full' | 'short'
  readonly limits: ChannelLimits
  readonly can: {
    /** The receiver drops a second message with the same id, so a doubtful one may be sent again. */
    readonly deduplicates: boolean
    /** Whether the end of an alert is told here too. */
    readonly tellsResolved: boolean
  }
  /** Makes the channel. Does not connect. Throws only where `settings` cannot work. */
  create(settings: Settings, name: string): Channel
}

/** A channel as the engine holds it: its name in the configuration, its type and the thing itself. */
export interface OpenChannel {
  readonly name: string
  readonly type: ChannelType
  readonly channel: Channel
  /** From the configuration, where it narrows the type's own. */
  readonly limits: ChannelLimits
}
