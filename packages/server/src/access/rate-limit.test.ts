import { expect, test } from 'vitest'
import type { Clock } from 'tocsin/engine'
import { addressKey, RateLimit } from './rate-limit.ts'

let nowMs = 0
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => undefined }

test('a limit closes after so many, for the one who reached it, and opens when its window is over', () => {
  const limit = new RateLimit({ max: 3, windowMs: 60_000 }, clock)
  for (let count = 0; count < 3; count++) {
    expect(limit.closedForMs('a')).toBe(0)
    limit.count('a')
    nowMs += 1_000
  }
  expect(limit.closedForMs('a')).toBe(57_000)
  expect(limit.closedForMs('b')).toBe(0)
  nowMs += 57_000
  expect(limit.closedForMs('a')).toBe(0)
  limit.count('a')
  expect(limit.closedForMs('a')).toBe(0)
})

test('one who has all addresses of a network of IPv6 is one', () => {
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:db8:1:2::9'))
  expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'))
  expect(addressKey('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(addressKey('192.0.2.7')).toBe('192.0.2.7')
})
