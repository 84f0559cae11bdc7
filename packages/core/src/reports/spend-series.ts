import { sleep, type Clock } from '../model/clock.ts'
import { periodAt } from '../model/calendar.ts'
import { spendSlotMs, type SpendSlotSum } from '../model/spend.ts'
import type { Store } from '../model/store.ts'
import { slotScopeOf, type SlotScope } from '../rules/budgets/slots.ts'
import { bandOver, bandsNeed, expectedBands, type Band } from '../rules/spend-anomaly/bands.ts'

export interface SpendSeriesAsk {
  readonly project: string
  /** From the step that holds it. */
  readonly sinceMs: number
  /** Up to the end of the step before which it lies; later than now is foreseen. */
  readonly untilMs: number
  readonly step: 'hour' | 'day'
  readonly timezone: string
  readonly agent?: string
  readonly model?: string
  /** The five that spent most, each with a series of its own, and all others together. */
  readonly groupBy?: 'agent' | 'model'
}

/** Nano-dollars. */
export interface Expected {
  readonly low: number
  readonly expected: number
  readonly high: number
}

export interface SpendBucket {
  readonly fromMs: number
  readonly untilMs: number
  readonly nanoUsd: number
  readonly calls: number
  readonly unpriced: number
  /** What was usual for it; absent: not known, or not asked for of everything together. */
  readonly expected?: Expected
}

export interface SpendForecast {
  readonly fromMs: number
  readonly untilMs: number
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface SpendGroup {
  /** Agent or model; absent: all others. */
  readonly name?: string
  readonly nanoUsd: number
  readonly calls: number
  readonly unpriced: number
  /** By the places of the buckets. */
  readonly series: readonly number[]
}

export interface SpendSeries {
  readonly buckets: readonly SpendBucket[]
  /** What is expected of what is left: of the bucket that runs, and of those that come. */
  readonly forecast: readonly SpendForecast[]
  readonly groups?: readonly SpendGroup[]
  /** When the first of what is known was spent, of everything that was looked at. */
  readonly firstMs?: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const groupsShown = 5

/** Longest time that is asked about at once, by step, milliseconds. */
export const spendSpanMax = { hour: 35 * dayMs, day: 100 * dayMs } as const

/**
 * What was spent, in hours or days, with what the detector of spend holds for usual. Made of the sums of ten minutes that the intake keeps: no
 * event is looked at, a day of sums at a time, and between two days everybody else has their turn.
 */
export async function spendSeries({ read, clock }: { readonly read: Pick<Store['read'], 'spendSlots'>; readonly clock: Clock }, ask: SpendSeriesAsk): Promise<SpendSeries> {
  const nowMs = clock.nowMs()
  const edges = edgesOf(ask)
  const [firstEdge = 0, lastEdge = 0] = [edges[0], edges.at(-1)]
  const isFiltered = ask.agent !== undefined || ask.model !== undefined
  // Bands need what was before; of a part of the spend nobody learns.
  const fromMs = isFiltered ? firstEdge : firstEdge - bandsNeed * spendSlotMs
  const untilMs = Math.min(lastEdge, nowMs)
  const days = daysOf(fromMs, untilMs)
  const top = isFiltered || ask.groupBy !== undefined ? await scopesOf(read, clock, ask, daysOf(firstEdge, untilMs)) : undefined
  const slots: SpendSlotSum[] = []
  for (const day of days) {
    slots.push(...(await read.spendSlots({ project: ask.project, ...day, by: 'time', ...(isFiltered && { scopes: top?.passing ?? [] }) })))
    await sleep(clock, 0)
  }
  const buckets = bucketsOf(edges.filter((edge) => edge < untilMs || edge === firstEdge), Math.min(lastEdge, endOf(edges, untilMs)), slots)
  const bands = isFiltered ? [] : expectedBands(...valuesOf(slots, fromMs, nowMs), Math.ceil(lastEdge / spendSlotMs))
  const first = slots.find(({ calls, nanoUsd }) => calls > 0 || nanoUsd > 0)?.atMs
  return {
    buckets: buckets.map((bucket) => ({ ...bucket, ...expectedOf(bands, bucket, true) })),
    forecast: forecastOf(bands, edges, nowMs),
    ...(ask.groupBy !== undefined && top !== undefined && { groups: await groupsOf(read, clock, ask, top, buckets) }),
    ...(first !== undefined && { firstMs: first }),
  }
}

/** The borders of the steps: one more than there are steps. */
function edgesOf({ sinceMs, untilMs, step, timezone }: SpendSeriesAsk): readonly number[] {
  const edges: number[] = []
  for (let atMs = sinceMs; ; ) {
    const { startMs, endMs } = periodAt(step, timezone, atMs)
    edges.push(startMs)
    if (endMs >= untilMs) return [...edges, endMs]
    atMs = endMs
  }
}

function endOf(edges: readonly number[], atMs: number): number {
  return edges.find((edge) => edge >= atMs) ?? atMs
}

/** By days of UTC, in which the sums are kept. */
function daysOf(fromMs: number, untilMs: number): readonly { readonly fromMs: number; readonly untilMs: number }[] {
  const days: { readonly fromMs: number; readonly untilMs: number }[] = []
  for (let atMs = fromMs; atMs < untilMs; ) {
    const nextMs = Math.min(untilMs, (Math.floor(atMs / dayMs) + 1) * dayMs)
    days.push({ fromMs: atMs, untilMs: nextMs })
    atMs = nextMs
  }
  return days
}

function bucketsOf(starts: readonly number[], endMs: number, slots: readonly SpendSlotSum[]): readonly SpendBucket[] {
  const buckets = starts.map((fromMs, index) => ({ fromMs, untilMs: starts[index + 1] ?? endMs, nanoUsd: 0, calls: 0, unpriced: 0 }))
  let place = 0
  for (const { atMs = 0, nanoUsd, calls, unpriced } of slots) {
    while (place < buckets.length - 1 && atMs >= (buckets[place]?.untilMs ?? 0)) place += 1
    const bucket = buckets[place]
    if (bucket === undefined || atMs < bucket.fromMs || atMs >= bucket.untilMs) continue
    bucket.nanoUsd += nanoUsd
    bucket.calls += calls
    bucket.unpriced += unpriced
  }
  return buckets
}

/** What is over, as the detector takes it: an interval without spend is 0. */
function valuesOf(slots: readonly SpendSlotSum[], fromMs: number, nowMs: number): readonly [first: number, values: readonly number[]] {
  const first = Math.floor(fromMs / spendSlotMs)
  const values = Array.from({ length: Math.max(0, Math.floor(nowMs / spendSlotMs) - first) }, () => 0)
  for (const { atMs = 0, nanoUsd } of slots) {
    const place = Math.floor(atMs / spendSlotMs) - first
    if (place >= 0 && place < values.length) values[place] = nanoUsd
  }
  return [first, values]
}

function expectedOf(bands: readonly Band[], { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number }, isWhole: boolean): { readonly expected?: Expected } {
  const [first, last] = [Math.ceil(fromMs / spendSlotMs), Math.ceil(untilMs / spendSlotMs)]
  const begin = bands[0]?.slot ?? Infinity
  if (last <= first || (isWhole && begin > first)) return {}
  const { expected, low, high } = bandOver(bands.slice(Math.max(0, first - begin), Math.max(0, last - begin)))
  return { expected: { expected: Math.round(expected), low: Math.round(low), high: Math.round(high) } }
}

/** From now to the end of each step that is not over. */
function forecastOf(bands: readonly Band[], edges: readonly number[], nowMs: number): readonly SpendForecast[] {
  return edges.slice(0, -1).flatMap((edge, index) => {
    const untilMs = edges[index + 1] ?? edge
    const fromMs = Math.max(edge, Math.floor(nowMs / spendSlotMs) * spendSlotMs)
    if (untilMs <= nowMs || bands.length === 0) return []
    const { expected } = expectedOf(bands, { fromMs, untilMs }, false)
    return expected === undefined ? [] : [{ fromMs, untilMs, value: expected.expected, low: expected.low, high: expected.high }]
  })
}

/** What is read at once for groups: a day of UTC, of which the hours come apart; or what of it lies in one bucket. */
function partsOf(buckets: readonly SpendBucket[], step: SpendSeriesAsk['step']): ReturnType<typeof daysOf> {
  if (step === 'day') return buckets.flatMap(({ fromMs, untilMs }) => daysOf(fromMs, untilMs))
  return daysOf(buckets[0]?.fromMs ?? 0, buckets.at(-1)?.untilMs ?? 0)
}

interface Scopes {
  /** As they are kept: those that the filter passes. */
  readonly passing: readonly string[]
  /** By agent or model, the dearest first. */
  readonly named: readonly { readonly name: string; readonly scopes: readonly string[]; readonly nanoUsd: number; readonly calls: number; readonly unpriced: number }[]
}

async function scopesOf(read: Pick<Store['read'], 'spendSlots'>, clock: Clock, { project, agent, model, groupBy = 'model' }: SpendSeriesAsk, days: ReturnType<typeof daysOf>): Promise<Scopes> {
  const passes = (of: SlotScope): boolean => (agent === undefined || of.agent === agent) && (model === undefined || of.model === model)
  const passing = new Set<string>()
  const named = new Map<string, { readonly name: string; readonly scopes: Set<string>; nanoUsd: number; calls: number; unpriced: number }>()
  for (const day of days) {
    for (const { scope = '', nanoUsd, calls, unpriced } of await read.spendSlots({ project, ...day, by: 'scope' })) {
      const of = slotScopeOf(scope)
      if (!passes(of)) continue
      passing.add(scope)
      const name = of[groupBy]
      const group = named.get(name) ?? { name, scopes: new Set<string>(), nanoUsd: 0, calls: 0, unpriced: 0 }
      named.set(name, group)
      group.scopes.add(scope)
      group.nanoUsd += nanoUsd
      group.calls += calls
      group.unpriced += unpriced
    }
    await sleep(clock, 0)
  }
  const sorted = [...named.values()].toSorted((one, other) => other.nanoUsd - one.nanoUsd || other.calls - one.calls || one.name.localeCompare(other.name))
  return { passing: [...passing], named: sorted.map((group) => ({ ...group, scopes: [...group.scopes] })) }
}

async function groupsOf(read: Pick<Store['read'], 'spendSlots'>, clock: Clock, { project, step }: SpendSeriesAsk, { named }: Scopes, buckets: readonly SpendBucket[]): Promise<readonly SpendGroup[]> {
  const shown = named.slice(0, groupsShown)
  const others = named.slice(groupsShown)
  const placeOf = new Map(shown.flatMap(({ scopes }, index) => scopes.map((scope) => [scope, index] as const)))
  const series = shown.map(() => buckets.map(() => 0))
  let place = 0
  for (const part of partsOf(buckets, step)) {
    for (const { scope = '', atMs = part.fromMs, nanoUsd } of await read.spendSlots({ project, ...part, scopes: [...placeOf.keys()], ...(step === 'hour' ? { by: 'both', stepMs: hourMs } : { by: 'scope' }) })) {
      while (place < buckets.length - 1 && atMs >= (buckets[place]?.untilMs ?? 0)) place += 1
      const of = series[placeOf.get(scope) ?? -1]
      if (of !== undefined) of[place] = (of[place] ?? 0) + nanoUsd
    }
    await sleep(clock, 0)
  }
  const sums = (of: typeof named) => ({ nanoUsd: of.reduce((sum, one) => sum + one.nanoUsd, 0), calls: of.reduce((sum, one) => sum + one.calls, 0), unpriced: of.reduce((sum, one) => sum + one.unpriced, 0) })
  const rest = buckets.map(({ nanoUsd }, index) => Math.max(0, nanoUsd - series.reduce((sum, one) => sum + (one[index] ?? 0), 0)))
  return [
    ...shown.map(({ name, nanoUsd, calls, unpriced }, index) => ({ name, nanoUsd, calls, unpriced, series: series[index] ?? [] })),
    ...(others.length === 0 ? [] : [{ ...sums(others), series: rest }]),
  ]
}
