import { isUnpriced, type Event } from '../model/event.ts'
import type { Session, SessionChange, SessionDelta, SessionFailure } from '../model/session.ts'
import type { Transaction } from '../model/store.ts'
import { WalkBook, type WalkChange } from './walk/extend.ts'

/** What a batch did to one session, and what rules need to know of the batch besides. */
export interface BookedChange {
  readonly change: SessionChange
  readonly startEvent?: Event
  readonly tags?: Readonly<Record<string, string>>
  /** Where the batch changed what is kept of the session's steps. */
  readonly walk?: WalkChange
}

/**
 * Sums up a batch of events by session, so that the store is asked once for each session. What comes after an end and
 * begins the session anew is summed up apart and applied after it: a batch says what its events say one by one.
 */
export class SessionBook {
  /** Of each session the parts in order; nearly always one. Bounded by the batch. */
  readonly #entries = new Map<string, Entry[]>()

  add(event: Event): void {
    const { sessionId } = event
    if (sessionId === undefined) return
    const key = sessionKey({ project: event.project, sessionId })
    const entries = this.#entries.get(key)
    const last = entries?.at(-1)
    if (entries !== undefined && last !== undefined && !comesAfter(last.delta.end, event)) return addEvent(last, event)
    const entry = newEntry(event.project, sessionId, event)
    if (entries === undefined) this.#entries.set(key, [entry])
    else entries.push(entry)
    addEvent(entry, event)
  }

  async apply(tx: Transaction): Promise<readonly BookedChange[]> {
    const booked: BookedChange[] = []
    for (let round = 0; ; round++) {
      const entries = [...this.#entries.values()].flatMap((parts) => parts[round] ?? [])
      if (entries.length === 0) return booked
      const bySession = new Map(entries.map((entry) => [sessionKey(entry.delta), entry]))
      for (const change of await tx.applySessions(entries.map(({ delta }) => delta), (before, index) => extended(before, entries[index]))) {
        const entry = bySession.get(sessionKey(change.after))
        booked.push({ change: entry === undefined ? change : asOneByOne(change, entry), startEvent: entry?.startEvent, tags: entry?.tags, walk: entry?.walk.change })
      }
    }
  }
}

function sessionKey({ project, sessionId }: Pick<SessionDelta, 'project' | 'sessionId'>): string {
  return `${project}\u0000${sessionId}`
}

/** Whether an event changes what a session is after this end: another end, a new start, or any sign of life after an end without a word. */
function comesAfter(end: SessionDelta['end'], { type, atMs, endState }: Event): boolean {
  if (end === undefined) return false
  if (type === 'session.end') return atMs >= end.atMs && (endState ?? 'indeterminate') !== end.state
  return atMs > end.atMs && (type === 'session.start' || end.state === 'indeterminate')
}

function extended(before: Session | undefined, entry: Entry | undefined): string | undefined {
  return entry?.walk.extend(before, before !== undefined && beganAnew(before, entry))
}

/** Whether a session that had ended, or had fallen silent, ran again in this part of a batch. An end alone is no sign of that. */
function beganAnew(before: Session, { lastStartMs, lastSignMs }: Entry): boolean {
  if (before.state === 'running') return false
  const againMs = before.state === 'indeterminate' ? lastSignMs : lastStartMs
  return againMs !== undefined && againMs > (before.endedAtMs ?? before.lastAtMs)
}

/** A session that had ended, was running again and ended in one batch was running before this end. */
function asOneByOne(change: SessionChange, entry: Entry): SessionChange {
  const { before, after } = change
  if (before?.endedAtMs === undefined || entry.delta.end === undefined || !beganAnew(before, entry)) return change
  const { endedAtMs: _over, endReason: _why, ...rest } = before
  return { before: { ...rest, state: 'running' }, after }
}

interface Entry {
  readonly delta: Mutable<SessionDelta>
  startEvent?: Event
  /** The latest start, and the latest sign of life, before the end if there is an end. */
  lastStartMs?: number
  lastSignMs?: number
  readonly walk: WalkBook
  tags?: Readonly<Record<string, string>>
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

function newEntry(project: string, sessionId: string, { atMs, durationMs }: Event): Entry {
  return { delta: { project, sessionId, firstAtMs: atMs - durationMs, lastAtMs: atMs, calls: 0, errors: 0, costNanoUsd: 0, unpriced: 0 }, walk: new WalkBook() }
}

function addEvent(entry: Entry, event: Event): void {
  const { delta } = entry
  entry.walk.add(event)
  const startMs = event.atMs - event.durationMs
  if (startMs < delta.firstAtMs) delta.firstAtMs = startMs
  if (event.atMs > delta.lastAtMs) delta.lastAtMs = event.atMs
  if (event.agent !== undefined) delta.agent = event.agent
  if (event.user !== undefined) delta.user = event.user
  if (event.environment !== undefined) delta.environment = event.environment
  if (Object.keys(event.tags).length > 0) entry.tags = event.tags
  if (event.type === 'session.start') {
    delta.startedAtMs = Math.min(delta.startedAtMs ?? Infinity, event.atMs)
    if (delta.end === undefined) entry.lastStartMs = Math.max(entry.lastStartMs ?? -Infinity, event.atMs)
    entry.startEvent = event
  }
  if (event.type === 'session.end') addEnd(delta, event)
  else if (delta.end === undefined) entry.lastSignMs = Math.max(entry.lastSignMs ?? -Infinity, event.atMs)
  if ((event.type === 'session.start' || event.type === 'session.end') && event.name !== undefined) delta.name = event.name
  if (event.type === 'llm.call' || event.type === 'tool.call') addCall(delta, event)
  else if (event.type === 'llm.usage') addCost(delta, event)
}

/** Of two ends in one batch the later one holds. */
function addEnd(delta: Mutable<SessionDelta>, event: Event): void {
  if (delta.end !== undefined && delta.end.atMs > event.atMs) return
  delta.end = { atMs: event.atMs, state: event.endState ?? 'indeterminate', ...(event.endReason !== undefined && { reason: event.endReason }) }
}

function addCall(delta: Mutable<SessionDelta>, event: Event): void {
  delta.calls += 1
  addCost(delta, event)
  if (event.status !== 'error') return
  delta.errors += 1
  if (delta.firstFailure === undefined || event.atMs < delta.firstFailure.atMs) delta.firstFailure = failureOf(event, delta.calls)
}

function addCost(delta: Mutable<SessionDelta>, event: Event): void {
  delta.costNanoUsd += event.llm?.costNanoUsd ?? 0
  if (isUnpriced(event)) delta.unpriced += 1
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
