import type { Event } from '../model/event.ts'
import type { SessionFailure } from '../model/session.ts'
import type { SessionChange, SessionDelta, Transaction } from '../model/store.ts'

/** What a batch did to one session, and what rules need to know of the batch besides. */
export interface BookedChange {
  readonly change: SessionChange
  readonly startEvent?: Event
  readonly tags?: Readonly<Record<string, string>>
}

/** Sums up a batch of events by session, so that the store is asked once for each session. */
export class SessionBook {
  readonly #entries = new Map<string, Entry>()

  add(event: Event): void {
    const { sessionId } = event
    if (sessionId === undefined) return
    const key = `${event.project}\u0000${sessionId}`
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = newEntry(event.project, sessionId, event)
      this.#entries.set(key, entry)
    }
    addEvent(entry, event)
  }

  async apply(tx: Transaction): Promise<readonly BookedChange[]> {
    if (this.#entries.size === 0) return []
    const entries = new Map(this.#entries)
    const changes = await tx.applySessions([...entries.values()].map(({ delta }) => delta))
    return changes.map((change) => {
      const entry = entries.get(`${change.after.project}\u0000${change.after.sessionId}`)
      return { change, startEvent: entry?.startEvent, tags: entry?.tags }
    })
  }
}

interface Entry {
  delta: Mutable<SessionDelta>
  startEvent?: Event
  tags?: Readonly<Record<string, string>>
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

function newEntry(project: string, sessionId: string, { atMs, durationMs }: Event): Entry {
  return { delta: { project, sessionId, firstAtMs: atMs - durationMs, lastAtMs: atMs, calls: 0, errors: 0, costNanoUsd: 0, unpriced: 0 } }
}

function addEvent(entry: Entry, event: Event): void {
  const { delta } = entry
  const startMs = event.atMs - event.durationMs
  if (startMs < delta.firstAtMs) delta.firstAtMs = startMs
  if (event.atMs > delta.lastAtMs) delta.lastAtMs = event.atMs
  if (event.agent !== undefined) delta.agent = event.agent
  if (event.user !== undefined) delta.user = event.user
  if (event.environment !== undefined) delta.environment = event.environment
  if (Object.keys(event.tags).length > 0) entry.tags = event.tags
  if (event.type === 'session.start') {
    delta.startedAtMs = Math.min(delta.startedAtMs ?? Infinity, event.atMs)
    entry.startEvent = event
  }
  if (event.type === 'session.end') addEnd(delta, event)
  if ((event.type === 'session.start' || event.type === 'session.end') && event.name !== undefined) delta.name = event.name
  if (event.type === 'llm.call' || event.type === 'tool.call') addCall(delta, event)
}

/** Of two ends in one batch the later one holds. */
function addEnd(delta: Mutable<SessionDelta>, event: Event): void {
  if (delta.end !== undefined && delta.end.atMs > event.atMs) return
  delta.end = { atMs: event.atMs, state: event.endState ?? 'indeterminate', ...(event.endReason !== undefined && { reason: event.endReason }) }
}

function addCall(delta: Mutable<SessionDelta>, event: Event): void {
  delta.calls += 1
  delta.costNanoUsd += event.llm?.costNanoUsd ?? 0
  if (isUnpriced(event)) delta.unpriced += 1
  if (event.status !== 'error') return
  delta.errors += 1
  if (delta.firstFailure === undefined || event.atMs < delta.firstFailure.atMs) delta.firstFailure = failureOf(event, delta.calls)
}

/** A call that cost something nobody knows. One that was refused and used no tokens cost nothing. */
export function isUnpriced({ llm, status }: Event): boolean {
  return llm?.costSource === 'unknown' && (status === 'ok' || llm.inputTokens !== undefined || llm.outputTokens !== undefined)
}

function failureOf(event: Event, step: number): SessionFailure {
  return {
    eventId: event.id,
    atMs: event.atMs,
    step,
    type: event.type,
    name: event.llm?.model ?? event.tool?.name ?? event.name ?? event.type,
    class: event.error?.class ?? 'other',
    message: event.error?.message ?? '',
    ...(event.llm !== undefined && { provider: event.llm.provider }),
    ...(event.error?.statusCode !== undefined && { statusCode: event.error.statusCode }),
  }
}
