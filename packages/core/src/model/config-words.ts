import { z } from 'zod'
import { parseDuration } from './duration.ts'

const expectedDuration = 'expected a duration such as 500ms, 10s, 15m, 1h or 7d'

/** A duration such as `15m`, in milliseconds. */
export const duration = z.string(expectedDuration).transform((text, context) => {
  const durationMs = parseDuration(text)
  if (durationMs === undefined) {
    context.addIssue({ code: 'custom', message: `${expectedDuration}, found "${text}"` })
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

export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected a name of letters, digits, dot, dash or underscore, at most 64 characters')

export const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 09:00')

export const timezone = z.string().refine(isTimezone, { error: (issue) => `expected a time zone such as Europe/Berlin, found "${String(issue.input)}"` })

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch (unknownZone) {
    if (unknownZone instanceof RangeError) return false
    throw unknownZone
  }
}
