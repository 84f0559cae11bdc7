import type { Severity } from './severity.ts'

export const eventTypes = [
  'session.start',
  'session.end',
  'llm.call',
  'llm.pending',
  'llm.usage',
  'tool.call',
  'agent.step',
  'approval.request',
  'custom',
] as const

/**
 * `llm.usage` is what calls to one model used over a time, added up by whoever tells it: its money and tokens count, how many calls they
 * were nobody knows. Where calls of its session are on record it tells the same again and adds nothing.
 *
 * `tocsin.*` events are the product's own: a channel paused, an address bad, events dropped.
 */
export type EventType = (typeof eventTypes)[number] | `tocsin.${string}`

/** Why a call failed, the same words for every provider. */
export const errorClasses = [
  'auth',
  'rate-limit',
  'quota',
  'context-length',
  'content-filter',
  'invalid-request',
  'timeout',
  'server',
  'network',
  'cancelled',
  'other',
] as const
export type ErrorClass = (typeof errorClasses)[number]

/** Which door an event came through; two sources may see the same call, one source never sees it twice. */
export type EventSource = 'client' | 'observe' | 'ai-sdk' | 'agents-sdk' | 'otel' | 'native' | 'engine'

export type EndState = 'success' | 'fail' | 'indeterminate'

/** Where a call's cost comes from. `unknown` has no amount and is never counted as 0. */
export type CostSource = 'reported' | 'priced' | 'unknown'

export interface EventError {
  readonly class: ErrorClass
  /** What the provider or the runtime said; content, so redacted and shown by permission. At most 2,000 characters. */
  readonly message: string
  /** HTTP status, where there was one. */
  readonly statusCode?: number
  /** The provider's own code, such as `insufficient_quota`. */
  readonly code?: string
}

/** What is wrong with an answer whatever it says: a refusal that its provider marked, JSON that cannot be read, the same words over and over. */
export const answerFlaws = ['refusal', 'malformed-tool-call', 'malformed-json', 'repetition'] as const
export type AnswerFlaw = (typeof answerFlaws)[number]

export interface LlmCall {
  /** Lower case, such as `openai`, `anthropic`, `azure`, `google`. */
  readonly provider: string
  /** The model that answered, else the one asked for. */
  readonly model: string
  /** The model asked for, where another name answered. */
  readonly requestedModel?: string
  readonly operation: 'chat' | 'completion' | 'embeddings' | 'other'
  /** All input tokens, cached ones included. */
  readonly inputTokens?: number
  /** All output tokens, reasoning included. */
  readonly outputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly reasoningTokens?: number
  readonly responseId?: string
  /** `stop`, `length`, `tool-calls`, `content-filter`, or the provider's own word. */
  readonly finishReason?: string
  /** Characters of the answer's text and of the arguments of the tools it asked for; 0: it is empty. Absent: not seen. */
  readonly answerChars?: number
  readonly flaw?: AnswerFlaw
  readonly streamed?: boolean
  readonly timeToFirstTokenMs?: number
  /** How often the client library tried again by itself before this outcome. */
  readonly retries?: number
  /** Whole nano-dollars; absent where `costSource` is `unknown`. */
  readonly costNanoUsd?: number
  readonly costSource?: CostSource
}

/**
 * A call that has not come back yet is told as `llm.pending`, with `durationMs` so far; both it and the call, when it comes back at
 * last, hold the same text under this name in `detail`.
 */
export const pendingDetail = 'pending'

export interface ToolCall {
  readonly name: string
  readonly callId?: string
  /** Hash of the arguments: the same arguments give the same value, and nothing can be read back from it. */
  readonly argumentsHash?: string
}

/** A message that somebody asked for by hand: `client.notify`, `NotificationManager.send`, `tocsin send`. */
export interface Announcement {
  readonly title: string
  readonly body?: string
  readonly severity: Severity
  /** People, `role:NAME`, `team:NAME` or `rotation:NAME`. Absent: the routes decide. */
  readonly to?: readonly string[]
  /** One address on one channel, past the routes: `sendEmail`, `sendSms`. */
  readonly direct?: { readonly channel: string; readonly address: string }
  /**
   * What it is about, where that lasts: one alert is open for each, and further announcements about it are counted in. At most 200 characters.
   * Absent: it is news, over as it is told.
   */
  readonly about?: string
  /** What it is about is over: whoever was told of it is told so. Without `about` it says nothing. */
  readonly over?: true
}

/**
 * What a source hands over. Everything that is not known is absent. `detail` holds flat facts for the record, such as
 * a session's configuration and environment.
 */
export interface EventInput {
  readonly type: EventType
  readonly source: EventSource
  /** Unlike any other in (project, atMs); the same when it is sent again. Absent: one is made. */
  readonly id?: string
  /** End of what is reported, in milliseconds since 1970. An id needs it. Absent: now. */
  readonly atMs?: number
  readonly durationMs?: number
  readonly sessionId?: string
  /** The session's or operation's own name, such as `answer-ticket`. */
  readonly name?: string
  readonly agent?: string
  readonly user?: string
  readonly environment?: string
  readonly tags?: Readonly<Record<string, string>>
  /** How many agents, operations and tools it was inside of when it ran, itself counted. Absent: not known. */
  readonly depth?: number
  readonly status?: 'ok' | 'error'
  readonly error?: EventError
  readonly llm?: LlmCall
  readonly tool?: ToolCall
  readonly endState?: EndState
  readonly endReason?: string
  /** A piece of content that helps a reader, at most 2,000 characters; redacted and shown by permission. */
  readonly excerpt?: string
  readonly detail?: Readonly<Record<string, string>>
  readonly announcement?: Announcement
}

/** Whether losing this event may lose an alert: something failed, ended, waits for a person or was said on purpose. */
export function isWeighty(event: EventInput): boolean {
  if (event.status === 'error') return true
  switch (event.type) {
    case 'session.end':
    case 'approval.request':
      return true
    case 'custom':
      // What is for one address was asked for by name, whatever its severity.
      return event.announcement !== undefined && (event.announcement.severity !== 'info' || event.announcement.direct !== undefined)
    default:
      return event.type.startsWith('tocsin.')
  }
}

/** One thing that happened in an agent, normalised, redacted and priced: what is stored and what rules see. */
export interface Event extends EventInput {
  readonly id: string
  readonly project: string
  readonly atMs: number
  readonly durationMs: number
  readonly tags: Readonly<Record<string, string>>
  readonly status: 'ok' | 'error'
  /** The id of the event by which another source already reported this call: stored, and counted no second time. */
  readonly duplicateOf?: string
}

/** A call that cost something nobody knows. One that was refused and used no tokens cost nothing. */
export function isUnpriced({ llm, status }: Event): boolean {
  return llm?.costSource === 'unknown' && (status === 'ok' || llm.inputTokens !== undefined || llm.outputTokens !== undefined)
}

/** Bounds on what one event may hold; what is longer is cut, what is more is left out, and `tocsin.cut` says so in its tags. */
export const eventBounds = {
  idCharsMax: 200,
  nameCharsMax: 200,
  textCharsMax: 2_000,
  tagsMax: 32,
  tagCharsMax: 200,
  detailMax: 64,
  costNanoUsdMax: 1_000_000 * 1_000_000_000,
  tokensMax: 1_000_000_000,
  depthMax: 1_000_000,
  futureMs: 5 * 60_000,
} as const
