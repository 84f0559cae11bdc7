import { weekdays, type ReportConfig } from '../model/attention-config.ts'
import { nextClockTime, periodAt, type Interval } from '../model/calendar.ts'

/** The last day or week (Monday to Sunday) that is over where its reader is. */
export function lastWhole(every: ReportConfig['every'], timezone: string, nowMs: number): Interval {
  return periodAt(every, timezone, periodAt(every, timezone, nowMs).startMs - 1)
}

/** The one before: as many days, though not always as many hours. */
export function before(every: ReportConfig['every'], timezone: string, { startMs }: Interval): Interval {
  return periodAt(every, timezone, startMs - 1)
}

/** When a report is next told, where its reader is. */
export function nextReportMs({ every, at, on }: Pick<ReportConfig, 'every' | 'at' | 'on'>, timezone: string, nowMs: number): number {
  return nextClockTime(at, timezone, nowMs, every === 'week' ? weekdays.indexOf(on) + 1 : undefined)
}
