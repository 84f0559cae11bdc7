import type { AlertKind, AlertState } from './alert.ts'
import type { MessageId } from './message.ts'
import type { Similar } from './notification.ts'
import type { Severity } from './severity.ts'

/**
 * A message in pieces, for channels that lay it out themselves: chat, cards, push, webhooks. Every piece is plain text in
 * the reader's language, redacted and neutralised; a channel escapes it for its own markup and adds none from within it.
 */
export interface Card {
  /** The severity in words, or that it is over. */
  readonly badge: string
  /** What, where, how bad, how much: one line, without the severity. */
  readonly heading: string
  /** Sentences, and a body that somebody wrote; may hold line breaks. */
  readonly lines: readonly string[]
  /** What a model, a tool or a provider said; may hold line breaks. */
  readonly quotes: readonly string[]
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  /** The news of a collection, one a line; empty for a single alert. */
  readonly items: readonly { readonly time: string; readonly title: string }[]
  /** What was left out of the items: “and 12 more”. */
  readonly moreItems?: string
  /** For channels that have to cut more, in the reader's language: stands behind the text, `{}` in it for how much. */
  readonly cutNote?: string
  /** What this reader has to know about the message itself: parts left out, possibly repeated. */
  readonly notes: readonly string[]
  /** Links of our own or from the configuration, the most useful first; the only ones that may be live. */
  readonly links: readonly CardLink[]
  /** Why this reader gets it, and the name by which it can be asked about. */
  readonly why?: string
  /** The same for machines. */
  readonly about: About
}

export interface CardLink {
  readonly word: string
  /** Of a link by which its reader acts: for channels whose buttons tell us by themselves. */
  readonly act?: { readonly action: 'acknowledge' | 'snooze'; readonly token: string }
  /** `https`, or `http` where the installation itself has no other. */
  readonly url: string
}

/** What a message is about, in the words of the model: for webhooks and for providers that keep incidents. */
export interface About {
  readonly project: string
  readonly alerts: readonly AboutAlert[]
  /** Alerts beyond those listed, those for which a listed one stands among them. */
  readonly moreAlerts: number
}

/** One alert without what this reader may not see. */
export interface AboutAlert {
  /** As people and commands name it, such as `alt_51`. */
  readonly name: string
  readonly rule: string
  readonly kind: AlertKind
  readonly severity: Severity
  readonly state: AlertState
  readonly message: MessageId
  /** How many findings are in it. */
  readonly count: number
  /** Milliseconds since 1970. */
  readonly openedAtMs: number
  readonly updatedAtMs: number
  readonly resolvedAtMs?: number
  readonly sessionId?: string
  readonly agent?: string
  readonly environment?: string
  /** In a collection: for how many alerts it stands that say the same of different things, itself among them. The others are counted in `moreAlerts`. */
  readonly similar?: Similar
  /** Parameters of the message; amounts ending in `Usd` are dollars, times milliseconds since 1970. */
  readonly params: Readonly<Record<string, string | number>>
}
