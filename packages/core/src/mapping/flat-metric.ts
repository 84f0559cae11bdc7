import type { EventInput } from '../model/event.ts'
import type { Attributes } from './flat-span.ts'

/** A data point of a metric that somebody reads, with plain values: what is mapped by `map-metric.ts`. */
export interface FlatPoint {
  readonly metric: string
  /** What its value is since: the point before (`delta`), or the start of the series. Only sums say it; `other` is every other form. */
  readonly since: 'delta' | 'cumulative' | 'other'
  /** Milliseconds since 1970, with fractions. */
  readonly startMs?: number
  readonly endMs?: number
  /** Absent: the point says that it has none. */
  readonly value?: number
  readonly attributes: Attributes
  /** Attributes of the resource, such as `service.name`. */
  readonly resource: Attributes
  /** Name of the instrumentation that made the point. */
  readonly scope?: string
}

/** Data points of one OTLP message. */
export interface FlatPoints {
  readonly points: readonly FlatPoint[]
  /** Points of metrics that nobody reads. */
  readonly others: number
  /** Points beyond the bound. */
  readonly rejected: number
  readonly cut?: number
}

/** Why points make no event. */
export interface UnusedPoints {
  /** Their values grow from the start of a series: what they add to what is on record, only whoever remembers the series could tell. */
  readonly cumulative: number
  /** They name no session, so that nobody can tell whether its calls are on record. */
  readonly withoutSession: number
  /** Tokens whose money is not in the same message: priced here, it would count twice when it comes. */
  readonly withoutCost: number
  /** Without both times in their order, or with a value that is no amount. */
  readonly malformed: number
}

/** What became of data points. */
export interface MappedPoints {
  readonly events: readonly EventInput[]
  /** For each event of how many points it is made. */
  readonly pointsOf: readonly number[]
  readonly unused: UnusedPoints
}
