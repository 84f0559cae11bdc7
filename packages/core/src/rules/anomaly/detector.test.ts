import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAnomalyDetector, type AnomalyDetector, type AnomalyReading } from './detector.ts'

const stepMs = 300_000
const stepsADay = 288

/** Numbers from -0.5 to 0.5 that look random and are the same in every run (Park and Miller's generator). */
function noise(seed: number): () => number {
  let at = seed
  return () => {
    at = (at * 48_271) % 2_147_483_647
    return at / 2_147_483_647 - 0.5
  }
}

/** Every five minutes one value. */
function feed(detector: AnomalyDetector, values: readonly number[], fromStep = 0): AnomalyReading[] {
  return values.map((value, index) => detector.step(value, (fromStep + index) * stepMs))
}

/** So many values of a level with unrest of ±5. */
function calm(length: number, { level = 100, seed = 7 } = {}): number[] {
  const next = noise(seed)
  return Array.from({ length }, () => level + 10 * next())
}

/** Busy on five days of the week from 8 to 20 o'clock, quiet else. */
function office(days: number, { seed = 7, fromDay = 0 } = {}): number[] {
  const next = noise(seed)
  return Array.from({ length: days * stepsADay }, (_, index) => {
    const hour = (index / 12) % 24
    const isBusy = (fromDay + Math.floor(index / stepsADay)) % 7 < 5 && hour >= 8 && hour < 20
    return (isBusy ? 100 : 20) + 6 * next()
  })
}

const alarms = (readings: readonly AnomalyReading[]): AnomalyReading[] => readings.filter(({ score }) => score >= 0.5)

describe('what scores', () => {
  test('a spike scores at once and lies outside of the range that was expected before', () => {
    const detector = createAnomalyDetector()
    feed(detector, calm(1_000))
    const reading = detector.step(160, 1_000 * stepMs)
    expect(reading.score).toBeGreaterThan(0.9)
    expect(reading.low).toBeGreaterThan(80)
    expect(reading.low).toBeLessThan(95)
    expect(reading.high).toBeGreaterThan(105)
    expect(reading.high).toBeLessThan(120)
    expect(reading.expected).toBeCloseTo(100, -1)
  })

  test('a drop scores as a rise does', () => {
    const detector = createAnomalyDetector()
    feed(detector, calm(1_000))
    expect(detector.step(40, 1_000 * stepMs).score).toBeGreaterThan(0.9)
  })

  test('a level that creeps up step by step scores as a level, though no step was large', () => {
    const detector = createAnomalyDetector()
    feed(detector, calm(1_000))
    const next = noise(3)
    const creep = feed(detector, Array.from({ length: 150 }, (_, index) => 100 + index * 0.05 + 10 * next()), 1_000)
    expect(alarms(creep).map(({ cause }) => cause)).toContain('level')
  })

  test('a lasting change scores when it comes, not for as long as it lasts', () => {
    const detector = createAnomalyDetector()
    feed(detector, calm(1_000))
    const after = feed(detector, calm(2_000, { level: 130, seed: 9 }), 1_000)
    expect(alarms(after.slice(0, 5)).length).toBeGreaterThan(0)
    // Once more a week later, when the same hour of last week is taken for usual for the first time.
    expect(alarms(after.slice(300)).length).toBeLessThan(3)
    expect(after.at(-1)?.expected).toBeCloseTo(130, -1)
  })

  test('a flat line scores once where there was unrest', () => {
    const detector = createAnomalyDetector()
    feed(detector, calm(2_000))
    const flat = feed(detector, Array.from({ length: 200 }, () => 100), 2_000)
    expect(alarms(flat).map(({ cause }) => cause)).toEqual(['flat'])
  })

  test('what was the same always scores on its first change, and a flat line alone never', () => {
    const detector = createAnomalyDetector()
    expect(feed(detector, Array.from({ length: 500 }, () => 0.1)).every(({ score }) => score === 0)).toBe(true)
    expect(detector.step(0.2, 500 * stepMs)).toMatchObject({ low: 0.1, high: 0.1 })
    const again = createAnomalyDetector()
    feed(again, Array.from({ length: 500 }, () => 0.1))
    expect(again.step(0.2, 500 * stepMs).score).toBeGreaterThan(0.9)
  })
})

describe('the rhythm of day and week', () => {
  test('a working week that repeats is learned and scores hardly ever', () => {
    const readings = feed(createAnomalyDetector(), office(8 * 7))
    expect(alarms(readings.slice(4 * 7 * stepsADay)).length).toBeLessThan(8)
  })

  test('a Monday without work scores, though each of its values is usual on other days', () => {
    const detector = createAnomalyDetector()
    feed(detector, office(8 * 7))
    const holiday = feed(detector, office(1, { fromDay: 5, seed: 11 }), 8 * 7 * stepsADay)
    const [first] = alarms(holiday)
    expect(first).toMatchObject({ cause: 'rhythm' })
    expect(first?.expected).toBeGreaterThan(80)
  })
})

describe('one happening is told once', () => {
  test('after a score the same again does not score, and what is worse does', () => {
    const detector = createAnomalyDetector()
    feed(detector, calm(1_000))
    const [first, same, worse] = feed(detector, [150, 150, 300], 1_000)
    expect(first?.score).toBeGreaterThan(0.5)
    expect(same?.score).toBe(0)
    expect(worse?.score).toBeGreaterThan(0.9)
  })

  test('after the rest the same scores again', () => {
    const detector = createAnomalyDetector()
    feed(detector, [...calm(1_000), 150, ...calm(101, { seed: 5 })])
    // Further out than the last one, less bad than it was then.
    const { score } = detector.step(175, 1_102 * stepMs)
    expect(score).toBeGreaterThan(0)
  })
})

test('a value scores 0.5 or more exactly when it lies outside of the range that was expected', () => {
  const detector = createAnomalyDetector()
  const state = (feed(detector, calm(1_500)), detector.save())
  const atMs = 1_500 * stepMs
  fc.assert(
    fc.property(fc.double({ min: 0, max: 200, noNaN: true }), (value) => {
      const { score, low, high } = createAnomalyDetector({ state }).step(value, atMs)
      expect(score >= 0.5).toBe(value < low || value > high)
    }),
  )
})

test('the unit of a series does not matter', () => {
  const values = [...calm(1_000), 130, ...calm(300, { seed: 4 }), 60]
  const scores = (change: (value: number) => number): number[] => feed(createAnomalyDetector(), values.map(change)).map(({ score }) => Math.round(score * 1e3))
  expect(scores((value) => value * 1024)).toEqual(scores((value) => value))
  expect(scores((value) => value + 2 ** 20)).toEqual(scores((value) => value))
})

describe('a cold start', () => {
  test('is said and does not score', () => {
    const readings = feed(createAnomalyDetector(), [...calm(50), 10_000, ...calm(60)])
    expect(readings.slice(0, 100).every(({ learning, score, cause }) => learning && score === 0 && cause === undefined)).toBe(true)
    expect(readings.slice(100).some(({ learning }) => learning)).toBe(false)
  })
})

describe('what cannot be judged', () => {
  test.each([
    ['not-finite', Number.NaN, 1],
    ['not-finite', Infinity, 1],
    ['not-finite', 1, Number.NaN],
    ['too-large', 1e31, 1],
    ['too-large', 1, 1e300],
    ['out-of-order', 1, -1],
  ] as const)('is refused as %s and leaves no trace: value %d, %d steps after the last', (refused, value, steps) => {
    const detector = createAnomalyDetector()
    const untouched = createAnomalyDetector()
    feed(detector, calm(500))
    feed(untouched, calm(500))
    expect(detector.step(value, (499 + steps) * stepMs)).toMatchObject({ refused, score: 0, learning: false })
    expect(feed(detector, calm(300, { seed: 2 }), 500)).toEqual(feed(untouched, calm(300, { seed: 2 }), 500))
  })

  test('a clock that was put back is believed after 20 refusals in a row', () => {
    const detector = createAnomalyDetector()
    detector.step(100, 4e12)
    const readings = feed(detector, calm(40))
    expect(readings.filter(({ refused }) => refused === 'out-of-order').length).toBe(20)
    expect(readings.at(-1)?.refused).toBeUndefined()
  })

  test('two values of one instant, irregular steps and a gap of a month are no news', () => {
    const detector = createAnomalyDetector()
    const next = noise(5)
    let atMs = 0
    const readings = calm(2_000).map((value, index) => {
      atMs += index === 1_500 ? 30 * 86_400_000 : Math.max(0, Math.round(next() * stepMs * 4))
      return detector.step(value, atMs)
    })
    expect(alarms(readings.slice(1_499, 1_510))).toEqual([])
    expect(readings.every(({ refused }) => refused === undefined)).toBe(true)
  })

  test('no numbers whatever make a reading or a state that is not finite', () => {
    const step = fc.record({ value: fc.double(), atMs: fc.double() })
    const likely = fc.record({ value: fc.double({ min: -1e30, max: 1e30, noNaN: true }), atMs: fc.integer({ min: 0, max: 1e12 }) })
    fc.assert(
      fc.property(fc.array(fc.oneof(likely, step), { maxLength: 300 }), (steps) => {
        const detector = createAnomalyDetector()
        for (const { value, atMs } of steps) {
          const { score, expected, low, high } = detector.step(value, atMs)
          expect([score, expected, low, high].every(Number.isFinite)).toBe(true)
          expect(score >= 0 && score <= 1 && low <= high).toBe(true)
        }
        expect(() => createAnomalyDetector({ state: detector.save() })).not.toThrow()
      }),
    )
  })
})

describe('the state', () => {
  test('a restored detector continues exactly as the original', () => {
    const original = createAnomalyDetector()
    feed(original, office(10))
    const restored = createAnomalyDetector({ state: original.save() })
    const more = [...office(3, { fromDay: 10, seed: 3 }), 300, ...office(3, { fromDay: 13, seed: 4 })]
    expect(feed(restored, more, 10 * stepsADay)).toEqual(feed(original, more, 10 * stepsADay))
    expect(restored.save()).toBe(original.save())
  })

  test('stays below 2,000 characters after 100,000 steps, and a step costs the same', () => {
    const detector = createAnomalyDetector()
    const next = noise(1)
    const nsOf = (from: number, to: number): number => {
      const startNs = process.hrtime.bigint()
      for (let index = from; index < to; index++) detector.step(100 * Math.exp(next()), index * stepMs)
      return Number(process.hrtime.bigint() - startNs)
    }
    // The quickest of ten: whatever else the machine does at the moment slows the others.
    const quickestNs = (from: number): number => Math.min(...Array.from({ length: 10 }, (_, chunk) => nsOf(from + chunk * 2_000, from + (chunk + 1) * 2_000)))
    nsOf(0, 20_000)
    const early = quickestNs(20_000)
    nsOf(40_000, 100_000)
    const late = quickestNs(100_000)
    expect(detector.save().length).toBeLessThan(2_000)
    expect(late).toBeLessThan(4 * early)
  })

  test.each([
    ['nothing', ''],
    ['another form', '9:AAAA'],
    ['a part', createAnomalyDetector().save().slice(0, 400)],
    ['a number that is not finite', `1:${Buffer.alloc(1_500, 0xff).toString('base64').slice(0, createAnomalyDetector().save().length - 2)}`],
  ])('that is %s is refused with what was expected', (_, state) => {
    expect(() => createAnomalyDetector({ state })).toThrow(/state of an anomaly detector must be what save\(\) returned/)
  })
})
