const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Milliseconds of a duration such as `500ms`, `10s`, `15m`, `1h` or `7d`; `undefined` where the text is not one.
 *
 * @example parseDuration('15m') // 900_000
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  const unit = unitMs[match?.[2] ?? '']
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit
}

/** The shortest exact form of a duration: 900_000 is `15m`. */
export function formatDuration(durationMs: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = unitMs[unit] ?? 1
    if (durationMs >= size && durationMs % size === 0) return `${durationMs / size}${unit}`
  }
  return `${Math.round(durationMs)}ms`
}
