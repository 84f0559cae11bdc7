import type { EventInput, LlmCall, ToolCall } from './model/event.ts'

/**
 * Events on their way to the engine's thread, in a form that costs the agent's thread little: a clone of the objects takes
 * three times as long, most of it for names of fields and for texts that are those of the event before.
 */
export interface PackedEvents {
  readonly count: number
  /** Events without an id of their own get this, a colon, and their number in base 36; `first` is the number of the first. */
  readonly prefix: string
  readonly first: number
  /** Texts and tags, each once for as long as it stays the same from event to event. */
  readonly texts: readonly unknown[]
  /** For each event the places of its texts, and its numbers. */
  readonly slots: Float64Array<ArrayBuffer>
  /** What few events have, as it is. */
  readonly more: readonly Rare[]
}

type Rare = Pick<EventInput, 'error' | 'endState' | 'endReason' | 'excerpt' | 'detail' | 'announcement'>

/**
 * Packs events; `unpackEvents` gives equal ones back. A number that is none is left out, as the door would do.
 *
 * @param prefix unlike any other, so that ids made of it are too
 * @param first number of the first of these events
 */
export function packEvents(events: readonly EventInput[], prefix: string, first: number): PackedEvents {
  const packer = new Packer(events.length)
  for (const event of events) packer.add(event)
  return { count: events.length, prefix, first, texts: packer.texts, slots: packer.slots, more: packer.more }
}

/** What was packed, on the other side. */
export function unpackEvents({ count, prefix, first, texts, slots, more }: PackedEvents): readonly EventInput[] {
  const events: EventInput[] = []
  let nextMore = 0
  for (let index = 0; index < count; index += 1) {
    const at = index * slotsAnEvent
    const words = (names: readonly (readonly [string, number])[], into: Record<string, unknown>): Record<string, unknown> => {
      for (const [name, slot] of names) {
        const place = slots[at + slot] ?? absent
        if (place !== absent) into[name] = texts[place]
      }
      return into
    }
    const numbers = (names: readonly (readonly [string, number])[], into: Record<string, unknown>): Record<string, unknown> => {
      for (const [name, slot] of names) {
        const value = slots[at + slot]
        if (value !== undefined && !Number.isNaN(value)) into[name] = value
      }
      return into
    }
    const has = slots[at + slot.flags] ?? 0
    const event = numbers(eventNumbers, words(eventTexts, {}))
    if ((has & hasLlm) !== 0) {
      const llm = numbers(llmNumbers, words(llmTexts, {}))
      if (llm['streamed'] !== undefined) llm['streamed'] = llm['streamed'] === 1
      event['llm'] = llm
    }
    if ((has & hasTool) !== 0) event['tool'] = words(toolTexts, {})
    if ((has & hasMore) !== 0) Object.assign(event, more[nextMore++])
    event['id'] ??= `${prefix}:${(first + index).toString(36)}`
    // Field by field what `packEvents` took from an EventInput.
    events.push(event as unknown as EventInput)
  }
  return events
}

const hasLlm = 1
const hasTool = 2
const hasMore = 4
const absent = -1

/** Texts first: the packer remembers the last one of each. */
const slot = {
  type: 0, source: 1, id: 2, sessionId: 3, name: 4, agent: 5, user: 6, environment: 7, status: 8, tags: 9,
  provider: 10, model: 11, requestedModel: 12, operation: 13, responseId: 14, finishReason: 15, flaw: 16, costSource: 17,
  tool: 18, callId: 19, argumentsHash: 20,
  flags: 21, atMs: 22, durationMs: 23,
  inputTokens: 24, outputTokens: 25, cacheReadTokens: 26, cacheWriteTokens: 27, reasoningTokens: 28, timeToFirstTokenMs: 29, retries: 30, costNanoUsd: 31, streamed: 32, depth: 33, answerChars: 34,
} as const
const textSlots = slot.flags
const slotsAnEvent = 35

type Place = readonly [string, number]
const places = (...names: (keyof typeof slot)[]): readonly Place[] => names.map((name) => [name, slot[name]])
const eventTexts = places('type', 'source', 'id', 'sessionId', 'name', 'agent', 'user', 'environment', 'status', 'tags')
const eventNumbers = places('atMs', 'durationMs', 'depth')
const llmTexts = places('provider', 'model', 'requestedModel', 'operation', 'responseId', 'finishReason', 'flaw', 'costSource')
const llmNumbers = places('inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'reasoningTokens', 'timeToFirstTokenMs', 'retries', 'costNanoUsd', 'streamed', 'answerChars')
const toolTexts: readonly Place[] = [['name', slot.tool], ...places('callId', 'argumentsHash')]

/** Written out field by field: loops over names would take as long as the clone that this replaces. */
class Packer {
  readonly texts: unknown[] = []
  readonly more: Rare[] = []
  readonly slots: Float64Array<ArrayBuffer>
  readonly #last: unknown[] = []
  readonly #lastPlace: number[] = []
  #at = 0

  constructor(count: number) {
    this.slots = new Float64Array(count * slotsAnEvent)
    for (let text = 0; text < textSlots; text += 1) {
      this.#last.push(undefined)
      this.#lastPlace.push(absent)
    }
  }

  add(event: EventInput): void {
    const { slots } = this
    const at = this.#at
    this.#at += slotsAnEvent
    slots[at + slot.type] = this.#place(slot.type, event.type)
    slots[at + slot.source] = this.#place(slot.source, event.source)
    slots[at + slot.id] = this.#place(slot.id, event.id)
    slots[at + slot.sessionId] = this.#place(slot.sessionId, event.sessionId)
    slots[at + slot.name] = this.#place(slot.name, event.name)
    slots[at + slot.agent] = this.#place(slot.agent, event.agent)
    slots[at + slot.user] = this.#place(slot.user, event.user)
    slots[at + slot.environment] = this.#place(slot.environment, event.environment)
    slots[at + slot.status] = this.#place(slot.status, event.status)
    slots[at + slot.tags] = this.#place(slot.tags, event.tags)
    slots[at + slot.atMs] = numberOf(event.atMs)
    slots[at + slot.durationMs] = numberOf(event.durationMs)
    slots[at + slot.depth] = numberOf(event.depth)
    const { llm, tool } = event
    slots[at + slot.flags] = (llm === undefined ? 0 : this.#llm(at, llm)) | (tool === undefined ? 0 : this.#tool(at, tool)) | this.#more(event)
  }

  #llm(at: number, llm: LlmCall): number {
    const { slots } = this
    slots[at + slot.provider] = this.#place(slot.provider, llm.provider)
    slots[at + slot.model] = this.#place(slot.model, llm.model)
    slots[at + slot.requestedModel] = this.#place(slot.requestedModel, llm.requestedModel)
    slots[at + slot.flaw] = this.#place(slot.flaw, llm.flaw)
    slots[at + slot.answerChars] = numberOf(llm.answerChars)
    slots[at + slot.operation] = this.#place(slot.operation, llm.operation)
    slots[at + slot.responseId] = this.#place(slot.responseId, llm.responseId)
    slots[at + slot.finishReason] = this.#place(slot.finishReason, llm.finishReason)
    slots[at + slot.costSource] = this.#place(slot.costSource, llm.costSource)
    slots[at + slot.inputTokens] = numberOf(llm.inputTokens)
    slots[at + slot.outputTokens] = numberOf(llm.outputTokens)
    slots[at + slot.cacheReadTokens] = numberOf(llm.cacheReadTokens)
    slots[at + slot.cacheWriteTokens] = numberOf(llm.cacheWriteTokens)
    slots[at + slot.reasoningTokens] = numberOf(llm.reasoningTokens)
    slots[at + slot.timeToFirstTokenMs] = numberOf(llm.timeToFirstTokenMs)
    slots[at + slot.retries] = numberOf(llm.retries)
    slots[at + slot.costNanoUsd] = numberOf(llm.costNanoUsd)
    slots[at + slot.streamed] = typeof llm.streamed === 'boolean' ? Number(llm.streamed) : Number.NaN
    return hasLlm
  }

  #tool(at: number, tool: ToolCall): number {
    const { slots } = this
    slots[at + slot.tool] = this.#place(slot.tool, tool.name)
    slots[at + slot.callId] = this.#place(slot.callId, tool.callId)
    slots[at + slot.argumentsHash] = this.#place(slot.argumentsHash, tool.argumentsHash)
    return hasTool
  }

  #more({ error, endState, endReason, excerpt, detail, announcement }: EventInput): number {
    if (error === undefined && endState === undefined && endReason === undefined && excerpt === undefined && detail === undefined && announcement === undefined) return 0
    this.more.push({
      ...(error !== undefined && { error }),
      ...(endState !== undefined && { endState }),
      ...(endReason !== undefined && { endReason }),
      ...(excerpt !== undefined && { excerpt }),
      ...(detail !== undefined && { detail }),
      ...(announcement !== undefined && { announcement }),
    })
    return hasMore
  }

  /** Where this text stands: where it stood in the event before, if it is the same. */
  #place(field: number, value: unknown): number {
    if (value !== this.#last[field]) {
      this.#last[field] = value
      this.#lastPlace[field] = value === undefined ? absent : this.texts.push(value) - 1
    }
    return this.#lastPlace[field] ?? absent
  }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}
