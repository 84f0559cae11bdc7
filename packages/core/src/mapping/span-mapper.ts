import type { EventInput } from '../model/event.ts'
import type { FlatSpan } from './flat-span.ts'
import { mapSpan, readSpan } from './map-span.ts'
import { known } from './read.ts'

/** How many traces, and how many spans above model calls, are remembered; the oldest are forgotten. */
const tracesMax = 10_000
const parentsMax = 10_000

interface Trace {
  readonly sessionId: string
  readonly agent?: string
  /** Set where another part of the program starts and ends the session. */
  readonly insideSession?: boolean
}

/** Maps spans with what the other spans of their trace told: the session, the agent, and which call is the innermost. */
export class SpanMapper {
  readonly #traces = new Map<string, Trace>()
  readonly #aboveCalls = new Set<string>()

  /**
   * A batch of spans, in any order. A model span above another model span of its trace (a framework's span over its
   * client's) is a step: the usage that it repeats is counted once, at the innermost.
   */
  map(spans: readonly FlatSpan[]): EventInput[] {
    const read = spans.map((span) => ({ span, reading: readSpan(span) }))
    for (const { span, reading } of read) {
      if (reading.kind === 'model' && span.parentSpanId !== undefined) this.#noteParent(`${span.traceId}:${span.parentSpanId}`)
      if (span.parentSpanId === undefined && (reading.kind === 'agent' || reading.kind === 'workflow')) {
        this.noteTrace(span.traceId, { sessionId: reading.sessionId ?? span.traceId, ...known('agent', reading.agent) })
      }
    }
    return read.flatMap(({ span, reading }) => {
      const trace = this.#traces.get(span.traceId)
      const aboveCall = this.#aboveCalls.has(`${span.traceId}:${span.spanId}`)
      return mapSpan(span, { ...trace, ...(aboveCall && { aboveCall }) }, reading)
    })
  }

  /** Tells the session of a trace before its spans end; the first word counts, unless it comes from the program itself. */
  noteTrace(traceId: string, trace: Trace): void {
    if (this.#traces.has(traceId) && trace.insideSession !== true) return
    if (this.#traces.size >= tracesMax) deleteOldest(this.#traces)
    this.#traces.set(traceId, trace)
  }

  /** The session of a trace, where one is known. */
  sessionOf(traceId: string): { readonly sessionId: string; readonly agent?: string } | undefined {
    return this.#traces.get(traceId)
  }

  #noteParent(key: string): void {
    if (this.#aboveCalls.size >= parentsMax) deleteOldest(this.#aboveCalls)
    this.#aboveCalls.add(key)
  }
}

function deleteOldest(collection: Map<string, unknown> | Set<string>): void {
  const oldest = collection.keys().next()
  if (oldest.done !== true) collection.delete(oldest.value)
}
