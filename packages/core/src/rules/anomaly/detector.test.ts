import { expect, test } from 'vitest'
import { createAnomalyDetector, type AnomalyDetector, type AnomalyReading } from './detector.ts'

const minuteMs = 60_000

/** Numbers that look random and are the same in every run (Park and Miller's generator). */
function noise(seed: number): () => number {
  let at = seed
  return () => {
    at = (at * 48_271) % 2_147_483_647
    return at / 2_147_483_647 - 0.5
  }
}

function feed(detector: AnomalyDetector, values: readonly number[], from = 0): AnomalyReading[] {
  return values.map((value, index) => detector.step(value, (from + index) * 5 * minuteMs))
}

/** A level of 100 with unrest of ±5. */
function calm(length: number, seed = 7): number[] {
  const next = noise(seed)
  return Array.from({ length }, () => 100 + 10 * next())
}

test('a spike scores at once and is outside of the range that was expected before', () => {
  const detector = createAnomalyDetector()
  feed(detector, calm(1_000))
  const reading = detector.step(160, 1_000 * 5 * minuteMs)
  expect(reading.score).toBeGreaterThan(0.5)
  expect(reading.high).toBeLessThan(160)
  expect(reading.low).toBeGreaterThan(80)
})

test('a cold start is said and does not score', () => {
  const readings = feed(createAnomalyDetector(), [...calm(50), 10_000, ...calm(50)])
  expect(readings.slice(0, 100).every(({ learning, score }) => learning && score === 0)).toBe(true)
  expect(readings.at(-1)?.learning).toBe(false)
})

test('a restored detector continues exactly as the original', () => {
  const original = createAnomalyDetector()
  feed(original, calm(3_000))
  const restored = createAnomalyDetector({ state: original.save() })
  const more = [...calm(500, 3), 300, ...calm(500, 4)]
  expect(feed(restored, more, 3_000)).toEqual(feed(original, more, 3_000))
  expect(restored.save()).toBe(original.save())
})
