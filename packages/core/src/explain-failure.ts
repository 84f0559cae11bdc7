import { en } from './locales/en.ts'
import { sayPlain } from './locales/plain.ts'
import type { Phrase, Values } from './locales/phrase.ts'
import type { Catalogue } from './locales/shape.ts'
import { zhCN } from './locales/zh-CN.ts'
import { eventTypes, type ErrorClass, type EventInput } from './model/event.ts'
import type { FailureEnd } from './model/failure-end.ts'
import type { MessageParams } from './model/message.ts'
import { causeEvidence, causeOf, causeParams, type FailureCause } from './rules/failure-cause.ts'
import type { Step } from './rules/walk/step.ts'
import { takeStep } from './rules/walk/take-step.ts'
import { newWalk } from './rules/walk/walk.ts'

/** An event of a session as `explainFailure` takes it: the type, and what is known. */
export type SessionEvent = Pick<EventInput, 'type'> & Partial<Omit<EventInput, 'type' | 'source' | 'announcement'>>

/** Why a session failed. */
export interface FailureExplanation {
  /** The first failing step that was not made good; absent where no call failed. */
  readonly cause?: {
    /** Of the event; `#` and its place in the list where it has none. */
    readonly eventId: string
    readonly type: EventInput['type']
    /** Model, tool or operation. */
    readonly name: string
    readonly provider?: string
    readonly statusCode?: number
    /** As it was given, at most 160 characters. */
    readonly message: string
    /** Which call of the session it was, from 1. */
    readonly step: number
    readonly atMs: number
  }
  /** Class of the cause's error; where no call failed, how it ended: in a `loop`, with an answer that was `cut`, … */
  readonly class: ErrorClass | FailureEnd
  /** Steps that failed after the cause, and whose they were. */
  readonly spread: FailureCause['spread']
  /** What came more than once: failures of the cause, equal tool calls in a row, two calls in turn, agents in turn, equal errors. */
  readonly repeated: FailureCause['repeated']
  /** Failing calls that succeeded later, and are no cause. */
  readonly recovered: number
  /** One sentence, or a few, for a reader of the language asked for. */
  readonly sentence: string
  /** Numbers and ids that show it. */
  readonly evidence: Readonly<Record<string, string | number>>
}

/**
 * Why a session that ended badly did: the first failing step on the failing path, what kind of failure it was, how far it
 * spread, and what was repeated. A failure after which the same call succeeded is no cause. The same analysis that
 * `session-failed` tells; it depends on nothing but the events. Takes linear time.
 *
 * @param events of one session, in any order: one without `atMs` comes right after the one before it. What is no event is passed over
 * @param options `locale`: a BCP 47 tag, answered in the nearest language there is. @default 'en'
 *
 * @example
 * explainFailure([
 *   { type: 'tool.call', tool: { name: 'crm' }, error: { class: 'server', message: 'down', statusCode: 502 } },
 *   { type: 'session.end', endState: 'fail', endReason: 'down' },
 * ]).sentence // 'Stopped at step 1: tool crm failed, server error (502).'
 */
export function explainFailure(events: readonly SessionEvent[], options: { readonly locale?: string } = {}): FailureExplanation {
  const walk = newWalk()
  let calls = 0
  let reason: string | undefined
  for (const { step, endReason } of inOrder(events)) {
    if (step.type === 'llm.call' || step.type === 'tool.call') calls += 1
    takeStep(walk, step, calls)
    if (step.type === 'session.end') reason = endReason
  }
  const found = causeOf(walk, reason)
  const { cause, class: of, spread, repeated, recovered } = found
  return {
    ...(cause !== undefined && { cause: causeFound(cause) }),
    class: of,
    spread,
    repeated,
    recovered,
    sentence: sentenceOf(causeParams(found, walk), wordsFor(options.locale ?? 'en')),
    evidence: causeEvidence(found),
  }
}

function causeFound({ eventId, type, name, provider, statusCode, message, step, atMs }: NonNullable<FailureCause['cause']>): NonNullable<FailureExplanation['cause']> {
  return { eventId, type, name, ...(provider !== undefined && { provider }), ...(statusCode !== undefined && { statusCode }), message, step, atMs }
}

/** Filled with what every step has, the earliest first; events of the same time stay in their order. */
function inOrder(events: readonly SessionEvent[]): readonly { readonly step: Step; readonly endReason: string | undefined }[] {
  let lastMs = 0
  const steps = events.flatMap((event, index) => {
    // Callers without types hand over what they have.
    if (typeof event !== 'object' || event === null || !isEventType(event.type)) return []
    const atMs = event.atMs ?? lastMs + 1
    lastMs = atMs
    const status = event.status ?? (event.error === undefined && event.endState !== 'fail' ? 'ok' : 'error')
    return [{ step: { ...event, id: event.id ?? `#${index}`, atMs, durationMs: event.durationMs ?? 0, status }, endReason: event.endReason }]
  })
  return steps.toSorted((one, other) => one.step.atMs - other.step.atMs)
}

function isEventType(type: string): boolean {
  return eventTypes.some((known) => known === type)
}

/** By the first part of a language tag; others are answered in English. */
const languages: Readonly<Record<string, Catalogue>> = { en, zh: zhCN }

function wordsFor(locale: string): Catalogue {
  const language = locale.split(/[-_]/, 1)[0]?.toLowerCase() ?? ''
  return (Object.hasOwn(languages, language) ? languages[language] : undefined) ?? en
}

/** The sentences of `session.failed` about its cause, in the words of the messages. */
function sentenceOf(params: MessageParams, words: Catalogue): string {
  const kind = params.causeKind
  const derived: Readonly<Record<string, () => string | undefined>> = {
    causeTool: () => (kind === 'tool.call' ? given('causeName') : undefined),
    causeOperation: () => (kind === 'agent.step' ? given('causeName') : undefined),
    causeModel: () => (kind === 'llm.call' ? given('causeName') : undefined),
    call: () => say(words.frames.call),
    failed: () => (params.causeClass === undefined ? undefined : say(entry(words.failures, params.causeClass) ?? words.failures.other)),
    failure: () => say(words.frames.failure),
    ended: () => say(entry(words.endings, params.endedHow) ?? words.endings.own),
  }
  // Asked by any name of the catalogue; a parameter that is not there is missing.
  const given = (name: string): string | undefined => {
    const value = (params as Readonly<Record<string, string | number | undefined>>)[name]
    return value === undefined ? undefined : String(value)
  }
  const values: Values = (name) => (Object.hasOwn(derived, name) ? derived[name]?.() : given(name))
  const say = (phrase: Phrase): string | undefined => sayPlain(phrase, values)
  const [sentences = []] = words.messages['session.failed'].lines
  return sentences.flatMap((phrase) => say(phrase) ?? []).join(words.punctuation.sentenceGap)
}

function entry(table: Readonly<Record<string, Phrase>>, name: string | number | undefined): Phrase | undefined {
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined
}
