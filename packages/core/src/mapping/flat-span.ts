import type { EndState, LlmCall } from '../model/event.ts'

/** A span of any origin, with plain values: what `otlp-json.ts` and the span processor make, and what is mapped. */
export interface FlatSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  /** As in the W3C header `tracestate`; at most 512 characters. */
  readonly traceState?: string
  readonly name: string
  /** Milliseconds since 1970, with fractions. */
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly status: 'unset' | 'ok' | 'error'
  readonly statusMessage?: string
  readonly events: readonly { readonly name: string; readonly atMs?: number; readonly attributes: Attributes }[]
  /** Attributes of the resource, such as `service.name`. */
  readonly resource: Attributes
  /** Name of the instrumentation that made the span. */
  readonly scope?: string
}

/** Attributes as telemetry gives them; each reader checks the type of what it reads. */
export type Attributes = Readonly<Record<string, unknown>>

/** What a span is about. Only `model` is counted as a call and has a cost; what stands above it repeats its usage. */
export type SpanKind = 'model' | 'tool' | 'agent' | 'workflow' | 'step'

/** What one dialect says about a span; what it does not say is absent, and another dialect may say it. */
export interface SpanReading {
  readonly kind?: SpanKind
  readonly operation?: LlmCall['operation']
  readonly provider?: string
  readonly requestModel?: string
  readonly responseModel?: string
  readonly responseId?: string
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly reasoningTokens?: number
  readonly costUsd?: number
  readonly finishReason?: string
  readonly streamed?: boolean
  readonly timeToFirstTokenMs?: number
  readonly agent?: string
  readonly sessionId?: string
  readonly user?: string
  readonly tool?: string
  readonly toolCallId?: string
  /** Arguments as they were given, to be hashed. */
  readonly toolArguments?: unknown
  /** Words for why it failed, most telling first. */
  readonly errorWords?: readonly string[]
  readonly errorMessage?: string
  readonly failed?: boolean
  readonly endState?: EndState
  readonly tags?: Readonly<Record<string, string>>
}

/** For whoever makes it, field by field. */
export type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** Reads the names of one dialect. Names that it shares with another are read by the one that owns them. */
export type Dialect = (attributes: Attributes, span: FlatSpan) => SpanReading
