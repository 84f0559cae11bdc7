import { describe, expect, test } from 'vitest'
import { before, lastWhole, nextReportMs } from './period.ts'

const hourMs = 3_600_000
const iso = (atMs: number): string => new Date(atMs).toISOString()
const spanOf = (...args: Parameters<typeof lastWhole>): readonly string[] => {
  const { startMs, endMs } = lastWhole(...args)
  return [iso(startMs), iso(endMs)]
}

describe('the last whole day or week', () => {
  test('is the one before today where the reader is, however late it is there', () => {
    const nowMs = Date.UTC(2026, 10, 22, 20)
    expect(spanOf('day', 'UTC', nowMs)).toEqual(['2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'])
    // It is the 23rd in Shanghai.
    expect(spanOf('day', 'Asia/Shanghai', nowMs)).toEqual(['2026-11-21T16:00:00.000Z', '2026-11-22T16:00:00.000Z'])
    expect(spanOf('day', 'America/Los_Angeles', nowMs)).toEqual(['2026-11-21T08:00:00.000Z', '2026-11-22T08:00:00.000Z'])
  })

  test('goes from Monday to Sunday, on whatever day it is asked for', () => {
    for (const day of [16, 18, 22]) expect(spanOf('week', 'UTC', Date.UTC(2026, 10, day, 9))).toEqual(['2026-11-09T00:00:00.000Z', '2026-11-16T00:00:00.000Z'])
    expect(spanOf('week', 'UTC', Date.UTC(2026, 10, 23))).toEqual(['2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z'])
  })

  test('is as long as it was where clocks change: 23 or 25 hours, 167 or 169', () => {
    const hours = (...args: Parameters<typeof lastWhole>): number => (lastWhole(...args).endMs - lastWhole(...args).startMs) / hourMs
    expect(hours('day', 'Europe/Berlin', Date.UTC(2026, 2, 30, 7))).toBe(23)
    expect(hours('day', 'Europe/Berlin', Date.UTC(2026, 9, 26, 8))).toBe(25)
    expect(hours('week', 'Europe/Berlin', Date.UTC(2026, 2, 30, 7))).toBe(167)
    expect(hours('week', 'America/New_York', Date.UTC(2026, 10, 2, 14))).toBe(169)
    expect(hours('week', 'Asia/Shanghai', Date.UTC(2026, 10, 2, 14))).toBe(168)
  })

  test('has another before it that ends where it begins', () => {
    for (const timezone of ['UTC', 'Europe/Berlin', 'Asia/Shanghai', 'America/New_York']) {
      for (const every of ['day', 'week'] as const) {
        const last = lastWhole(every, timezone, Date.UTC(2026, 3, 1, 12))
        expect(before(every, timezone, last).endMs).toBe(last.startMs)
      }
    }
  })
})

describe('the next report', () => {
  test('is at its time of day where its reader is, on its day where it is weekly', () => {
    const nowMs = Date.UTC(2026, 10, 22, 12)
    expect(iso(nextReportMs({ every: 'day', at: '09:00', on: 'mon' }, 'Europe/Berlin', nowMs))).toBe('2026-11-23T08:00:00.000Z')
    expect(iso(nextReportMs({ every: 'week', at: '09:00', on: 'wed' }, 'Asia/Shanghai', nowMs))).toBe('2026-11-25T01:00:00.000Z')
  })

  test('is one a day where clocks change, and the one after is never the same again', () => {
    for (const timezone of ['Europe/Berlin', 'America/New_York']) {
      for (const at of ['02:30', '01:30', '09:00']) {
        const report = { every: 'day', at, on: 'mon' } as const
        let nowMs = nextReportMs(report, timezone, Date.UTC(2026, 0, 1, 12))
        for (let day = 1; day < 365; day += 1) {
          const nextMs = nextReportMs(report, timezone, nowMs)
          expect(nextMs - nowMs).toBeGreaterThan(0)
          expect(Math.abs(nextMs - nowMs - 24 * hourMs)).toBeLessThanOrEqual(hourMs)
          // What it covers is over by then, and the day after covers the next.
          expect(lastWhole('day', timezone, nextMs).endMs).toBeLessThanOrEqual(nextMs)
          nowMs = nextMs
        }
      }
    }
  })
})
