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

/**
 * The hours that began on one of these days of the week and hold this instant. A local time that a clock change skips is taken as late as the
 * change moves it; one that comes twice counts the first time.
 *
 * @param days 1 is Monday, as in ISO 8601
 * @param hours such as `22:00-06:00`, which end on the next day; the same time twice is a whole day
 * @example hoursOn([6], '00:00-00:00', 'Europe/Berlin', atMs) // the whole of Saturday there, 23, 24 or 25 hours
 */
export function hoursOn(days: readonly number[], hours: string, timezone: string, atMs: number): Interval | undefined {
  const [from = '', to = ''] = hours.split('-')
  const { PlainTime } = temporal()
  const today = local(timezone, atMs).toPlainDate()
  for (const ago of [0, 1]) {
    const date = today.subtract({ days: ago })
    if (!days.includes(date.dayOfWeek)) continue
    const lastDate = to > from ? date : date.add({ days: 1 })
    const startMs = date.toZonedDateTime({ timeZone: timezone, plainTime: PlainTime.from(from) }).epochMilliseconds
    const endMs = lastDate.toZonedDateTime({ timeZone: timezone, plainTime: PlainTime.from(to) }).epochMilliseconds
    if (atMs >= startMs && atMs < endMs) return { startMs, endMs }
  }
  return undefined
}

/**
 * The next instant after this one at which it is this time of day, or this time on this day of the week. A local time that a clock change skips is
 * taken as late as the change moves it; one that comes twice counts the first time.
 *
 * @param dayOfWeek 1 is Monday, as in ISO 8601. Absent: any day
 * @example nextClockTime('09:00', 'Europe/Berlin', atMs, 1) // next Monday at nine there
 */
export function nextClockTime(at: string, timezone: string, atMs: number, dayOfWeek?: number): number {
  const plainTime = temporal().PlainTime.from(at)
  const today = local(timezone, atMs).toPlainDate()
  for (let days = 0; days <= 8; days += 1) {
    const date = today.add({ days })
    if (dayOfWeek !== undefined && date.dayOfWeek !== dayOfWeek) continue
    const thenMs = date.toZonedDateTime({ timeZone: timezone, plainTime }).epochMilliseconds
    if (thenMs > atMs) return thenMs
  }
  throw new Error(`expected ${at} to come within nine days in ${timezone}`)
}

/** Turns that follow one another: who is on duty changes each day or each week, at a local time. */
export interface TurnRule {
  readonly every: 'day' | 'week'
  /** Time of day of the hand-over. */
  readonly at: string
  /** Day of the hand-over of weekly turns; 1 is Monday, as in ISO 8601. */
  readonly dayOfWeek: number
  readonly timezone: string
  /** A local date in the turn that counts as 0: the day of its hand-over, or of weekly ones any day up to the next. */
  readonly start: string
}

/**
 * The turn that holds this instant, and its number; before the start it is negative. A local time that a clock change skips is taken as late as
 * the change moves it; one that comes twice counts the first time. A turn of a date that a zone leaves out has no length.
 *
 * @example turnAt({ every: 'week', at: '09:00', dayOfWeek: 1, timezone: 'Europe/Berlin', start: '2026-11-04' }, atMs) // from Monday, 2 November, at nine
 */
export function turnAt({ every, at, dayOfWeek, timezone, start }: TurnRule, atMs: number): Interval & { readonly number: number } {
  const { PlainDate, PlainTime } = temporal()
  const plainTime = PlainTime.from(at)
  const days = every === 'day' ? 1 : 7
  const handOver = (date: TemporalNamespace.PlainDate): number => date.toZonedDateTime({ timeZone: timezone, plainTime }).epochMilliseconds
  const onTheDay = (date: TemporalNamespace.PlainDate): TemporalNamespace.PlainDate => (every === 'day' ? date : date.subtract({ days: (date.dayOfWeek - dayOfWeek + 7) % 7 }))
  // A local day may begin up to a day later than its date says, where its zone leaves a date out.
  let first = onTheDay(local(timezone, atMs).toPlainDate().add({ days: 1 }))
  while (handOver(first) > atMs) first = first.subtract({ days })
  const number = onTheDay(PlainDate.from(start)).until(first, { largestUnit: 'day' }).days / days
  return { number, startMs: handOver(first), endMs: handOver(first.add({ days })) }
}

/**
 * The next instant after this one at which clocks show a full hour. Where zones are off by half an hour that is not a full hour elsewhere.
 *
 * @example nextFullHour('Asia/Kolkata', Date.UTC(2026, 10, 22, 10)) // 16:00 there, 10:30 UTC
 */
export function nextFullHour(timezone: string, atMs: number): number {
  // Zones differ by quarters of an hour, and clocks change at one; two hours hold a full one also where half of one comes twice.
  for (let quarter = 1; quarter <= 8; quarter += 1) {
    const thenMs = (Math.floor(atMs / quarterMs) + quarter) * quarterMs
    if (local(timezone, thenMs).minute === 0) return thenMs
  }
  throw new Error(`expected a full hour within two hours in ${timezone}`)
}

const quarterMs = hourMs / 4

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
