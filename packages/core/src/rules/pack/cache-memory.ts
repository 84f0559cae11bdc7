import { keptJson } from '../kept.ts'

/** Tokens of some calls. */
export interface CacheUse {
  inputTokens: number
  readTokens: number
  calls: number
}

const recentPartMs = 5 * 60_000
const dayPartMs = 30 * 60_000
/** The last half hour, in six parts. */
const recentParts = 6
/** The day before it, in forty-eight. */
const dayParts = 48

type Kept = readonly (readonly [index: number, inputTokens: number, readTokens: number, calls: number])[]

/** How one agent's calls of one model met the cache: the last half hour in steps of five minutes, the day before in half hours. At most 54 parts. */
export class CacheMemory {
  readonly #recent: Map<number, CacheUse>
  readonly #day: Map<number, CacheUse>

  /** @param value what `toString` made */
  constructor(value: string | undefined) {
    const kept = keptJson(value)
    // Reason for the cast: `toString` alone writes rows of this form.
    const [recent, day] = Array.isArray(kept) && kept.length === 2 ? (kept as [Kept, Kept]) : [[], []]
    this.#recent = mapOf(recent)
    this.#day = mapOf(day)
  }

  /** Adds to the part that holds an instant, and lets go of what is older than a day. */
  add(use: CacheUse, atMs: number, nowMs: number): void {
    addTo(this.#recent, Math.floor(atMs / recentPartMs), use)
    const firstRecent = Math.floor(nowMs / recentPartMs) - recentParts + 1
    for (const [index, part] of this.#recent) {
      if (index >= firstRecent) continue
      this.#recent.delete(index)
      addTo(this.#day, Math.floor((index * recentPartMs) / dayPartMs), part)
    }
    const firstDay = Math.floor(nowMs / dayPartMs) - dayParts
    for (const index of this.#day.keys()) if (index < firstDay) this.#day.delete(index)
  }

  get recent(): CacheUse {
    return sumOf(this.#recent)
  }

  /** Of the day, without the last half hour. */
  get usual(): CacheUse {
    return sumOf(this.#day)
  }

  toString(): string {
    return JSON.stringify([keptOf(this.#recent), keptOf(this.#day)])
  }
}

function addTo(parts: Map<number, CacheUse>, index: number, { inputTokens, readTokens, calls }: CacheUse): void {
  const part = parts.get(index) ?? { inputTokens: 0, readTokens: 0, calls: 0 }
  part.inputTokens += inputTokens
  part.readTokens += readTokens
  part.calls += calls
  parts.set(index, part)
}

function sumOf(parts: ReadonlyMap<number, CacheUse>): CacheUse {
  const sum: CacheUse = { inputTokens: 0, readTokens: 0, calls: 0 }
  for (const { inputTokens, readTokens, calls } of parts.values()) {
    sum.inputTokens += inputTokens
    sum.readTokens += readTokens
    sum.calls += calls
  }
  return sum
}

function mapOf(kept: Kept): Map<number, CacheUse> {
  return new Map(kept.map(([index, inputTokens, readTokens, calls]) => [index, { inputTokens, readTokens, calls }]))
}

function keptOf(parts: ReadonlyMap<number, CacheUse>): Kept {
  return [...parts].map(([index, { inputTokens, readTokens, calls }]) => [index, inputTokens, readTokens, calls])
}
