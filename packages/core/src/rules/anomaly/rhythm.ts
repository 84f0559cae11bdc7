/** Hours of a week: what happens at the same hour a week later is compared. */
const hoursAWeek = 168

const hourMs = 3_600_000

/** Each hour is a mean over at most so many values, so that a rhythm that changes is learned anew. */
const memoryMax = 30

/** What is usual at each hour of the week. */
export interface Rhythm {
  readonly means: Float32Array
  /** Values that each mean was learned from, at most `memoryMax`. */
  readonly counts: Uint8Array
}

/** A rhythm of which nothing is known. */
export function newRhythm(): Rhythm {
  return { means: new Float32Array(hoursAWeek), counts: new Uint8Array(hoursAWeek) }
}

/** What is usual at this hour of the week (UTC), or undefined where the hour was never seen. */
export function usualAt({ means, counts }: Rhythm, atMs: number): number | undefined {
  const hour = hourOfWeek(atMs)
  return counts[hour] === 0 ? undefined : means[hour]
}

/** Learns what came at this hour. */
export function learnHour({ means, counts }: Rhythm, atMs: number, value: number): void {
  const hour = hourOfWeek(atMs)
  const count = Math.min((counts[hour] ?? 0) + 1, memoryMax)
  const mean = means[hour] ?? 0
  counts[hour] = count
  means[hour] = mean + (value - mean) / count
}

function hourOfWeek(atMs: number): number {
  const hour = Math.floor(atMs / hourMs) % hoursAWeek
  return hour < 0 ? hour + hoursAWeek : hour
}
