import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { periodAt, spellAt } from './calendar.ts'

const hourMs = 3_600_000
const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Shanghai', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Santiago', 'Pacific/Apia')
const instants = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) })

function local(atMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(atMs)
}

describe('a period', () => {
  it('is 23 or 25 hours where clocks change', () => {
    const spring = periodAt('day', 'Europe/Berlin', Date.UTC(2026, 2, 29, 12))
    const autumn = periodAt('day', 'Europe/Berlin', Date.UTC(2026, 9, 25, 12))
    expect([spring.endMs - spring.startMs, autumn.endMs - autumn.startMs]).toEqual([23 * hourMs, 25 * hourMs])
  })

  it('begins at the first instant of the date where midnight does not exist', () => {
    const { startMs } = periodAt('day', 'America/Santiago', Date.UTC(2026, 8, 6, 15))
    expect(local(startMs, 'America/Santiago')).toBe('2026-09-06 01:00')
  })

  it('is the local month, and a week from Monday', () => {
    const month = periodAt('month', 'Asia/Shanghai', Date.UTC(2026, 9, 31, 17))
    expect([local(month.startMs, 'Asia/Shanghai'), local(month.endMs, 'Asia/Shanghai')]).toEqual(['2026-11-01 00:00', '2026-12-01 00:00'])
    const week = periodAt('week', 'UTC', Date.UTC(2026, 10, 22, 12))
    expect([local(week.startMs, 'UTC'), local(week.endMs, 'UTC')]).toEqual(['2026-11-16 00:00', '2026-11-23 00:00'])
  })

  it('holds its instant, and the next begins where it ends', () => {
    fc.assert(
      fc.property(fc.constantFrom('hour', 'day', 'week', 'month'), zones, instants, (period, zone, atMs) => {
        const { startMs, endMs } = periodAt(period, zone, atMs)
        expect(startMs <= atMs && atMs < endMs).toBe(true)
        expect(periodAt(period, zone, endMs).startMs).toBe(endMs)
        expect(periodAt(period, zone, startMs)).toEqual({ startMs, endMs })
      }),
      { numRuns: 200 },
    )
  })
})

describe('quiet hours', () => {
  it('hold over midnight, in the zone of the person', () => {
    const at = Date.UTC(2026, 10, 22, 15, 30) // 23:30 in Shanghai
    expect(spellAt('22:00-07:00', 'Asia/Shanghai', at)).toEqual({ startMs: Date.UTC(2026, 10, 22, 14), endMs: Date.UTC(2026, 10, 22, 23), isQuiet: true })
    expect(spellAt('22:00-07:00', 'UTC', at)).toMatchObject({ endMs: Date.UTC(2026, 10, 22, 22), isQuiet: false })
  })

  it('end at the local time also in the night that clocks change', () => {
    const spring = spellAt('22:00-07:00', 'Europe/Berlin', Date.UTC(2026, 2, 29, 0))
    const autumn = spellAt('22:00-07:00', 'Europe/Berlin', Date.UTC(2026, 9, 25, 0))
    expect([spring.endMs - spring.startMs, autumn.endMs - autumn.startMs]).toEqual([8 * hourMs, 10 * hourMs])
    expect([local(spring.endMs, 'Europe/Berlin'), local(autumn.endMs, 'Europe/Berlin')]).toEqual(['2026-03-29 07:00', '2026-10-25 07:00'])
  })

  it('never hold when both times are the same', () => {
    expect(spellAt('08:00-08:00', 'UTC', 0)).toMatchObject({ isQuiet: false, endMs: Infinity })
  })

  it('follow each other without a gap, whatever the zone, the hours and the instant', () => {
    const time = fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
    fc.assert(
      fc.property(time, time, zones, instants, (from, to, zone, atMs) => {
        fc.pre(from !== to)
        const hours = `${from}-${to}`
        const spell = spellAt(hours, zone, atMs)
        expect(spell.startMs <= atMs && atMs < spell.endMs && spell.endMs - spell.startMs <= 50 * hourMs).toBe(true)
        const next = spellAt(hours, zone, spell.endMs)
        expect(next.startMs).toBe(spell.endMs)
        expect(spellAt(hours, zone, spell.endMs - 1)).toEqual(spell)
      }),
      { numRuns: 300 },
    )
  })
})
