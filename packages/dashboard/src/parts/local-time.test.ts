import { describe, expect, test } from 'vitest'
import { instantOf, localTextOf } from './local-time'

// Whatever the zone of this process is: nothing here is read in it.
const shown = [
  ['Europe/Berlin', '2026-07-01T12:00:00.000Z', '2026-07-01T14:00'],
  ['Europe/Berlin', '2026-12-31T23:30:00.000Z', '2027-01-01T00:30'],
  ['America/New_York', '2026-03-08T06:59:00.000Z', '2026-03-08T01:59'],
  ['America/New_York', '2026-03-08T07:00:00.000Z', '2026-03-08T03:00'],
  ['Asia/Kathmandu', '2026-11-23T00:00:00.000Z', '2026-11-23T05:45'],
  ['Australia/Lord_Howe', '2026-01-01T00:00:00.000Z', '2026-01-01T11:00'],
  ['Pacific/Kiritimati', '2026-11-23T10:00:00.000Z', '2026-11-24T00:00'],
  ['UTC', '2026-11-23T00:00:00.000Z', '2026-11-23T00:00'],
] as const

test.for(shown)('in %s, %s is %s, and read there it is the same instant', ([zone, instant, text]) => {
  expect(localTextOf(instant, zone)).toBe(text)
  expect(instantOf(text, zone)).toBe(instant)
})

describe('where clocks are put', () => {
  test.for([
    // Put forward: what they pass over is as much later.
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30:00.000Z', '2026-03-29T03:30'],
    ['America/New_York', '2026-03-08T02:15', '2026-03-08T07:15:00.000Z', '2026-03-08T03:15'],
    ['Australia/Lord_Howe', '2026-10-04T02:10', '2026-10-03T15:40:00.000Z', '2026-10-04T02:40'],
    // Put back: what they show twice is the first of both.
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30:00.000Z', '2026-10-25T02:30'],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00.000Z', '2026-11-01T01:30'],
    // A whole day was left out.
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T22:00:00.000Z', '2011-12-31T12:00'],
  ] as const)('in %s, %s is %s', ([zone, text, instant, again]) => {
    expect(instantOf(text, zone)).toBe(instant)
    expect(localTextOf(instant, zone)).toBe(again)
  })

  test('every hour of the days around it that exists is the same after a way there and back', () => {
    for (const [zone, fromMs] of [['Europe/Berlin', Date.UTC(2026, 9, 24)], ['America/Santiago', Date.UTC(2026, 8, 5)], ['Africa/Casablanca', Date.UTC(2026, 1, 14)], ['Australia/Lord_Howe', Date.UTC(2026, 3, 4)]] as const) {
      for (let atMs = fromMs; atMs < fromMs + 3 * 86_400_000; atMs += 900_000) {
        const text = localTextOf(atMs, zone)
        expect(localTextOf(instantOf(text, zone), zone)).toBe(text)
      }
    }
  })
})

test('what is typed on the way to a year, and what is no time, is not lost', () => {
  for (const text of ['0002-11-23T14:02', '0202-11-23T14:02', '1890-01-01T00:00']) expect(localTextOf(instantOf(text, 'Europe/Berlin'), 'Europe/Berlin')).toBe(text)
  expect([localTextOf('', 'UTC'), localTextOf('soon', 'UTC'), instantOf('', 'UTC'), instantOf('soon', 'UTC')]).toEqual(['', '', '', 'soon'])
})

test('a zone that this browser does not know is UTC', () => {
  expect(localTextOf('2026-11-23T00:00:00Z', 'Mars/Olympus')).toBe('2026-11-23T00:00')
})
