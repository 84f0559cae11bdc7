import { useMemo } from 'react'
import { useLocale } from '../words/say'
import { spaced } from '../words/sentences'
import { knownZone } from './local-time'

/** Numbers, money and times as the reader writes them. */
export interface Amounts {
  /** Nano-dollars: `$41.20`; of less than a cent two digits that count, `$0.0042`. */
  readonly money: (nanoUsd: number) => string
  /** The same of dollars. */
  readonly dollars: (usd: number) => string
  readonly count: (number: number) => string
  /** 0.824 is `82.4%`. */
  readonly percent: (share: number) => string
  /** `3 min 5 s`. */
  readonly duration: (ms: number) => string
  /** `14:02` of today, else `21 Nov, 14:02`. */
  readonly time: (atMs: number) => string
  /** With date, seconds and zone: for titles and details. */
  readonly wholeTime: (atMs: number) => string
  readonly date: (atMs: number) => string
  /** `4 s ago`, `in 3 min`. */
  readonly ago: (atMs: number, nowMs: number) => string
}

const nano = 1_000_000_000
const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

export function useAmounts(): Amounts {
  const { locale, timezone } = useLocale()
  return useMemo(() => amountsIn(locale, timezone), [locale, timezone])
}

function amountsIn(locale: string, timezone: string): Amounts {
  const zone = knownZone(timezone)
  const number = new Intl.NumberFormat(locale)
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const clock = new Intl.DateTimeFormat(locale, { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const day = new Intl.DateTimeFormat(locale, { timeZone: zone, day: 'numeric', month: 'short' })
  const dayOfYear = new Intl.DateTimeFormat(locale, { timeZone: zone, day: 'numeric', month: 'short', year: 'numeric' })
  const dayAndClock = new Intl.DateTimeFormat(locale, { timeZone: zone, day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const whole = new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'narrow' })
  const year = (ms: number): number => new Date(ms).getUTCFullYear()
  const dollars = (usd: number): string => {
    const amount = Math.abs(usd)
    const digits = amount === 0 || amount >= 0.00995 ? 2 : Math.min(9, Math.ceil(-Math.log10(amount)) + 1)
    // Always "$": "US$" says nothing more here, every price is in dollars of the United States.
    const text = amount.toLocaleString(locale, { minimumFractionDigits: digits === 2 ? 2 : 0, maximumFractionDigits: digits })
    return `${usd < 0 ? '-' : ''}$${text}`
  }
  return {
    dollars,
    money: (nanoUsd) => dollars(nanoUsd / nano),
    count: (value) => number.format(value),
    percent: (share) => percent.format(share),
    duration: (ms) => spaced(durationText(locale, ms)),
    time: (atMs) => spaced(day.format(atMs) === day.format(Date.now()) && year(atMs) === year(Date.now()) ? clock.format(atMs) : dayAndClock.format(atMs)),
    wholeTime: (atMs) => spaced(whole.format(atMs)),
    date: (atMs) => spaced(year(atMs) === year(Date.now()) ? day.format(atMs) : dayOfYear.format(atMs)),
    ago(atMs, nowMs) {
      const ms = atMs - nowMs
      const [unit, size] = units.find(([, one]) => Math.abs(ms) >= one) ?? ['second', 1_000]
      // What happens just now is not ahead: "0s ago".
      return spaced(relative.format(Math.trunc(ms / size) || -0, unit))
    },
  }
}

function durationText(locale: string, durationMs: number): string {
  const say = (value: number, unit: string, digits = 0): string => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits }).format(value)
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < 1_000) return say(ms, 'millisecond')
  if (ms < 9_950) return say(ms / 1_000, 'second', 1)
  const wholeMs = Math.round(ms / 1_000) * 1_000
  const index = units.findIndex(([, size]) => wholeMs >= size)
  const [unit, size] = units[index] ?? ['second', 1_000]
  const next = units[index + 1]
  const rest = next === undefined ? 0 : Math.floor((wholeMs % size) / next[1])
  const first = say(Math.floor(wholeMs / size), unit)
  return next !== undefined && rest > 0 ? `${first} ${say(rest, next[0])}` : first
}
