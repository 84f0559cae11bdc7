import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { weekdays, type Schedule } from '../model/attention-config.ts'
import { nextDigestMs } from './schedule.ts'

const hourMs = 3_600_000
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Africa/Cairo', 'Asia/Shanghai', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'Pacific/Chatham']

/** As a clock there shows it. */
function shown(atMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(atMs)
}

/** Each time from the first on at which a digest is told, as a clock there shows it. */
function times(schedule: Schedule, zone: string, fromMs: number, count: number): readonly string[] {
  const found: number[] = []
  for (let nowMs = fromMs; found.length < count; nowMs = found.at(-1) ?? nowMs) found.push(nextDigestMs(schedule, zone, nowMs))
  return found.map((atMs) => shown(atMs, zone))
}

const daily = (at: string): Schedule => ({ kind: 'daily', at })

describe('a daily digest', () => {
  test('stays at its time of day where clocks change, in the reader’s zone', () => {
    expect(times(daily('09:00'), 'Europe/Berlin', Date.UTC(2026, 2, 27, 12), 3)).toEqual(['2026-03-28 09:00', '2026-03-29 09:00', '2026-03-30 09:00'])
    expect(times(daily('09:00'), 'America/New_York', Date.UTC(2026, 9, 31, 0), 3)).toEqual(['2026-10-31 09:00', '2026-11-01 09:00', '2026-11-02 09:00'])
    const [before = 0, after = 0] = [Date.UTC(2026, 2, 28), Date.UTC(2026, 2, 29)].map((atMs) => nextDigestMs(daily('09:00'), 'Europe/Berlin', atMs))
    expect(after - before).toBe(23 * hourMs)
  })

  test('at a time that a change of clocks skips comes as much later, once; at one that comes twice, the first time only', () => {
    expect(times(daily('02:30'), 'Europe/Berlin', Date.UTC(2026, 2, 28, 12), 2)).toEqual(['2026-03-29 03:30', '2026-03-30 02:30'])
    const twice = nextDigestMs(daily('02:30'), 'Europe/Berlin', Date.UTC(2026, 9, 24, 12))
    expect(twice).toBe(Date.UTC(2026, 9, 25, 0, 30))
    expect(nextDigestMs(daily('02:30'), 'Europe/Berlin', twice + hourMs / 2)).toBe(Date.UTC(2026, 9, 26, 1, 30))
    expect(times(daily('01:30'), 'America/New_York', Date.UTC(2026, 10, 1, 0), 2)).toEqual(['2026-11-01 01:30', '2026-11-02 01:30'])
  })

  test('at midnight comes also on a day that has none', () => {
    expect(times(daily('00:00'), 'America/Sao_Paulo', Date.UTC(2018, 10, 3, 12), 3)).toEqual(['2018-11-04 01:00', '2018-11-05 00:00', '2018-11-06 00:00'])
    expect(times(daily('00:00'), 'Africa/Cairo', Date.UTC(2026, 3, 23, 12), 2)).toEqual(['2026-04-24 01:00', '2026-04-25 00:00'])
  })
})

describe('a weekly digest', () => {
  const onMonday: Schedule = { kind: 'weekly', on: 'mon', at: '09:00' }

  test('comes on its day, and on the same day only before its time', () => {
    expect(times(onMonday, 'Asia/Shanghai', Date.UTC(2026, 10, 22, 12), 2)).toEqual(['2026-11-23 09:00', '2026-11-30 09:00'])
    expect(shown(nextDigestMs(onMonday, 'Asia/Shanghai', Date.UTC(2026, 10, 23, 0, 59)), 'Asia/Shanghai')).toBe('2026-11-23 09:00')
    expect(shown(nextDigestMs(onMonday, 'Asia/Shanghai', Date.UTC(2026, 10, 23, 1)), 'Asia/Shanghai')).toBe('2026-11-30 09:00')
  })

  test('is a week later by the calendar where clocks change in between', () => {
    expect(times(onMonday, 'Europe/Berlin', Date.UTC(2026, 9, 18), 3)).toEqual(['2026-10-19 09:00', '2026-10-26 09:00', '2026-11-02 09:00'])
  })
})

describe('an hourly digest', () => {
  test('comes at the full hour of the reader’s clock', () => {
    expect(times({ kind: 'hourly' }, 'Asia/Kolkata', Date.UTC(2026, 10, 22, 10, 5), 2)).toEqual(['2026-11-22 16:00', '2026-11-22 17:00'])
    expect(times({ kind: 'hourly' }, 'Europe/Berlin', Date.UTC(2026, 2, 29, 0, 10), 3)).toEqual(['2026-03-29 03:00', '2026-03-29 04:00', '2026-03-29 05:00'])
    expect(nextDigestMs({ kind: 'hourly' }, 'UTC', Date.UTC(2026, 10, 22, 10))).toBe(Date.UTC(2026, 10, 22, 11))
  })

  test('comes also in the hour that is half as long', () => {
    expect(times({ kind: 'hourly' }, 'Australia/Lord_Howe', Date.UTC(2026, 3, 4, 13, 10), 4)).toEqual(['2026-04-05 01:00', '2026-04-05 02:00', '2026-04-05 03:00', '2026-04-05 04:00'])
  })
})

test('a digest of so long is told so long after its first', () => {
  expect(nextDigestMs({ kind: 'every', everyMs: 900_000 }, 'Europe/Berlin', 1_000)).toBe(901_000)
})

test('whatever the schedule, the zone and the instant, the next time is later, not far, and the same from anywhere before it', () => {
  const at = fc.tuple(fc.nat(23), fc.nat(59)).map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`)
  const schedules = fc.oneof(
    fc.constant<Schedule>({ kind: 'hourly' }),
    at.map(daily),
    fc.tuple(fc.constantFrom(...weekdays), at).map(([on, time]): Schedule => ({ kind: 'weekly', on, at: time })),
  )
  const farMs = { hourly: 2 * hourMs, daily: 49 * hourMs, weekly: 9 * 24 * hourMs, every: 0 }
  fc.assert(
    fc.property(schedules, fc.constantFrom(...zones), fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2035, 0, 1) }), (schedule, zone, nowMs) => {
      const nextMs = nextDigestMs(schedule, zone, nowMs)
      expect(nextMs).toBeGreaterThan(nowMs)
      expect(nextMs - nowMs).toBeLessThanOrEqual(farMs[schedule.kind])
      expect(nextDigestMs(schedule, zone, Math.floor((nowMs + nextMs) / 2))).toBe(nextMs)
    }),
    { numRuns: 500 },
  )
})
