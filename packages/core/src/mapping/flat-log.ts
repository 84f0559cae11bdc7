import type { EventInput } from '../model/event.ts'
import type { Attributes } from './flat-span.ts'

/** A log record of any origin, with plain values: what is mapped by `map-log.ts`. */
export interface FlatLog {
  /** Milliseconds since 1970, with fractions: when it happened, else when it was seen. */
  readonly atMs?: number
  readonly traceId?: string
  readonly spanId?: string
  /** Field of its own in newer messages; older ones say it in the attribute `event.name`. */
  readonly eventName?: string
  readonly body: unknown
  readonly attributes: Attributes
  /** Attributes of the resource, such as `service.name`. */
  readonly resource: Attributes
  /** Name of the instrumentation that made the record. */
  readonly scope?: string
}

/**
 * What one log dialect says a record is. `unused`: it knows the record, and another one or a span says all that counts of it.
 * Nothing: it is not of this dialect.
 */
export type LogDialect = (name: string, log: FlatLog) => LogReading | 'unused' | undefined

/** An event without what every record has: its time and its identity. */
export type LogReading = Omit<EventInput, 'id' | 'atMs' | 'source'>
