/**
 * For `<input type="datetime-local">`: an instant as clocks of this zone show it, `2026-11-23T14:02`; empty where there is none. The zone is the one that
 * the reader chose and all times of the pages are in, whatever the browser's own is.
 */
export function localTextOf(instant: string | number, timezone: string): string {
  const atMs = new Date(instant).getTime()
  if (instant === '' || Number.isNaN(atMs)) return ''
  const { year, month, day, hour, minute } = clockAt(atMs, timezone)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`
}

/**
 * The instant at which clocks of this zone show what was typed. What they show twice, when they are put back, is the first of both; what they pass over,
 * when they are put forward, is as much later as they are put. What is no time stays as it is, for the server to say so.
 */
export function instantOf(text: string, timezone: string): string {
  const typed = /^(\d{4,6})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/.exec(text)
  if (typed === null) return text
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = typed.slice(1).map(Number)
  const shownMs = ofUtc(year, month, day, hour, minute)
  // Clocks are put at most once within two days: they are as before or as after it.
  const [before, after] = [shownMs - dayMs, shownMs + dayMs].map((atMs) => shownMs - offsetAt(atMs, timezone))
  const fitting = [before, after].filter((atMs): atMs is number => atMs !== undefined && atMs + offsetAt(atMs, timezone) === shownMs)
  const atMs = fitting.length === 0 ? (before ?? shownMs) : Math.min(...fitting)
  const date = new Date(atMs)
  return Number.isNaN(date.getTime()) ? text : date.toISOString()
}

const dayMs = 86_400_000

interface ClockTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** How far clocks of the zone are ahead of UTC, milliseconds. Whole seconds: long ago it was not whole minutes. */
function offsetAt(atMs: number, timezone: string): number {
  const { year, month, day, hour, minute, second } = clockAt(atMs, timezone)
  return ofUtc(year, month, day, hour, minute) + second * 1_000 - Math.floor(atMs / 1_000) * 1_000
}

function clockAt(atMs: number, timezone: string): ClockTime {
  const parts = new Map(clockOf(timezone).formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const of = (type: keyof ClockTime): number => parts.get(type) ?? 0
  return { year: of('year'), month: of('month'), day: of('day'), hour: of('hour'), minute: of('minute'), second: of('second') }
}

function ofUtc(year: number, month: number, day: number, hour: number, minute: number): number {
  const date = new Date(0)
  // Not `Date.UTC`: it takes the years 0 to 99, which are typed on the way to others, for those of the last century.
  date.setUTCFullYear(year, month - 1, day)
  return date.setUTCHours(hour, minute)
}

const clocks = new Map<string, Intl.DateTimeFormat>()
const clocksMax = 50

function clockOf(timezone: string): Intl.DateTimeFormat {
  const known = clocks.get(timezone) ?? new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { timeZone: knownZone(timezone), year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' })
  if (clocks.size >= clocksMax) clocks.clear()
  clocks.set(timezone, known)
  return known
}

/** The zone of this name, else UTC. */
export function knownZone(timezone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone
  } catch {
    // Of another browser's list, or typed by hand.
    return 'UTC'
  }
}
