import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RateBook, rateKeys } from './rates.ts'

const rate = { count: 10, perMs: 1_000 }

function sendAsFastAsAllowed(count: number, urgent: boolean, limit = rate): number[] {
  const book = new RateBook(new Map())
  const sentMs: number[] = []
  let nowMs = 1_000_000
  while (sentMs.length < count) {
    const verdict = book.charge([{ key: 'a', rate: limit }], 1, urgent, nowMs)
    if (verdict.allowed) sentMs.push(nowMs)
    else nowMs = verdict.atMs
  }
  return sentMs
}

function mostInAnySpan(timesMs: readonly number[], spanMs: number): number {
  return Math.max(...timesMs.map((startMs) => timesMs.filter((timeMs) => timeMs >= startMs && timeMs < startMs + spanMs).length))
}

describe('a rate', () => {
  test('is never exceeded in any span, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 10, max: 60_000 }), fc.boolean(), (count, perMs, urgent) => {
        expect(mostInAnySpan(sendAsFastAsAllowed(150, urgent, { count, perMs }), perMs)).toBeLessThanOrEqual(count)
      }),
    )
  })

  test('leaves critical messages at least a fifth of what the others take', () => {
    const spanMs = (timesMs: readonly number[]): number => (timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0)
    expect(spanMs(sendAsFastAsAllowed(101, false))).toBeGreaterThan(spanMs(sendAsFastAsAllowed(101, true)) * 1.2)
  })

  test('lets a critical message through at once after the others have taken their share', () => {
    const book = new RateBook(new Map())
    const charge = (urgent: boolean) => book.charge([{ key: 'a', rate }], 1, urgent, 5_000)
    while (charge(false).allowed);
    expect(charge(true).allowed).toBe(true)
  })

  test('charges all rates or none', () => {
    const book = new RateBook(new Map([['b', 9_000]]))
    expect(book.charge([{ key: 'a', rate }, { key: 'b', rate: { count: 1, perMs: 1_000 } }], 1, true, 5_000)).toEqual({ allowed: false, atMs: 9_000, refusedBy: ['b'] })
    expect(book.changed.size).toBe(0)
  })

  test('lets a message that costs more than the burst go, and makes the next one wait for it', () => {
    const book = new RateBook(new Map())
    const one = { key: 'a', rate: { count: 1, perMs: 1_000 } }
    expect(book.charge([one], 3, true, 0).allowed).toBe(true)
    expect(book.charge([one], 1, true, 1_000)).toEqual({ allowed: false, atMs: 3_000, refusedBy: ['a'] })
  })

  test('that was written by a clock far ahead counts as full from now on, and the wait for it ends', () => {
    const written = new Map([['a', 9_000_000_000]])
    const first = new RateBook(written, 'one')
    const { allowed, atMs } = first.charge([{ key: 'a', rate }], 1, true, 5_000)
    expect(allowed).toBe(false)
    expect(atMs).toBeLessThanOrEqual(5_000 + rate.perMs)
    expect(new RateBook(first.changed, 'one').charge([{ key: 'a', rate }], 1, true, atMs).allowed).toBe(true)
  })

  test('is kept under the keys that were named', () => {
    const book = new RateBook(new Map())
    book.charge([{ key: 'a', rate }], 1, false, 0)
    expect([...book.changed.keys()].toSorted()).toEqual([...rateKeys('a')].toSorted())
  })
})
