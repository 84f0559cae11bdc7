import type { Chance } from '../model/chance.ts'
import type { Clock } from '../model/clock.ts'
import { errorText } from '../model/error.ts'
import type { EventInput, EventSource } from '../model/event.ts'
import type { Recorder } from '../model/recorder.ts'
import { currentScope } from './context.ts'
import type { Scope } from './context.ts'
import { currentAgentsSpan, currentOpenTelemetrySpan } from './covered.ts'
import type { SpanFinder, Traced } from './covered.ts'
import { PendingCalls } from './pending-calls.ts'

/** Something that is still being written. */
export type Draft<T> = { -readonly [Name in keyof T]: T[Name] }

/** Where a span of a tracing system stands, as far as that system's processor knows. */
export type PlaceOfSpan = (span: Traced) => { readonly sessionId?: string; readonly agent?: string } | undefined

/** More processors than this of one client are not asked. */
const placesMax = 16

/** What everything that watches is handed. */
export interface ObservationTools {
  readonly recorder: Recorder
  readonly clock: Clock
  readonly chance: Chance
}

/** Places where watching can fail; a closed list, so that the counts are bounded. */
export type FaultPlace = 'observe' | 'answer' | 'stream' | 'session' | 'step' | 'ai-sdk' | 'agents-sdk' | 'span' | 'environment'

/**
 * Records what was seen, and keeps every mistake of ours away from the agent: it is counted, told as an event of
 * type `tocsin.observation-failed` at the 1st, 10th, 100th, … time in each place, and goes no further.
 */
export class Observation {
  readonly clock: Clock
  readonly chance: Chance
  /** Where a wrapped call looks for spans around it. */
  readonly spanFinders: readonly SpanFinder[] = [currentOpenTelemetrySpan, currentAgentsSpan]
  /** Model calls that have not come back. */
  readonly pending: PendingCalls
  readonly #placesOfSpans: PlaceOfSpan[] = []
  readonly #recorder: Recorder
  readonly #faults = new Map<FaultPlace, number>()

  constructor(tools: ObservationTools) {
    this.clock = tools.clock
    this.chance = tools.chance
    this.pending = new PendingCalls(tools.clock)
    this.#recorder = tools.recorder
  }

  /**
   * Hands over one event, filled with what the running code belongs to; the event's own words come first. The event is
   * the caller's gift: it is completed in place, since a copy would be the largest part of the work.
   */
  record(event: Draft<EventInput>, scope: Scope = currentScope()): void {
    if (event.sessionId === undefined && scope.sessionId !== undefined) event.sessionId = scope.sessionId
    if (event.agent === undefined && scope.agent !== undefined) event.agent = scope.agent
    if (event.user === undefined && scope.user !== undefined) event.user = scope.user
    if (event.environment === undefined && scope.environment !== undefined) event.environment = scope.environment
    if (scope.tags !== undefined) event.tags = event.tags === undefined ? scope.tags : { ...scope.tags, ...event.tags }
    this.#recorder.record(event)
  }

  /** Runs our own `work`; when it throws, the fault is counted and `undefined` comes back. */
  guard<T>(place: FaultPlace, work: () => T): T | undefined {
    try {
      return work()
    } catch (fault) {
      this.fault(place, fault)
      return undefined
    }
  }

  /** A processor of a tracing system tells the sessions of its spans, for wrapped calls that are made inside them. */
  tellPlaces(place: PlaceOfSpan): void {
    if (this.#placesOfSpans.length < placesMax) this.#placesOfSpans.push(place)
  }

  /** `scope`, with session and agent of the span around it where it has none of its own. */
  placedIn(span: Traced, scope: Scope): Scope {
    if (scope.sessionId !== undefined && scope.agent !== undefined) return scope
    for (const placeOf of this.#placesOfSpans) {
      const place = placeOf(span)
      if (place !== undefined) return { ...scope, sessionId: scope.sessionId ?? place.sessionId, agent: scope.agent ?? place.agent }
    }
    return scope
  }

  /** How often watching failed, in all places. */
  get faults(): number {
    let total = 0
    for (const count of this.#faults.values()) total += count
    return total
  }

  /** Counts a mistake of ours and tells it; what `guard` does, for code that runs too often for a closure. */
  fault(place: FaultPlace, fault: unknown): void {
    const count = (this.#faults.get(place) ?? 0) + 1
    this.#faults.set(place, count)
    if (!/^10*$/.test(String(count))) return
    const source: EventSource = 'observe'
    try {
      this.#recorder.record({
        type: 'tocsin.observation-failed',
        source,
        status: 'error',
        name: place,
        error: { class: 'other', message: errorText(fault) },
        detail: { place, count: String(count) },
      })
    } catch (recorderBroken) {
      // A recorder that throws breaks its contract; the count above stays readable through `faults`.
      this.#faults.set(place, count + (recorderBroken === fault ? 0 : 1))
    }
  }
}
