/**
 * Why something is told now and not as its first news; kept with the delivery.
 *
 * repeat   it still fires and nobody acknowledged; `number` counts the repetitions, from 1
 * step     it was handed on, because nobody acknowledged; of `steps` the last is told that it is the last
 * silence  it fired while it was silenced, in maintenance or snoozed, and still does
 * flap     it began and ended `cycles` times and is told once for all of them
 * storm    the running summary of a storm; `number` from 1, changed in place where the channel can
 * limit    more than the reader wants in a time, told together
 * group    alerts that have the same values in what a route groups by: `of`
 * digest   collected for a time; with `of` where its route groups as well
 */
export type Turn =
  | { readonly kind: 'repeat'; readonly number: number; readonly waitMs: number }
  | { readonly kind: 'step'; readonly step: number; readonly steps: number; readonly waitMs: number; readonly previous: string }
  | { readonly kind: 'silence'; readonly name: string; readonly sinceMs: number }
  | { readonly kind: 'flap'; readonly cycles: number; readonly withinMs: number }
  | { readonly kind: 'storm'; readonly number: number; readonly sinceMs: number }
  | { readonly kind: 'limit'; readonly limit: number; readonly periodMs: number }
  | { readonly kind: 'group'; readonly of: readonly GroupValue[] }
  | { readonly kind: 'digest'; readonly of?: readonly GroupValue[] }

/** Those of what was collected. */
export type CollectionTurn = Extract<Turn, { readonly kind: 'group' | 'digest' }>

/** What the alerts of a group have in common; empty where they lack it. */
export interface GroupValue {
  /** As in `groupBy`, such as `agent` or `tags.team`. */
  readonly name: string
  readonly value: string
}
