import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { weatherAfter, weatherAt, type Weather } from './storm-weather.ts'

const settings = { count: 3, within: 60_000, every: 60_000, everyMost: 240_000 }

/** One message at each of these times: how many are told by themselves, and the numbers and times of summaries. */
function lived(timesMs: readonly number[]) {
  let weather: Weather | undefined
  let alone = 0
  const summaries = new Set<string>()
  for (const nowMs of timesMs) {
    const after = weatherAfter(weatherAt(weather, settings, nowMs), 1, settings, nowMs)
    weather = after.weather
    alone += after.alone
    if (weather.storm !== undefined) summaries.add(`${weather.storm.number} at ${weather.storm.dueMs / 1_000}`)
  }
  return { alone, summaries: [...summaries], weather }
}

const every = (stepMs: number, forMs: number): number[] => Array.from({ length: Math.ceil(forMs / stepMs) }, (_, index) => index * stepMs)

describe('the weather of one reader', () => {
  test('is calm up to so many messages in a window, and a storm from the next', () => {
    expect(lived([0, 20_000, 59_999])).toMatchObject({ alone: 3, summaries: [] })
    expect(lived([0, 20_000, 40_000, 59_999])).toMatchObject({ alone: 3, summaries: ['1 at 119.999'] })
    expect(lived([0, 20_000, 40_000, 60_000])).toMatchObject({ alone: 4, summaries: [] })
  })

  test('has summaries that wait twice as long each time, up to the most', () => {
    expect(lived(every(1_000, 900_000)).summaries).toEqual(['1 at 63', '2 at 183', '3 at 423', '4 at 663', '5 at 903'])
  })

  test('is calm again when a whole interval brought fewer than make a storm', () => {
    const storm = every(1_000, 60_000)
    expect(lived([...storm, 70_000, 80_000, 184_000])).toMatchObject({ weather: { seen: { sinceMs: 184_000, count: 1 } } })
    expect(lived([...storm, 70_000, 80_000, 184_000]).weather).not.toHaveProperty('storm')
    expect(lived([...storm, 70_000, 80_000, 90_000, 184_000]).weather).toMatchObject({ storm: { number: 3, sinceMs: 3_000 } })
  })

  test('counts many at once as it counts them one by one', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 20 }), (counts) => {
      let [together, apart]: (Weather | undefined)[] = [undefined, undefined]
      for (const [index, count] of counts.entries()) {
        const nowMs = index * 7_000
        const one = weatherAfter(weatherAt(together, settings, nowMs), count, settings, nowMs)
        together = one.weather
        let alone = 0
        apart = weatherAt(apart, settings, nowMs)
        for (let message = 0; message < count; message += 1) {
          const next = weatherAfter(weatherAt(apart, settings, nowMs), 1, settings, nowMs)
          apart = next.weather
          alone += next.alone
        }
        expect({ weather: apart, alone }).toEqual({ weather: together, alone: one.alone })
      }
    }))
  })

  test('that a clock far ahead wrote is not believed', () => {
    const ahead = { seen: { sinceMs: 9_000_000, count: 3 } }
    expect(weatherAt(ahead, settings, 1_000)).toEqual({ seen: { sinceMs: 1_000, count: 0 } })
    expect(weatherAt({ seen: { sinceMs: 0, count: 9 }, storm: { sinceMs: 0, dueMs: 9_000_000, number: 1 } }, settings, 1_000)).toEqual({ seen: { sinceMs: 1_000, count: 0 } })
  })
})
