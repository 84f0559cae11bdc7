const hourMs = 3_600_000
const hoursADay = 24
const hoursAWeek = 168

/** A mean of an hour is over at most so many values, so that a rhythm that changes is learned anew. */
const dayMemory = 60
const weekMemory = 30

/** Values after which an hour of the day has an unrest of its own. */
const ownUnrestFrom = 7

/** Steps over which the error of a prediction is a mean. */
const errorSteps = 500

/** How well a prediction was lately: mean distance of what came. */
export interface RhythmErrors {
  dayError: number
  weekError: number
}

/** What is usual at each hour of the day and of the week, in UTC. */
export interface Rhythm {
  readonly errors: RhythmErrors
  readonly dayMeans: Float32Array
  /** Mean distance to what was usual, by hour of the day: nights are calmer than days. */
  readonly dayUnrest: Float32Array
  readonly weekMeans: Float32Array
  readonly dayCounts: Uint8Array
  readonly weekCounts: Uint8Array
}

/** A rhythm of which nothing is known. */
export function newRhythm(): Rhythm {
  return {
    errors: { dayError: 0, weekError: 0 },
    dayMeans: new Float32Array(hoursADay),
    dayUnrest: new Float32Array(hoursADay),
    weekMeans: new Float32Array(hoursAWeek),
    dayCounts: new Uint8Array(hoursADay),
    weekCounts: new Uint8Array(hoursAWeek),
  }
}

/** What is usual at a time. */
export interface Usual {
  readonly value: number
  /** Mean distance of what came at this hour of the day. */
  readonly unrest: number
  /** Mean distance of what came lately to what was usual then. */
  readonly error: number
}

/**
 * The usual of this hour of the week, or of this hour of the day: whichever was nearer to what came lately.
 *
 * @param otherwise what is taken for usual at an hour that was never seen
 */
export function usualAt(rhythm: Rhythm, atMs: number, otherwise: number): Usual {
  const { errors: { dayError, weekError }, dayUnrest, dayCounts } = rhythm
  const { day, ofDay, ofWeek } = at(rhythm, atMs, otherwise)
  const unrest = (dayCounts[day] ?? 0) < ownUnrestFrom ? dayError : (dayUnrest[day] ?? 0)
  return weekError < dayError ? { value: ofWeek, unrest, error: weekError } : { value: ofDay, unrest, error: dayError }
}

/** Learns what came at a time. @param age how many values were learned before */
export function learnRhythm(rhythm: Rhythm, atMs: number, value: number, usual: Usual, otherwise: number, age: number): void {
  const { errors, dayMeans, dayUnrest, weekMeans, dayCounts, weekCounts } = rhythm
  const { day, week, ofDay, ofWeek } = at(rhythm, atMs, otherwise)
  const weight = Math.max(1 / (age + 1), 1 / errorSteps)
  errors.dayError += (Math.abs(value - ofDay) - errors.dayError) * weight
  errors.weekError += (Math.abs(value - ofWeek) - errors.weekError) * weight
  dayCounts[day] = Math.min((dayCounts[day] ?? 0) + 1, dayMemory)
  weekCounts[week] = Math.min((weekCounts[week] ?? 0) + 1, weekMemory)
  approach(dayMeans, day, value, dayCounts)
  approach(dayUnrest, day, Math.abs(value - usual.value), dayCounts)
  approach(weekMeans, week, value, weekCounts)
}

function approach(means: Float32Array, hour: number, value: number, counts: Uint8Array): void {
  const mean = means[hour] ?? 0
  means[hour] = mean + (value - mean) / (counts[hour] ?? 1)
}

function at({ dayMeans, weekMeans, dayCounts, weekCounts }: Rhythm, atMs: number, otherwise: number): { readonly day: number; readonly week: number; readonly ofDay: number; readonly ofWeek: number } {
  const hours = Math.floor(atMs / hourMs)
  const day = remainder(hours, hoursADay)
  const week = remainder(hours, hoursAWeek)
  const ofDay = dayCounts[day] === 0 ? otherwise : (dayMeans[day] ?? otherwise)
  return { day, week, ofDay, ofWeek: weekCounts[week] === 0 ? ofDay : (weekMeans[week] ?? ofDay) }
}

/** Never below 0, for times before the epoch too. */
function remainder(hours: number, of: number): number {
  const rest = hours % of
  return rest < 0 ? rest + of : rest
}
