import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSpendDetector, spendAlertScore, spendIntervalMs, spendMax, type SpendDetector, type SpendReading } from './detector.ts'

const day = 144
const week = 7 * day
const startMs = Date.UTC(2026, 0, 5)

/** A number from 0 to 1 that looks like chance and is the same every time. */
function chance(i: number): number {
  const x = Math.sin(i * 12.9898 + 4.1414) * 43_758.5453
  return x - Math.floor(x)
}

/** Two working weeks of an office: little at night, more by day, almost nothing at the weekend. */
function office(i: number): number {
  const hour = (i % day) / 6
  const isWeekend = Math.floor(i / day) % 7 >= 5
  const level = isWeekend ? 0.05 : hour >= 8 && hour < 18 ? 2 : 0.2
  return level * (0.8 + 0.4 * chance(i))
}

/** Steps through intervals `from` to `to`, and gives what was said of each. */
function walk(detector: SpendDetector, from: number, to: number, amount: (i: number) => number): readonly SpendReading[] {
  return Array.from({ length: to - from }, (_, n) => detector.step(amount(from + n), startMs + (from + n) * spendIntervalMs))
}

const highest = (readings: readonly SpendReading[]): number => Math.max(...readings.map(({ score }) => score))

function learned(amount: (i: number) => number = office, intervals = 2 * week): SpendDetector {
  const detector = createSpendDetector()
  walk(detector, 0, intervals, amount)
  return detector
}

describe('what is unusual', () => {
  const at = 2 * week + 3 * day + 66

  test('an ordinary week says nothing worth a word', () => {
    expect(highest(walk(learned(), 2 * week, 3 * week, office))).toBeLessThan(spendAlertScore)
  })

  test('one interval of ten times as much is a spike', () => {
    const detector = learned()
    walk(detector, 2 * week, at, office)
    const [reading] = walk(detector, at, at + 1, (i) => 10 * office(i))
    expect(reading?.score).toBeGreaterThan(spendAlertScore)
    expect(reading?.high).toBeLessThan(10 * office(at))
    expect(reading?.expected).toBeGreaterThan(0.5 * office(at))
    expect(reading?.departure?.came).toBeGreaterThan(reading?.departure?.usual ?? Infinity)
  })

  test.each([
    { what: 'a step to twice as much', amount: (i: number) => (i < at ? 1 : 2) * office(i) },
    { what: 'a rise to three times as much over two days', amount: (i: number) => (1 + 2 * Math.min(1, Math.max(0, (i - at) / (2 * day)))) * office(i) },
  ])('$what is noticed', ({ amount }) => {
    const detector = learned()
    walk(detector, 2 * week, at, office)
    expect(highest(walk(detector, at, at + 3 * day, amount))).toBeGreaterThan(spendAlertScore)
  })

  test.each([
    { what: 'one interval of the night that costs what is usual by day', intervals: 1, times: () => 10, signal: 'spike' },
    { what: 'a night that climbs without haste to what is usual by day', intervals: 42, times: (n: number) => Math.min(9, 1.1 ** n), signal: 'rise' },
  ])('$what is a $signal', ({ intervals, times, signal }) => {
    const detector = learned()
    const night = 2 * week + 2 * day + 6
    walk(detector, 2 * week, night, office)
    const readings = walk(detector, night, night + intervals, (i) => times(i - night) * office(i))
    expect(readings.filter(({ score }) => score > spendAlertScore).map((reading) => reading.departure?.signal)).toContain(signal)
  })

  test('six hours of nothing where something is usual is a drop', () => {
    const detector = learned()
    walk(detector, 2 * week, at, office)
    const readings = walk(detector, at, at + 36, () => 0)
    expect(highest(readings)).toBeGreaterThan(spendAlertScore)
    expect(readings.findLast(({ departure }) => departure !== undefined)?.departure).toMatchObject({ signal: 'drop', came: 0 })
  })

  test('the same hour of the night, and a weekend, are expected to be quiet', () => {
    const detector = learned()
    const readings = walk(detector, 2 * week, 3 * week, office)
    expect(readings[3 * day]?.high).toBeLessThan(office(12 * 6))
    expect(highest(readings.slice(5 * day))).toBeLessThan(spendAlertScore)
  })

  test('a standing alarm says nothing again, unless it gets worse', () => {
    const detector = learned()
    walk(detector, 2 * week, at, office)
    const readings = walk(detector, at, at + 48, (i) => 8 * office(i))
    const said = readings.map(({ score }) => score)
    const climbs = said.filter((score) => score > 0)
    expect(climbs).toEqual(climbs.toSorted((a, b) => a - b))
    expect(said.slice(-6)).toEqual([0, 0, 0, 0, 0, 0])
    expect(readings.some(({ score, level }) => score === 0 && level > spendAlertScore)).toBe(true)
    expect(highest(walk(detector, at + 48, at + 54, (i) => 1000 * office(i)))).toBeGreaterThan(Math.max(...said))
  })

  test('the unit of money does not matter', () => {
    const [dollars, cents] = [createSpendDetector(), createSpendDetector()]
    const amount = (i: number): number => (i === 2 * week + 70 ? 9 : 1) * office(i)
    const [a, b] = [walk(dollars, 0, 2 * week + 100, amount), walk(cents, 0, 2 * week + 100, (i) => 128 * amount(i))]
    expect(highest(a.slice(2 * week))).toBeCloseTo(highest(b.slice(2 * week)), 6)
  })
})

describe('the start of a series', () => {
  test('is learning for two days, and says so', () => {
    const readings = walk(createSpendDetector(), 0, 2 * day + 1, (i) => (i === 100 ? 1000 : 1))
    expect(readings.slice(0, 2 * day).every(({ learning, score }) => learning && score === 0)).toBe(true)
    expect(readings[2 * day]?.learning).toBe(false)
  })
})

describe('what is no next value', () => {
  test.each([Number.NaN, -1, Infinity, -Infinity, 2 * spendMax])('%d is unreadable, and changes nothing', (value) => {
    const detector = learned()
    const before = detector.save()
    const reading = detector.step(value, startMs + 2 * week * spendIntervalMs)
    expect(reading).toMatchObject({ score: 0, skipped: 'unreadable' })
    expect(reading.high).toBeGreaterThan(0)
    expect(detector.save()).toBe(before)
  })

  test('whatever comes, a reading is a reading', () => {
    const steps = fc.array(fc.tuple(fc.oneof(fc.double(), fc.double({ min: 0, max: 1e30 }), fc.constant(0)), fc.oneof(fc.integer({ min: -2, max: 300 }), fc.double())), { minLength: 400, maxLength: 500 })
    fc.assert(
      fc.property(steps, (all) => {
        const detector = createSpendDetector()
        let slot = 3000
        for (const [value, gap] of all) {
          slot += Number.isInteger(gap) ? Math.min(gap, 40) : 1
          const { score, low, expected, high } = detector.step(value, Number.isInteger(gap) ? slot * spendIntervalMs : gap)
          expect(score >= 0 && score < 1e4 && low >= 0 && low <= expected && expected <= high && high < Infinity).toBe(true)
        }
        expect(createSpendDetector({ state: detector.save() }).save()).toBe(detector.save())
      }),
      { numRuns: 30 },
    )
  })

  test('a time that is no time is unreadable', () => {
    expect(createSpendDetector().step(1, Number.NaN)).toMatchObject({ skipped: 'unreadable', expected: 0 })
  })

  test('a value for an interval that was taken, or before it, is late and changes nothing', () => {
    const detector = learned()
    const before = detector.save()
    expect(detector.step(50, startMs + (2 * week - 1) * spendIntervalMs)).toMatchObject({ score: 0, skipped: 'late' })
    expect(detector.step(50, startMs)).toMatchObject({ score: 0, skipped: 'late' })
    expect(detector.save()).toBe(before)
  })

  test('a gap is unknown, not nothing: six working hours left out are no drop', () => {
    const detector = learned()
    walk(detector, 2 * week, 2 * week + day + 48, office)
    expect(highest(walk(detector, 2 * week + day + 84, 3 * week, office))).toBeLessThan(spendAlertScore)
  })

  test('after more than a week without a value the series is learned anew', () => {
    const detector = learned()
    const [reading] = walk(detector, 3 * week + 1, 3 * week + 2, () => 1000)
    expect(reading).toMatchObject({ learning: true, score: 0 })
  })
})

describe('the state', () => {
  const amount = (i: number): number => (i % 501 === 0 ? 7 : 1) * office(i)

  test.each([0, 1, 5])('goes on exactly as the original, restored at each step, whatever interval of an hour (%d) it began with', (first) => {
    const original = createSpendDetector()
    let restored = createSpendDetector()
    let scores = 0
    for (let i = first; i < first + 2 * week; i += 1) {
      const atMs = startMs + i * spendIntervalMs
      const reading = original.step(amount(i), atMs)
      scores += reading.score > 0 ? 1 : 0
      expect(restored.step(amount(i), atMs)).toEqual(reading)
      if (i === first + week) for (const detector of [original, restored]) detector.feedback('not-useful')
      if (i % 5 === 0) restored = createSpendDetector({ state: restored.save() })
    }
    expect(scores).toBeGreaterThan(10)
    expect(restored.save()).toBe(original.save())
  })

  test('is no longer than 2,000 characters, whatever came', () => {
    expect(learned((i) => 1e9 * chance(i) ** 8).save().length).toBeLessThanOrEqual(2000)
    expect(createSpendDetector().save()).toHaveLength(learned().save().length)
  })

  const broken = Buffer.from(learned().save(), 'base64').fill(255, 1, 9).toString('base64')

  test.each(['', 'no state', learned().save().slice(4), broken])('that save() did not give is refused', (state) => {
    expect(() => createSpendDetector({ state })).toThrow(expect.objectContaining({ code: 'wrong-usage' }))
  })
})

describe('what a person says of an alarm', () => {
  const first = 2 * week + 3 * day + 66
  const again = first + 5 * day
  const after = (said: (detector: SpendDetector) => void): number => {
    const detector = learned()
    const amount = (i: number): number => i === first ? 20 : i === again ? 19 : office(i)
    walk(detector, 2 * week, first + day, amount)
    said(detector)
    walk(detector, first + day, again, amount)
    return highest(walk(detector, again, again + 1, amount))
  }

  test('expected: as great a departure says nothing next time', () => {
    const untold = after(() => undefined)
    expect(untold).toBeGreaterThan(0)
    expect(after((detector) => detector.feedback('expected'))).toBeLessThan(0.5 * untold)
  })

  test('not useful: the same says less next time, but more than what was expected', () => {
    const [untold, notUseful, expected] = [after(() => undefined), after((detector) => detector.feedback('not-useful')), after((detector) => detector.feedback('expected'))]
    expect(notUseful).toBeLessThan(untold)
    expect(notUseful).toBeGreaterThan(expected)
  })

  test('feedback without an alarm changes nothing that is said', () => {
    const detector = learned()
    detector.feedback('expected')
    expect(highest(walk(detector, 2 * week, 3 * week, (i) => (i === 2 * week + 500 ? 20 : 1) * office(i)))).toBeGreaterThan(spendAlertScore)
  })
})
