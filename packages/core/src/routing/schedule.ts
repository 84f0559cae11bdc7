import { weekdays, type Schedule } from '../model/attention-config.ts'
import { nextClockTime, nextFullHour } from '../model/calendar.ts'

/**
 * When what is collected from now on is told: so long from now, at the next full hour, or at the next such time of day; both where the reader is.
 *
 * @example nextDigestMs({ kind: 'daily', at: '09:00' }, 'Asia/Shanghai', nowMs)
 */
export function nextDigestMs(schedule: Schedule, timezone: string, nowMs: number): number {
  if (schedule.kind === 'every') return nowMs + schedule.everyMs
  if (schedule.kind === 'hourly') return nextFullHour(timezone, nowMs)
  return nextClockTime(schedule.at, timezone, nowMs, schedule.kind === 'weekly' ? weekdays.indexOf(schedule.on) + 1 : undefined)
}
