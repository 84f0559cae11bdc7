import { createRequire } from 'node:module'
import type * as polyfill from 'temporal-polyfill'
import type { Temporal as TemporalNamespace } from 'temporal-polyfill'

/**
 * Calendar arithmetic in a time zone. Days are as long as they are: 23, 24 or 25 hours where clocks change.
 */
export type Period = 'hour' | 'day' | 'week' | 'month'

/** From `startMs` (included) to `endMs` (excluded), milliseconds since 1970. */
export interface Interval {
  readonly startMs: number
  readonly endMs: number
}

const hourMs = 3_600_000

/**
 * The period that holds an instant. Days, weeks (from Monday) and months begin at the first instant of their local
 * date; hours are elapsed hours, the same in every zone.
 *
 * @example periodAt('month', 'Asia/Shanghai', Date.UTC(2026, 10, 22)) // 1 November 00:00 to 1 December 00:00, Shanghai
 */
export function periodAt(period: Period, timezone: string, atMs: number): Interval {
  if (period === 'hour') {
    const startMs = Math.floor(atMs / hourMs) * hourMs
    return { startMs, endMs: startMs + hourMs }
  }
  const date = local(timezone, atMs).toPlainDate()
  const first = period === 'day' ? date : period === 'week' ? date.subtract({ days: date.dayOfWeek - 1 }) : date.with({ day: 1 })
  const next = first.add(period === 'day' ? { days: 1 } : period === 'week' ? { weeks: 1 } : { months: 1 })
  // Without a time, the first instant of the date: midnight, or where clocks skip it the first one after.
  return { startMs: first.toZonedDateTime(timezone).epochMilliseconds, endMs: next.toZonedDateTime(timezone).epochMilliseconds }
}

/** A stretch of time that is quiet, or not, from end to end. */
export interface Spell extends Interval {
  readonly isQuiet: boolean
}

/**
 * The quiet hours that hold this instant, or the time between two of them. A local time that a clock change skips is
 * taken as late as the change moves it; one that comes twice counts the first time.
 *
 * @param hours such as `22:00-07:00`; the same time twice means no quiet hours, and the spell has no end
 * @example spellAt('22:00-07:00', 'Asia/Shanghai', atMs) // { startMs, endMs, isQuiet: true } at 23:00 there
 */
export function spellAt(hours: string, timezone: string, atMs: number): Spell {
  const [from = '', to = ''] = hours.split('-')
  if (from === to) return { startMs: -Infinity, endMs: Infinity, isQuiet: false }
  const { PlainTime } = temporal()
  const today = local(timezone, atMs).toPlainDate()
  let startMs = -Infinity
  for (const days of [-2, -1, 0, 1, 2]) {
    const date = today.add({ days })
    const lastDate = to > from ? date : date.add({ days: 1 })
    const fromMs = date.toZonedDateTime({ timeZone: timezone, plainTime: PlainTime.from(from) }).epochMilliseconds
    const toMs = lastDate.toZonedDateTime({ timeZone: timezone, plainTime: PlainTime.from(to) }).epochMilliseconds
    if (atMs < fromMs) return { startMs, endMs: fromMs, isQuiet: false }
    if (atMs < toMs) return { startMs: fromMs, endMs: toMs, isQuiet: true }
    startMs = toMs
  }
  return { startMs, endMs: Infinity, isQuiet: false }
}

function local(timezone: string, atMs: number): TemporalNamespace.ZonedDateTime {
  return temporal().Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(timezone)
}

let loaded: typeof TemporalNamespace | undefined

/** Loaded at first use, 25 ms and 8 MB: without budgets and quiet hours nothing here is needed. */
function temporal(): typeof TemporalNamespace {
  // `require` is untyped; it loads an ES module at once, which a dynamic import cannot.
  loaded ??= (createRequire(import.meta.url)('temporal-polyfill') as typeof polyfill).Temporal
  return loaded
}
