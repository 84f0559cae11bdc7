import { outageKindOf, sharedClasses, type OutageKind, type SharedClass } from '../../model/cause.ts'

/**
 * How the calls to one provider went in the last minutes, by model, in buckets of time: sums, so that neither the order in which calls
 * become known nor their batches make a difference.
 */
export interface Tally {
  /** A sixth of the window. */
  readonly bucketMs: number
  /** At most `modelsMax`; what is more is counted as the last of them, `other`. */
  readonly models: string[]
  /** Number of the bucket since 1970 → place of the model → calls, then failures of each shared class. */
  readonly buckets: Map<number, Map<number, number[]>>
  /** Outages that were told and are not over. */
  readonly open: Partial<Record<OutageKind, Running>>
  /** What lies before belongs to an outage that is over: number of the first bucket that counts. */
  readonly from: Partial<Record<OutageKind, number>>
}

/** An outage while it lasts. */
export interface Running {
  /** When the first and the last of its calls failed, milliseconds since 1970. */
  sinceMs: number
  lastMs: number
  /** Calls since then, of all outcomes that say something of the provider, and failures of each shared class. */
  counts: number[]
  /** Places of the models that failed. */
  models: number[]
  isMajor: boolean
}

/** One call as far as it says something of the provider: without a class the provider answered. */
export interface Outcome {
  readonly model: string
  readonly atMs: number
  readonly failed?: SharedClass
}

export const bucketsPerWindow = 6
/** So many windows are kept: calls that become known late still count. */
const windowsKept = 3
const modelsMax = 12
const modelCharsMax = 80

export function emptyTally(windowMs: number): Tally {
  return { bucketMs: Math.ceil(windowMs / bucketsPerWindow), models: [], buckets: new Map(), open: {}, from: {} }
}

export function add(tally: Tally, outcome: Outcome): void {
  const bucket = bucketOf(tally, outcome.atMs)
  const models = tally.buckets.get(bucket) ?? new Map<number, number[]>()
  tally.buckets.set(bucket, models)
  const place = placeOf(tally, outcome.model)
  const counts = models.get(place) ?? noCounts()
  models.set(place, counts)
  count(counts, outcome)
  for (const running of Object.values(tally.open)) count(running.counts, outcome)
  const running = outcome.failed === undefined ? undefined : tally.open[outageKindOf(outcome.failed)]
  if (running === undefined) return
  running.lastMs = Math.max(running.lastMs, outcome.atMs)
  if (!running.models.includes(place)) running.models.push(place)
}

/** Leaves out what is too old to count, and what says it lies ahead. */
export function prune(tally: Tally, nowMs: number): void {
  const last = bucketOf(tally, nowMs)
  for (const bucket of tally.buckets.keys()) if (bucket <= last - windowsKept * bucketsPerWindow || bucket > last) tally.buckets.delete(bucket)
}

/** Calls and failures of a kind in the kept buckets from one on, of all models or of one. */
export function sumOf(tally: Tally, from: number, to: number, model?: number): number[] {
  const sum = noCounts()
  for (const [bucket, models] of tally.buckets) {
    if (bucket < from || bucket > to) continue
    for (const [place, counts] of models) if (model === undefined || place === model) for (const [i, one] of counts.entries()) sum[i] = (sum[i] ?? 0) + one
  }
  return sum
}

export function callsIn(counts: readonly number[]): number {
  return counts[0] ?? 0
}

export function failuresIn(counts: readonly number[], kind: OutageKind): number {
  return sharedClasses.reduce((sum, one, i) => sum + (outageKindOf(one) === kind ? (counts[i + 1] ?? 0) : 0), 0)
}

/** The class that most of these failures are of. */
export function mostOf(counts: readonly number[], kind: OutageKind): SharedClass {
  const own = sharedClasses.filter((one) => outageKindOf(one) === kind)
  const countOf = (one: SharedClass): number => counts[sharedClasses.indexOf(one) + 1] ?? 0
  return own.reduce((best, one) => (countOf(one) > countOf(best) ? one : best), own[0] ?? 'server')
}

export function bucketOf({ bucketMs }: Tally, atMs: number): number {
  return Math.floor(atMs / bucketMs)
}

/** Buckets in which something failed so, in order. */
export function failingBuckets(tally: Tally, kind: OutageKind): readonly number[] {
  const from = tally.from[kind] ?? 0
  return [...tally.buckets].filter(([bucket, models]) => bucket >= from && [...models.values()].some((counts) => failuresIn(counts, kind) > 0)).map(([bucket]) => bucket).sort((a, b) => a - b)
}

/** As text, for the store: at most 16,000 characters. Most calls succeed, and of those nothing but their number is written. */
export function textOf({ bucketMs, models, buckets, open, from }: Tally): string {
  return JSON.stringify({ w: bucketMs, m: models, b: [...buckets].map(([bucket, byModel]) => [bucket, [...byModel].map(([place, counts]) => [place, withoutZeros(counts)])]), o: open, f: from })
}

/** What `textOf` wrote; a new one where there is none, where it cannot be read, and where the window is another now. */
export function tallyOf(text: string | undefined, windowMs: number): Tally {
  const fresh = emptyTally(windowMs)
  const kept = text === undefined ? undefined : readKept(text)
  if (kept === undefined || kept.w !== fresh.bucketMs) return kept === undefined ? fresh : { ...fresh, open: kept.o, models: kept.m }
  return { bucketMs: kept.w, models: kept.m, buckets: new Map(kept.b.map(([bucket, counts]) => [bucket, new Map(counts)])), open: kept.o, from: kept.f }
}

interface Kept {
  readonly w: number
  readonly m: string[]
  readonly b: readonly (readonly [number, readonly (readonly [number, number[]])[]])[]
  readonly o: Tally['open']
  readonly f: Tally['from']
}

function readKept(text: string): Kept | undefined {
  try {
    // Reason for the cast: nothing but `textOf` writes this text.
    return JSON.parse(text) as Kept
  } catch (damaged) {
    // It begins anew, which forgets a few minutes.
    if (damaged instanceof SyntaxError) return undefined
    throw damaged
  }
}

function count(counts: number[], { failed }: Outcome): void {
  counts[0] = (counts[0] ?? 0) + 1
  if (failed === undefined) return
  const place = sharedClasses.indexOf(failed) + 1
  counts[place] = (counts[place] ?? 0) + 1
}

function placeOf({ models }: Tally, name: string): number {
  const model = name.slice(0, modelCharsMax)
  const known = models.indexOf(model)
  if (known >= 0) return known
  if (models.length < modelsMax) return models.push(models.length === modelsMax - 1 ? 'other' : model) - 1
  return modelsMax - 1
}

function withoutZeros(counts: readonly number[]): readonly number[] {
  return counts.slice(0, counts.findLastIndex((one) => one > 0) + 1)
}

function noCounts(): number[] {
  return [0, ...sharedClasses.map(() => 0)]
}
