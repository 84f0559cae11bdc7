import type { Chance } from '../model/chance.ts'
import type { Clock } from '../model/clock.ts'
import { errorText } from '../model/error.ts'
import type { EventInput, EventSource } from '../model/event.ts'
import type { Recorder } from '../model/recorder.ts'
import { currentScope } from './context.ts'
import type { Scope } from './context.ts'
import { currentAgentsSpan, currentOpenTelemetrySpan } from './covered.ts'
import type { SpanFinder } from './covered.ts'

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
  readonly #recorder: Recorder
  readonly #faults = new Map<FaultPlace, number>()

  constructor(tools: ObservationTools) {
    this.clock = tools.clock
    this.chance = tools.chance
    this.#recorder = tools.recorder
  }

  /** Hands over one event, with what the running code belongs to; the event's own words come first. */
  record(event: EventInput, scope: Scope = currentScope()): void {
    this.#recorder.record(inScope(event, scope))
  }

  /** Runs our own `work`; when it throws, the fault is counted and `undefined` comes back. */
  guard<T>(place: FaultPlace, work: () => T): T | undefined {
    try {
      return work()
    } catch (fault) {
      this.#count(place, fault)
      return undefined
    }
  }

  /** How often watching failed, in all places. */
  get faults(): number {
    let total = 0
    for (const count of this.#faults.values()) total += count
    return total
  }

  #count(place: FaultPlace, fault: unknown): void {
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

function inScope(event: EventInput, scope: Scope): EventInput {
  const { sessionId, agent, user, environment, tags } = scope
  if (sessionId === undefined && agent === undefined && user === undefined && tags === undefined && environment === undefined) return event
  return {
    ...(sessionId !== undefined && { sessionId }),
    ...(agent !== undefined && { agent }),
    ...(user !== undefined && { user }),
    ...(environment !== undefined && { environment }),
    ...event,
    ...(tags !== undefined && { tags: event.tags === undefined ? tags : { ...tags, ...event.tags } }),
  }
}
