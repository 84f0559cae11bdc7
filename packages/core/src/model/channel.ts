import type { ZodType } from 'zod'
import type { Card } from './card.ts'
import type { Clock } from './clock.ts'
import type { Inbound, InboundRequest } from './inbound.ts'
import type { News } from './notification.ts'
import type { Outcome } from './outcome.ts'
import type { Severity } from './severity.ts'
import type { Segments } from './sms-segments.ts'

/** What one person gets on one channel, ready to send: rendered, redacted, neutralised, within the channel's limits. */
export interface Message {
  /** Stable over retries and restarts, unlike any other; providers that deduplicate do so by it. */
  readonly id: string
  /** An address of the kind that the channel asks for, or empty where the channel itself is the address. */
  readonly to: string
  /** `resolved`: the end of what was told before. `acknowledged`: who has it; only for types that declare `acknowledges`. */
  readonly news: News
  readonly severity: Severity
  /** One line, at most 78 characters, without line breaks. */
  readonly subject: string
  /** Plain text. Channels with `shape: 'short'` get the short form. */
  readonly text: string
  /** Only for channels with `shape: 'mail'`. */
  readonly html?: string
  /** Only for channels with `shape: 'card'`. */
  readonly card?: Card
  /** BCP 47, such as `en` or `zh-CN`. */
  readonly locale: string
  /** Whether this is a second sending after an attempt whose answer was lost. */
  readonly possiblyRepeated: boolean
  /** The same for all news of one alert to one person on this channel; absent where nothing can follow, and for collections. */
  readonly thread?: string
  /**
   * The provider's id (`Outcome.providerId`) of the first message that was sent in this thread; only for types with
   * `needsFirst`, and absent for the first message itself.
   */
  readonly follows?: string
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
  /**
   * All addresses of a host name, IPv4 and IPv6; rejects with an error whose `code` is one of node:dns. Asked once for a
   * call to an address that others may choose. @default the machine's own resolver
   */
  readonly resolve?: (host: string) => Promise<readonly string[]>
  /** Told what goes over the line, where somebody tests the channel; secrets are taken out by who asks. Absent otherwise. */
  readonly transcript?: (line: TranscriptLine) => void
}

/** One line of a conversation with a provider. */
export interface TranscriptLine {
  readonly from: 'us' | 'them'
  readonly text: string
}

export interface Channel {
  /** One message, one outcome. Never throws for what the world does; a throw is a fault of the channel and becomes `retry`. */
  send(message: Message, tools: SendTools): Promise<Outcome>
  /** Whether an earlier attempt of this message arrived, where the provider can be asked. */
  find?(message: Message, sinceMs: number, tools: SendTools): Promise<Found>
  /** What the provider says when it calls us, one thing or several; whatever it is, it is not believed without its signature. Never throws. */
  receive?(request: InboundRequest): Inbound | readonly Inbound[]
  close?(): Promise<void>
}

/** What became of an earlier attempt; with the provider's id of what arrived, where later news follow it. */
export type Found = 'arrived' | 'absent' | 'unknown' | { readonly arrived: string }

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

/** Why a channel does not write to an address; no secrets. */
export interface AddressObjection {
  readonly code: string
  readonly detail: string
}

/** The kinds of address that a person may have; `none`: the channel itself is the address. */
export const addressKinds = ['email', 'phone', 'push', 'webPush', 'slack', 'telegram', 'none'] as const
export type AddressKind = (typeof addressKinds)[number]

/** The rates of a limit, one or several or none. */
export function ratesOf(limit: Rate | readonly Rate[] | undefined): readonly Rate[] {
  return limit === undefined ? [] : 'count' in limit ? [limit] : limit
}

/** What a channel itself makes of a message, for people who look at it: nothing is sent, and nothing in it is secret. */
export interface ChannelForm {
  /** In place of `Message.text`: what goes over the air. */
  readonly text?: string
  /** What a text message costs. */
  readonly segments?: Segments
  /** What a telephone or a browser shows. */
  readonly device?: { readonly title: string; readonly body: string; readonly url?: string }
  /** What a program gets: JSON. */
  readonly payload?: string
}

/**
 * A kind of channel: one file and one line in the registry. From this follow its settings check, its documentation and
 * its tests.
 */
export interface ChannelType<Settings = unknown> {
  /** The word in `type:`. */
  readonly type: string
  /**
   * Settings, without `type`; `.meta({ label, hint, secret: true })` of each says what a form asks for and marks what must never be shown. Of a
   * built-in type labels, hints and `about` of the whole are in every language (`Said`), and `inChinese` has what it refuses.
   */
  readonly settings: ZodType<Settings>
  /** Which address of a person it needs; `none`: the channel itself is the address. */
  readonly address: AddressKind
  /**
   * For a type whose settings decide: a chat that is named in them is the address itself, else each person's own. Asked of
   * built-in types only: a program's own type lives on another thread than the engine.
   */
  addressFor?(settings: Settings): AddressKind
  /** `mail` has subject, text and HTML; `full` subject and text; `card` subject, text and pieces; `short` one short text. */
  readonly shape: 'mail' | 'full' | 'card' | 'short'
  readonly limits: ChannelLimits
  /** For a type whose settings narrow its limits or add to them. Asked of built-in types only, as `addressFor` is. */
  limitsFor?(settings: Settings): ChannelLimits
  /**
   * What is wrong with an address that can be known without asking anybody, so that a configuration is warned of it; `send`
   * says the same. Asked of built-in types only.
   */
  objectsTo?(settings: Settings, address: string): AddressObjection | undefined
  readonly can: {
    /** The receiver drops a second message with the same id, so a doubtful one may be sent again. */
    readonly deduplicates: boolean
    /** The end of an alert is told here too. */
    readonly resolves: boolean
    /** Later news about an alert stand with the first one, as answers to it. @default false */
    readonly threads?: boolean
    /** The first message is changed in place when there is news. @default false */
    readonly updates?: boolean
    /** Links are shown as buttons. @default false */
    readonly actions?: boolean
    /** `false`: nobody is interrupted by a message here, so nobody's limits are used up and no storm is summed up. @default true */
    readonly interrupts?: false
    /** Its readers may reply STOP, and are not written to until they reply START. @default false */
    readonly stops?: boolean
    /**
     * It is told who has an alert (`news: 'acknowledged'`): `incident`, because it keeps incidents of its own; `first`, because the first
     * message about it says so, where that is known. @default it is not told
     */
    readonly acknowledges?: 'incident' | 'first'
  }
  /**
   * What becomes of a message here beyond what is in it. Asked of built-in types only, as `addressFor` is.
   *
   * @param settings absent: such a channel as its type is by default
   */
  formOf?(message: Message, settings: Settings | undefined, nowMs: number): ChannelForm
  /** It asks for `Message.follows`, so the provider's id of the first message about each alert is kept. */
  readonly needsFirst?: true
  /** Makes the channel. Does not connect. Throws only where `settings` cannot work. */
  create(settings: Settings, name: string): Channel
}

/** A channel as the engine holds it: its name in the configuration, its type and the thing itself. */
export interface OpenChannel {
  readonly name: string
  readonly type: ChannelType
  readonly channel: Channel
  /** Which address of a person it needs with these settings. */
  readonly address: AddressKind
  /**
   * Where it is its own address, this stands for it: other settings are another address. No secrets. Given by `openChannels` for
   * each channel with `address: 'none'`.
   */
  readonly place?: string
  /** From the configuration, where it narrows the type's own. */
  readonly limits: ChannelLimits
}
