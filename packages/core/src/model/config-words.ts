import { z } from 'zod'
import { parseDuration } from './duration.ts'

/** A duration such as `15m`, in milliseconds. */
export const duration = z.string().transform((text, context) => {
  const durationMs = parseDuration(text)
  if (durationMs === undefined) {
    context.addIssue({ code: 'custom', message: `expected a duration such as 500ms, 10s, 15m, 1h or 7d, found "${text}"` })
    return z.NEVER
  }
  return durationMs
})

/** A duration within bounds, which are durations too. */
export function durationBetween(least: string, most: string): typeof duration {
  const [leastMs = 0, mostMs = Infinity] = [parseDuration(least), parseDuration(most)]
  return duration.refine((durationMs) => durationMs >= leastMs && durationMs <= mostMs, `expected a duration of ${least} to ${most}`)
}

/** A CEL expression over `event` or `alert`; see `rules/view.ts` for the names in it. */
export const expression = z.string().min(1).max(4_000)
