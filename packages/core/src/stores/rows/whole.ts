/**
 * A number that SQLite can hold and give back: node:sqlite throws on integers beyond 2^53 when it reads them, so a
 * larger one must never be written. It is kept at the edge instead; NaN, which SQLite would take for NULL, is 0.
 */
export function whole(value: number): number {
  if (Number.isNaN(value)) return 0
  return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
}

/** The same, for a value that may be absent. */
export function wholeOrNull(value: number | undefined): number | null {
  return value === undefined ? null : whole(value)
}
