/** How the provider answers one request. Text, tokens and tool calls have defaults, so `{ kind: 'ok' }` is enough. */
export type Reply =
  | ({ readonly kind: 'ok' } & Content)
  /** Answers 200 with no text at all. */
  | { readonly kind: 'empty' }
  /** Answers after `afterMs` milliseconds. */
  | ({ readonly kind: 'slow'; readonly afterMs: number } & Content)
  /** A stream that ends after `pieces` pieces without saying that it is complete; `reset` also breaks the connection. */
  | ({ readonly kind: 'cut-off'; readonly pieces: number; readonly reset?: boolean } & Content)
  /** 401, with the key that was sent echoed in the text, as OpenAI does. */
  | { readonly kind: 'unauthorized' }
  /** 429, gone after a while. */
  | { readonly kind: 'rate-limited'; readonly retryAfterMs?: number }
  /** 429, the account is empty. `echo` is put into the text, such as a key. */
  | { readonly kind: 'quota'; readonly echo?: string }
  | { readonly kind: 'context-length' }
  | { readonly kind: 'content-filter' }
  /** Any 5xx; 500 if none is given. */
  | { readonly kind: 'server-error'; readonly statusCode?: number }
  /** The connection is closed without an answer. */
  | { readonly kind: 'reset' }

/** What an answer holds. */
export interface Content {
  readonly text?: string
  /** Arguments as a text are what the model wrote, whether it is JSON or not. */
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> | string }[]
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cachedTokens?: number
  readonly reasoningTokens?: number
  /** Model named in the answer. Default: the one asked for. */
  readonly model?: string
  readonly finishReason?: string
  /** Milliseconds between the pieces of a stream. @default 0, all at once */
  readonly pauseMs?: number
}

/** One request as the provider received it. */
export interface ProviderRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The body as JSON says it; `undefined` for no JSON. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** What goes over the wire. */
export type WireAnswer =
  | { readonly statusCode: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | { readonly statusCode: number; readonly headers: Readonly<Record<string, string>>; readonly pieces: readonly string[]; readonly pauseMs: number; readonly reset?: boolean }

/** Content with its defaults filled in. */
export interface FullContent extends Required<Omit<Content, 'finishReason'>> {
  readonly finishReason: 'stop' | 'length' | 'tool-calls' | 'content-filter'
}

/** An error in words that both wire formats then put into their own. */
export interface WireError {
  readonly statusCode: number
  readonly openAi: { readonly type: string; readonly code: string | null }
  readonly anthropic: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The arguments of a tool call as they go over the wire. */
export function argumentsText({ arguments: given }: { readonly arguments: Readonly<Record<string, unknown>> | string }): string {
  return typeof given === 'string' ? given : JSON.stringify(given)
}

/** One server-sent event. */
export function sse(data: unknown, event?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`
}

/** The words of a text with their spaces, as a stream would send them. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/\S+\s*/g) ?? []
}
