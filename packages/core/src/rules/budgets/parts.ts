/** What was spent in one part of a period, window or hour. */
export interface Spent {
  nanoUsd: number
  calls: number
  unpriced: number
}

/**
 * Money by parts of time of the same length: the number of a part → what was spent in it. Adding is commutative, so that
 * it does not matter in which order events come.
 */
export type Parts = Map<number, Spent>

/** Adds to one part. */
export function addTo(parts: Parts, index: number, { nanoUsd, calls, unpriced }: Readonly<Spent>): void {
  const part = parts.get(index)
  if (part === undefined) {
    parts.set(index, { nanoUsd, calls, unpriced })
    return
  }
  part.nanoUsd += nanoUsd
  part.calls += calls
  part.unpriced += unpriced
}

/** Takes away all parts before the first that still counts. */
export function forgetBefore(parts: Parts, firstIndex: number): void {
  for (const index of parts.keys()) if (index < firstIndex) parts.delete(index)
}

/** The sum of the parts from `first` to `last`, both included. */
export function sumOf(parts: Parts, first: number = -Infinity, last: number = Infinity): Spent {
  const sum: Spent = { nanoUsd: 0, calls: 0, unpriced: 0 }
  for (const [index, part] of parts) {
    if (index < first || index > last) continue
    sum.nanoUsd += part.nanoUsd
    sum.calls += part.calls
    sum.unpriced += part.unpriced
  }
  return sum
}

/** The form in which parts are kept: four numbers for each, oldest first. */
export type KeptParts = readonly (readonly [index: number, nanoUsd: number, calls: number, unpriced: number])[]

export function keptParts(parts: Parts): KeptParts {
  return [...parts].sort(([a], [b]) => a - b).map(([index, { nanoUsd, calls, unpriced }]) => [index, nanoUsd, calls, unpriced])
}

export function partsOf(kept: KeptParts | undefined): Parts {
  return new Map((kept ?? []).map(([index, nanoUsd, calls, unpriced]) => [index, { nanoUsd, calls, unpriced }]))
}
