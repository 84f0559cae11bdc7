/** The value below which the share `q` (0 to 1) of the samples lies, by the nearest rank; NaN without samples. */
export function quantile(samples: Iterable<number>, q: number): number {
  const sorted = Float64Array.from(samples).sort()
  if (sorted.length === 0) return Number.NaN
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN
}

export function median(samples: Iterable<number>): number {
  return quantile(samples, 0.5)
}

/** Lowest and highest, for the note beside a median. */
export function spread(samples: readonly number[], digits: number): string {
  return `${samples.length} runs, ${Math.min(...samples).toFixed(digits)}–${Math.max(...samples).toFixed(digits)}`
}
