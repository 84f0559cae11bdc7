import { describe, expect, it } from 'vitest'
import { isAlwaysMaintenance, maintenanceAt, nextMaintenanceMs } from './maintenance.ts'

const berlin = 'Europe/Berlin'
const window = (days: Parameters<typeof maintenanceAt>[0]['days'], hours: string, at: string, zone = berlin): readonly (string | undefined)[] | undefined => {
  const found = maintenanceAt({ days, hours }, zone, Date.parse(at))
  return found && [new Date(found.startMs).toISOString(), new Date(found.endMs).toISOString()]
}
const next = (days: Parameters<typeof maintenanceAt>[0]['days'], hours: string, at: string): string => new Date(nextMaintenanceMs({ days, hours }, berlin, Date.parse(at))).toISOString()

describe('a maintenance window', () => {
  it('holds on its days between its hours, and not at its end', () => {
    // 25 November 2026 is a Wednesday.
    expect(window(['wed'], '14:00-16:00', '2026-11-25T13:00:00Z')).toEqual(['2026-11-25T13:00:00.000Z', '2026-11-25T15:00:00.000Z'])
    expect(window(['wed'], '14:00-16:00', '2026-11-25T12:59:59Z')).toBeUndefined()
    expect(window(['wed'], '14:00-16:00', '2026-11-25T15:00:00Z')).toBeUndefined()
    expect(window(['thu'], '14:00-16:00', '2026-11-25T13:00:00Z')).toBeUndefined()
  })

  it('that ends before it begins goes over midnight, and counts by the day on which it begins', () => {
    expect(window(['sat'], '22:00-04:00', '2026-11-29T02:30:00Z')).toEqual(['2026-11-28T21:00:00.000Z', '2026-11-29T03:00:00.000Z'])
    expect(window(['sat'], '22:00-04:00', '2026-11-28T02:30:00Z')).toBeUndefined()
    expect(window(['sun'], '22:00-04:00', '2026-11-29T02:30:00Z')).toBeUndefined()
  })

  it('is a day long where its hours are the same twice, 23 or 25 hours on the days when clocks change', () => {
    expect(window(['sun'], '00:00-00:00', '2026-03-29T12:00:00Z')).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'])
    expect(window(['sun'], '00:00-00:00', '2026-10-25T12:00:00Z')).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'])
  })

  it('begins as late as a clock change moves it, and at the first of two such times', () => {
    // 02:30 does not come on 29 March in Berlin, and comes twice on 25 October.
    expect(window(['sun'], '02:30-05:00', '2026-03-29T01:30:00Z')).toEqual(['2026-03-29T01:30:00.000Z', '2026-03-29T03:00:00.000Z'])
    expect(window(['sun'], '02:30-05:00', '2026-03-29T01:29:59Z')).toBeUndefined()
    expect(window(['sun'], '02:30-05:00', '2026-10-25T00:30:00Z')).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-25T04:00:00.000Z'])
    expect(window(['sat'], '22:00-02:30', '2026-10-25T00:30:00Z')).toBeUndefined()
  })

  it('is one with those that begin as it ends', () => {
    expect(window(['sat', 'sun'], '00:00-00:00', '2026-11-28T12:00:00Z')).toEqual(['2026-11-27T23:00:00.000Z', '2026-11-29T23:00:00.000Z'])
    expect(window(['mon', 'tue'], '22:00-04:00', '2026-11-23T22:00:00Z')?.[1]).toBe('2026-11-24T03:00:00.000Z')
  })

  it('is in the zone it names', () => {
    expect(window(['wed'], '14:00-16:00', '2026-11-25T06:30:00Z', 'Asia/Shanghai')).toEqual(['2026-11-25T06:00:00.000Z', '2026-11-25T08:00:00.000Z'])
  })

  it('comes next on the nearest of its days', () => {
    expect(next(['mon', 'fri'], '22:00-04:00', '2026-11-25T12:00:00Z')).toBe('2026-11-27T21:00:00.000Z')
    expect(next(['fri'], '22:00-04:00', '2026-11-27T21:00:00Z')).toBe('2026-12-04T21:00:00.000Z')
  })

  it('that covers the whole week is known', () => {
    const all = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
    expect([isAlwaysMaintenance({ days: [...all], hours: '08:00-08:00' }), isAlwaysMaintenance({ days: all.slice(1), hours: '08:00-08:00' }), isAlwaysMaintenance({ days: [...all], hours: '08:00-07:59' })]).toEqual([true, false, false])
  })
})
