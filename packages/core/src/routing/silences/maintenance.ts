import { weekdays, type MaintenanceConfig } from '../../model/attention-config.ts'
import { hoursOn, nextClockTime, type Interval } from '../../model/calendar.ts'

/** Windows that follow one another without a gap are one, at most so many: what never ends is looked at again after so many days. */
const joinedMax = 8

type Hours = Pick<MaintenanceConfig, 'days' | 'hours'>

/**
 * The maintenance window that holds this instant; those that begin as it ends are part of it.
 *
 * @example maintenanceAt({ days: ['sat'], hours: '22:00-04:00' }, 'Europe/Berlin', atMs)
 */
export function maintenanceAt({ days, hours }: Hours, timezone: string, atMs: number): Interval | undefined {
  const numbers = numbersOf(days)
  const first = hoursOn(numbers, hours, timezone, atMs)
  if (first === undefined) return undefined
  let { endMs } = first
  for (let joined = 1; joined < joinedMax; joined += 1) {
    const next = hoursOn(numbers, hours, timezone, endMs)
    if (next === undefined) break
    endMs = next.endMs
  }
  return { startMs: first.startMs, endMs }
}

/** When the next one begins, after this instant. */
export function nextMaintenanceMs({ days, hours }: Hours, timezone: string, atMs: number): number {
  const [from = ''] = hours.split('-')
  return Math.min(...numbersOf(days).map((day) => nextClockTime(from, timezone, atMs, day)))
}

/** Whether there is never a time between two windows. */
export function isAlwaysMaintenance({ days, hours }: Hours): boolean {
  const [from, to] = hours.split('-')
  return from === to && numbersOf(days).length === weekdays.length
}

function numbersOf(days: Hours['days']): readonly number[] {
  return [...new Set(days)].map((day) => weekdays.indexOf(day) + 1)
}
