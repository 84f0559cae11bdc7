import type { Interval } from '../../model/calendar.ts'
import { periodParts } from './budget.ts'
import { sumOf, type Parts } from './parts.ts'

/** How a budget's money goes: what forecast and velocity are worked out from. */
export interface Pace {
  readonly amountNanoUsd: number
  readonly spentNanoUsd: number
  /** The calendar period; absent: a rolling window. */
  readonly period?: Interval
  /** Of a rolling window, milliseconds. */
  readonly rollingMs?: number
  /** Of a period, numbered from its start. */
  readonly parts: Parts
  /** Numbered since 1970. */
  readonly minutes: Parts
}

export interface Forecast {
  /** What will be spent when the period ends. */
  readonly projectedNanoUsd: number
  /** When the amount is used up, milliseconds since 1970. */
  readonly crossesAtMs: number
  /** Paces that it is made of, nano-dollars an hour. */
  readonly wholeNanoUsdPerHour: number
  readonly recentNanoUsdPerHour: number
}

/** What a forecast needs, and how far beyond the amount it has to be: less is not worth a word, or not known well enough. */
const forecastNeeds = { elapsedShare: 0.1, calls: 10, parts: 3, overShare: 1.1 } as const

/** The recent pace is that of so many parts, a seventh of the period: the last day of a week. */
const recentParts = 6

const minuteMs = 60_000
const hourMs = 3_600_000

/**
 * Where the present pace leads: the mean of the pace of the whole period and that of its last seventh, each without its
 * largest part, because one burst is no pace. Nothing where too little is known, where the amount will last, and where it is used up.
 */
export function forecastOf(of: Pace, nowMs: number): Forecast | undefined {
  const { amountNanoUsd, spentNanoUsd, period } = of
  if (period === undefined || spentNanoUsd >= amountNanoUsd) return undefined
  const paces = pacesOf(of, nowMs)
  if (paces === undefined) return undefined
  const { whole, recent } = paces
  const pace = (whole + recent) / 2
  const projectedNanoUsd = Math.round(spentNanoUsd + pace * (period.endMs - nowMs))
  if (projectedNanoUsd < amountNanoUsd * forecastNeeds.overShare) return undefined
  // To the minute: no pace is known better.
  const crossesAtMs = Math.ceil((nowMs + (amountNanoUsd - spentNanoUsd) / pace) / minuteMs) * minuteMs
  return { projectedNanoUsd, crossesAtMs, wholeNanoUsdPerHour: Math.round(whole * hourMs), recentNanoUsdPerHour: Math.round(recent * hourMs) }
}

/** Nano-dollars a millisecond: over the whole period, and over its last seventh. Nothing where too little is known. */
export function pacesOf({ spentNanoUsd, period, parts }: Pick<Pace, 'spentNanoUsd' | 'period' | 'parts'>, nowMs: number): { readonly whole: number; readonly recent: number } | undefined {
  if (period === undefined) return undefined
  const { startMs, endMs } = period
  const elapsedMs = nowMs - startMs
  if (nowMs >= endMs || elapsedMs < (endMs - startMs) * forecastNeeds.elapsedShare) return undefined
  if (parts.size < forecastNeeds.parts || callsAtLeast(parts) < forecastNeeds.calls) return undefined
  const partMs = (endMs - startMs) / periodParts
  const firstRecent = Math.max(0, Math.floor(elapsedMs / partMs) - recentParts)
  return {
    whole: (spentNanoUsd - largestOf(parts, 0)) / (elapsedMs - partMs),
    recent: (sumOf(parts, firstRecent).nanoUsd - largestOf(parts, firstRecent)) / (elapsedMs - (firstRecent + 1) * partMs),
  }
}

/** A part of which money is known and no call was added up by whoever told it: there were enough. */
function callsAtLeast(parts: Parts): number {
  let sum = 0
  for (const { calls } of parts.values()) sum += calls === 0 ? forecastNeeds.calls : calls
  return sum
}

function largestOf(parts: Parts, first: number): number {
  let largest = 0
  for (const [index, { nanoUsd }] of parts) if (index >= first) largest = Math.max(largest, nanoUsd)
  return largest
}

export interface Velocity {
  readonly nanoUsdPerMinute: number
  /** Before these minutes in this period or window; 0 where nothing was spent. */
  readonly usualNanoUsdPerMinute: number
  /** What the amount allows when it is spent evenly. */
  readonly evenNanoUsdPerMinute: number
  readonly calls: number
  /** Minutes among them in which something was spent. */
  readonly minutes: number
  /** Until the amount is used up at this pace; Infinity where it already is. */
  readonly toCapMs: number
}

/** Over so many whole minutes velocity is measured, and the present one. */
export const velocityMinutes = 5

/** How fast money goes now. */
export function velocityOf({ amountNanoUsd, spentNanoUsd, period, rollingMs = 0, minutes }: Pace, nowMs: number): Velocity {
  const last = Math.floor(nowMs / minuteMs)
  const first = last - velocityMinutes
  const spanMs = nowMs - first * minuteMs
  const { nanoUsd, calls } = sumOf(minutes, first, last)
  const lengthMs = period === undefined ? rollingMs : period.endMs - period.startMs
  const beforeMs = (period === undefined ? rollingMs : nowMs - period.startMs) - spanMs
  const evenly = (amountNanoUsd / lengthMs) * minuteMs
  const before = beforeMs <= 0 ? 0 : (Math.max(0, spentNanoUsd - nanoUsd) / beforeMs) * minuteMs
  const nanoUsdPerMinute = Math.round((nanoUsd / spanMs) * minuteMs)
  const left = amountNanoUsd - spentNanoUsd
  return {
    nanoUsdPerMinute,
    usualNanoUsdPerMinute: Math.round(before),
    evenNanoUsdPerMinute: Math.round(evenly),
    calls,
    minutes: [...minutes.keys()].filter((minute) => minute >= first && minute <= last).length,
    toCapMs: left <= 0 || nanoUsdPerMinute === 0 ? Infinity : Math.ceil((left / nanoUsdPerMinute) * minuteMs),
  }
}
