/** An instant on a reader's wall: all text. */
export interface ZonedTime {
  readonly year: string
  readonly month: string
  readonly day: string
  /** `14:02:05` */
  readonly clock: string
  /** `UTC`, `GMT+8`, `EST` */
  readonly zone: string
}

/** Minutes kept for each zone: news is about now, so nearly every time of a batch falls into a few. */
const minutesMax = 256

/** The largest instant a date can hold, milliseconds either side of 1970. */
const instantMaxMs = 8_640_000_000_000_000

/**
 * Splits instants into a zone's calendar. Intl is asked once a minute (3 µs and more): since 1972 no zone's offset has
 * seconds, so within a minute only the seconds differ.
 */
export function zonedTimes(timezone: string): (atMs: number) => ZonedTime | undefined {
  const format = formatterFor(timezone)
  const minutes = new Map<number, ZonedTime>()
  return (atMs) => {
    if (!(Math.abs(atMs) <= instantMaxMs)) return undefined
    const minute = Math.floor(atMs / 60_000)
    let known = minutes.get(minute)
    if (known === undefined) {
      if (minutes.size >= minutesMax) minutes.clear()
      known = split(format, minute * 60_000)
      minutes.set(minute, known)
    }
    const second = Math.floor(atMs / 1_000) - minute * 60
    return { ...known, clock: `${known.clock}:${second < 10 ? '0' : ''}${second}` }
  }
}

function split(format: Intl.DateTimeFormat, atMs: number): ZonedTime {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
  for (const { type, value } of format.formatToParts(atMs)) part[type] = value
  return {
    year: part.year ?? '',
    month: String(Number(part.month)),
    day: String(Number(part.day)),
    clock: `${part.hour}:${part.minute}`,
    zone: part.timeZoneName ?? '',
  }
}

function formatterFor(timezone: string): Intl.DateTimeFormat {
  const options = { year: 'numeric', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short', calendar: 'gregory', numberingSystem: 'latn' } as const
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: timezone })
  } catch (unknownZone) {
    if (!(unknownZone instanceof RangeError)) throw unknownZone
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' })
  }
}
