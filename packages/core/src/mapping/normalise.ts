import type { Chance } from '../model/chance.ts'
import type { Clock } from '../model/clock.ts'
import { answerFlaws, errorClasses, eventBounds, eventTypes } from '../model/event.ts'
import type { Announcement, EndState, Event, EventError, EventInput, EventSource, EventType, LlmCall, ToolCall } from '../model/event.ts'
import type { Redact } from '../model/redact.ts'
import { severities } from '../model/severity.ts'
import type { Price } from '../rules/pricing.ts'
import { argumentsHash } from './arguments-hash.ts'
import { finishReason } from './finish-reason.ts'
import { FieldReader, cutText, oneOf, wholeNumber } from './normalise-fields.ts'

export interface NormaliseOptions {
  readonly project: string
  /** For events that name none. */
  readonly environment?: string
  /** Destroys secrets; runs over every text. */
  readonly redact: Redact
  /** Destroys secrets and personal data; runs over content. */
  readonly redactContent: Redact
  readonly price: Price
  /** Older events are refused: what would show that they were sent before may be gone. Milliseconds. */
  readonly keptMs: number
  readonly clock: Clock
  readonly chance: Chance
  /**
   * Who hands the events over. `product`: the engine itself, which may speak of itself. `outside`: everybody else; where they
   * claim to be the engine they are not believed, beyond events that a client had to drop before it could hand them over.
   * @default 'product'
   */
  readonly from?: 'product' | 'outside'
}

/** One event as it is stored, or why it is not. */
export type Normalised = { readonly event: Event } | Refusal

export interface Refusal {
  readonly refused: 'event-invalid' | 'too-old' | 'id-reused'
  /** A sentence for whoever sent it; holds nothing of the event's content. */
  readonly why: string
}

export type Normalise = (input: EventInput) => Normalised

/** Further ahead no clock is that anybody could rely on. */
const aheadMaxMs = 86_400_000

const durationMaxMs = 400 * 86_400_000

/**
 * The door: what a source hands over becomes an Event within its bounds, without secrets, with its price. Inputs come
 * from other threads and over the network, so no field is trusted to have the shape of its type; what does not have it
 * is left out, and only what makes the event meaningless is refused. Never throws.
 */
export function createNormaliser(options: NormaliseOptions): Normalise {
  const read = new FieldReader(options.redact, options.redactContent)
  return (input) => {
    try {
      read.cut = []
      return normalise(input, options, read)
    } catch (unreadable) {
      // A getter or a proxy that throws; nothing of its text is repeated, for it is not redacted.
      return refuse(`the event cannot be read (${unreadable instanceof Error ? unreadable.name : typeof unreadable})`)
    }
  }
}

/** The names of a type, with nothing known of the values. */
type UnknownFields<T> = { readonly [Name in keyof T]?: unknown }

function normalise(input: UnknownFields<EventInput>, options: NormaliseOptions, read: FieldReader): Normalised {
  if (typeof input !== 'object' || input === null) return refuse(`expected an event, found ${input === null ? 'null' : typeof input}`)
  const type = eventTypeOf(input.type)
  if (type === undefined) return refuse(`expected a type such as ${eventTypes.join(', ')}, found ${shown(input.type)}`)
  const nowMs = options.clock.nowMs()
  const when = timeOf(input, nowMs, options.keptMs)
  if ('refused' in when) return when
  if (when.isAhead) read.cut.push('atMs')
  const sessionId = read.name(input.sessionId, 'sessionId')
  if ((type === 'session.start' || type === 'session.end') && sessionId === undefined) return refuse(`expected a sessionId with ${type}, found none`)
  const isOfModel = type === 'llm.call' || type === 'llm.pending' || type === 'llm.usage'
  const llm = isOfModel ? llmOf(input.llm, read) : undefined
  if (isOfModel && llm === undefined) return refuse(`expected llm: { provider, model, … } with ${type}, found none`)
  const tool = toolOf(input.tool, read)
  if (type === 'tool.call' && tool === undefined) return refuse('expected tool: { name, … } with tool.call, found none')
  const announcement = input.announcement === undefined ? undefined : announcementOf(input.announcement, read)
  if (announcement !== undefined && 'refused' in announcement) return announcement
  const error = errorOf(input.error, read)
  const endReason = read.content(input.endReason, 'endReason')
  const endState = oneOf<EndState>(input.endState, ['success', 'fail', 'indeterminate']) ?? (type === 'session.end' ? 'indeterminate' : undefined)
  const environment = read.name(input.environment, 'environment') ?? options.environment
  const name = read.name(input.name, 'name')
  const agent = read.name(input.agent, 'agent')
  const user = read.asGiven(input.user, 'user')
  const excerpt = read.content(input.excerpt, 'excerpt')
  const depth = wholeNumber(input.depth, eventBounds.depthMax)
  const tags = read.facts(input.tags, 'tags', { entriesMax: eventBounds.tagsMax, charsMax: eventBounds.tagCharsMax }) ?? {}
  const detail = read.facts(input.detail, 'detail', { entriesMax: eventBounds.detailMax, charsMax: eventBounds.textCharsMax })
  if (read.cut.length > 0) tags['tocsin.cut'] = cutText([...new Set(read.cut)].join(' '), eventBounds.tagCharsMax)
  // Field by field: on this path, where every event passes, a spread for each field that may be absent takes six times as long.
  const event: Mutable<Event> = {
    type,
    source: sourceOf(input.source, type, options.from),
    id: typeof input.id === 'string' ? read.id(input.id) : options.chance.id(),
    project: options.project,
    atMs: when.atMs,
    durationMs: wholeNumber(input.durationMs, durationMaxMs) ?? 0,
    tags,
    status: input.status === 'error' || error !== undefined ? 'error' : 'ok',
  }
  if (sessionId !== undefined) event.sessionId = sessionId
  if (name !== undefined) event.name = name
  if (agent !== undefined) event.agent = agent
  if (user !== undefined) event.user = user
  if (environment !== undefined) event.environment = environment
  if (depth !== undefined) event.depth = depth
  if (error !== undefined) event.error = error
  // What has not come back has cost nothing yet.
  if (llm !== undefined) event.llm = type === 'llm.pending' ? llm : { ...llm, ...options.price(llm, Math.min(when.atMs, nowMs)) }
  if (tool !== undefined) event.tool = tool
  if (endState !== undefined) event.endState = endState
  if (endReason !== undefined) event.endReason = endReason
  if (excerpt !== undefined) event.excerpt = excerpt
  if (detail !== undefined) event.detail = detail
  if (announcement !== undefined) event.announcement = announcement
  return { event }
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** Of an event from before what is kept nobody can tell whether it was there already. */
export function tooOld(atMs: number, sinceMs: number): Refusal {
  return refuse(`expected an event that is not older than what is kept, since ${new Date(sinceMs).toISOString()}, found one of ${timeText(atMs)}`, 'too-old')
}

function timeText(atMs: number): string {
  return atMs < 0 ? `${atMs} ms before 1970` : new Date(atMs).toISOString()
}

function refuse(why: string, refused: Refusal['refused'] = 'event-invalid'): Refusal {
  return { refused, why }
}

/** A word of ours or at most 40 letters of theirs; anything that could hold more is only named by its type. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[\w.:-]{1,40}$/.test(value) ? `"${value}"` : typeof value
}

function eventTypeOf(value: unknown): EventType | undefined {
  if (typeof value !== 'string') return undefined
  const known = oneOf(value, eventTypes)
  if (known !== undefined) return known
  return isOwnType(value) ? value : undefined
}

function isOwnType(value: string): value is `tocsin.${string}` {
  return /^tocsin\.[a-z-]{1,60}$/.test(value)
}

/**
 * Identity is (project, atMs, id): an id without a time would be another event each time it is sent again, and so would
 * one whose time we set. A time that runs ahead is therefore kept; whoever counts by time counts it as now.
 */
function timeOf(input: UnknownFields<EventInput>, nowMs: number, keptMs: number): { readonly atMs: number; readonly isAhead: boolean } | Refusal {
  if (input.id !== undefined) {
    if (typeof input.id !== 'string' || input.id === '' || input.id.length > eventBounds.idCharsMax) {
      return refuse(`expected an id of 1 to ${eventBounds.idCharsMax} characters, found ${typeof input.id === 'string' ? `${input.id.length} characters` : typeof input.id}`)
    }
    // Two of them would be stored as the same text.
    if (!input.id.isWellFormed()) return refuse('expected an id of whole characters, found half of one (a lone surrogate)')
    if (wholeNumber(input.atMs, Number.MAX_SAFE_INTEGER) === undefined) {
      return refuse('expected atMs (milliseconds since 1970) beside id: an event is the same when project, atMs and id are the same, so it can be sent again without counting twice')
    }
  }
  const atMs = wholeNumber(input.atMs, Number.MAX_SAFE_INTEGER) ?? nowMs
  if (atMs < nowMs - keptMs) return tooOld(atMs, nowMs - keptMs)
  if (atMs > nowMs + aheadMaxMs) return refuse(`expected atMs in milliseconds since 1970 and of now, found one more than ${aheadMaxMs / 3_600_000} h in the future`)
  return { atMs, isAhead: atMs > nowMs + eventBounds.futureMs }
}

const sources: readonly EventSource[] = ['client', 'observe', 'ai-sdk', 'agents-sdk', 'otel', 'native', 'engine']

/** What a client says in the engine's place, because nobody else knows it. */
const saidByClients: readonly string[] = ['tocsin.events-dropped']

function sourceOf(value: unknown, type: EventType, from: NormaliseOptions['from']): EventSource {
  const source = oneOf(value, sources) ?? 'native'
  return source === 'engine' && from === 'outside' && !saidByClients.includes(type) ? 'native' : source
}

function errorOf(value: unknown, read: FieldReader): EventError | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const given: UnknownFields<EventError> = value
  const statusCode = wholeNumber(given.statusCode, 999)
  const code = read.name(given.code, 'error.code')
  return {
    class: oneOf(given.class, errorClasses) ?? 'other',
    message: read.content(given.message, 'error.message') ?? '',
    ...(statusCode !== undefined && { statusCode }),
    ...(code !== undefined && { code }),
  }
}

const operations: readonly LlmCall['operation'][] = ['chat', 'completion', 'embeddings', 'other']

function llmOf(value: unknown, read: FieldReader): LlmCall | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const given: UnknownFields<LlmCall> = value
  const inputTokens = tokens(given.inputTokens)
  const outputTokens = tokens(given.outputTokens)
  const cacheReadTokens = tokens(given.cacheReadTokens)
  const cacheWriteTokens = tokens(given.cacheWriteTokens)
  const reasoningTokens = tokens(given.reasoningTokens)
  const responseId = read.name(given.responseId, 'llm.responseId')
  // Senders of their own may hand on the provider's word.
  const endedBy = finishReason(read.name(given.finishReason, 'llm.finishReason'))
  const timeToFirstTokenMs = wholeNumber(given.timeToFirstTokenMs, durationMaxMs)
  const retries = wholeNumber(given.retries, 1_000)
  // Only a source may say a cost; where a price is not known, the amount of a re-read event is not taken for reported.
  const costNanoUsd = given.costSource === 'unknown' ? undefined : wholeNumber(given.costNanoUsd, eventBounds.costNanoUsdMax)
  // Negative, not a number, endless: no amount that anybody could have paid. Said, and the call is priced by its tokens.
  if (costNanoUsd === undefined && given.costSource !== 'unknown' && given.costNanoUsd !== undefined && given.costNanoUsd !== null) read.cut.push('llm.costNanoUsd')
  const llm: Mutable<LlmCall> = {
    provider: read.name(given.provider, 'llm.provider')?.trim().toLowerCase() ?? 'unknown',
    model: read.name(given.model, 'llm.model')?.trim() ?? 'unknown',
    operation: oneOf(given.operation, operations) ?? 'other',
  }
  if (inputTokens !== undefined) llm.inputTokens = inputTokens
  if (outputTokens !== undefined) llm.outputTokens = outputTokens
  if (cacheReadTokens !== undefined) llm.cacheReadTokens = cacheReadTokens
  if (cacheWriteTokens !== undefined) llm.cacheWriteTokens = cacheWriteTokens
  if (reasoningTokens !== undefined) llm.reasoningTokens = reasoningTokens
  if (responseId !== undefined) llm.responseId = responseId
  if (endedBy !== undefined) llm.finishReason = endedBy
  const requestedModel = read.name(given.requestedModel, 'llm.requestedModel')?.trim()
  const answerChars = wholeNumber(given.answerChars, eventBounds.tokensMax)
  const flaw = oneOf(given.flaw, answerFlaws)
  if (requestedModel !== undefined && requestedModel !== llm.model) llm.requestedModel = requestedModel
  if (answerChars !== undefined) llm.answerChars = answerChars
  if (flaw !== undefined) llm.flaw = flaw
  if (given.streamed === true) llm.streamed = true
  if (timeToFirstTokenMs !== undefined) llm.timeToFirstTokenMs = timeToFirstTokenMs
  if (retries !== undefined) llm.retries = retries
  if (costNanoUsd !== undefined) llm.costNanoUsd = costNanoUsd
  return llm
}

function tokens(value: unknown): number | undefined {
  return wholeNumber(value, eventBounds.tokensMax)
}

function toolOf(value: unknown, read: FieldReader): ToolCall | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const given: UnknownFields<ToolCall> = value
  const name = read.name(given.name, 'tool.name')
  if (name === undefined) return undefined
  const callId = read.name(given.callId, 'tool.callId')
  const hashed = hashOf(given.argumentsHash)
  return { name, ...(callId !== undefined && { callId }), ...(hashed !== undefined && { argumentsHash: hashed }) }
}

/** Whoever gives something else than a hash may have given the arguments themselves. */
function hashOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return /^[0-9a-f]{8,64}$/.test(value) ? value : argumentsHash(value)
}

/** A message somebody wrote is not a log line: it may be as long as a mail. */
const bodyCharsMax = 20_000

const recipientsMax = 100

function announcementOf(value: unknown, read: FieldReader): Announcement | Refusal {
  const given: UnknownFields<Announcement> = typeof value === 'object' && value !== null ? value : {}
  const title = read.content(given.title, 'announcement.title')
  if (title === undefined) return refuse('expected announcement: { title, severity, … } with a title, found none')
  // Left as it was misspelt it would be told as something that can wait.
  const severity = given.severity === undefined || given.severity === null ? 'info' : oneOf(given.severity, severities)
  if (severity === undefined) return refuse(`expected announcement.severity: one of ${severities.join(', ')}, found ${shown(given.severity)}`)
  const body = bodyOf(given.body, read)
  const to = Array.isArray(given.to) ? namesOf(given.to, read) : undefined
  const direct = given.direct === undefined || given.direct === null ? undefined : directOf(given.direct, read)
  // Left out it would go to everybody whom the routes name.
  const about = read.name(given.about, 'announcement.about')
  if (direct === 'wrong') return refuse('expected announcement.direct: { channel, address } with a name and an e-mail address or an international number such as +8613800000000, found something else')
  return {
    title,
    severity,
    ...(body !== undefined && { body }),
    ...(to !== undefined && { to }),
    ...(direct !== undefined && { direct }),
    ...(about !== undefined && { about, ...(given.over === true && { over: true }) }),
  }
}

/** What is cut says so to its reader, and how much is missing: somebody wrote it to be read to the end. */
function bodyOf(given: unknown, read: FieldReader): string | undefined {
  const body = read.content(given, 'announcement.body', bodyCharsMax)
  if (body === undefined || typeof given !== 'string' || !read.cut.includes('announcement.body')) return body
  const kept = cutText(body, bodyCharsMax - markCharsMax).trimEnd()
  return `${kept}… [+${given.length - kept.length}]`
}

const markCharsMax = 20

/** Who is meant. A name that is too long is cut and stays: it says that somebody was meant. */
function namesOf(given: readonly unknown[], read: FieldReader): readonly string[] {
  if (given.length > recipientsMax) read.cut.push('announcement.to')
  return given.slice(0, recipientsMax).flatMap((name) => read.name(name, 'announcement.to') ?? [])
}

const emailCharsMax = 254
const email = /^[^\s@<>"',;:()[\]\\]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u
const phone = /^\+[1-9]\d{6,14}$/

/** The address is kept as given, for it says who is meant; so it must be one. Empty where the channel itself is the address. */
function directOf(value: unknown, read: FieldReader): NonNullable<Announcement['direct']> | 'wrong' {
  if (typeof value !== 'object' || value === null) return 'wrong'
  const given: UnknownFields<NonNullable<Announcement['direct']>> = value
  const channel = read.name(given.channel, 'announcement.direct.channel')
  const { address } = given
  if (channel === undefined || typeof address !== 'string') return 'wrong'
  const isEmail = address.length <= emailCharsMax && email.test(address) && !read.holdsSecret(address)
  return address === '' || isEmail || phone.test(address) ? { channel, address } : 'wrong'
}
