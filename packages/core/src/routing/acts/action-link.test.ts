import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createActionLinks, linkExpiresMs } from './action-link.ts'

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const links = createActionLinks(key(7))
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const aLink = fc.record({ delivery: fc.integer({ min: 1, max: 2 ** 48 - 1 }), expiresMs: fc.integer({ min: 0, max: 4_000_000_000_000 }) })

test('a link is read as it was made, in at most 28 characters that need no escaping', () => {
  fc.assert(fc.property(aLink, (link) => {
    const token = links.tokenOf(link)
    expect(token).toMatch(/^[\w-]{22,28}$/)
    expect(encodeURIComponent(token)).toBe(token)
    expect(links.read(token)).toEqual({ delivery: link.delivery, expiresMs: Math.ceil(link.expiresMs / hourMs) * hourMs })
  }))
  expect(links.tokenOf({ delivery: 200, expiresMs: Date.UTC(2026, 10, 23) })).toHaveLength(22)
})

test('with any bit flipped it is refused', () => {
  fc.assert(fc.property(aLink, (link) => {
    const bytes = Buffer.from(links.tokenOf(link), 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(links.read(changed.toString('base64url'))).toBeUndefined()
    }
  }), { numRuns: 30 })
})

test('with any character changed, left out or added it is refused, spare bits included', () => {
  const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  fc.assert(fc.property(aLink, fc.nat(), fc.constantFrom(...signs.split('')), (link, place, sign) => {
    const token = links.tokenOf(link)
    const at = place % token.length
    const changed = [token.slice(0, at) + token.slice(at + 1), token.slice(0, at) + sign + token.slice(at), ...(token[at] === sign ? [] : [token.slice(0, at) + sign + token.slice(at + 1)])]
    // To add the sign that stands there, or to leave out one of two that are alike, may make the same token.
    expect(changed.filter((one) => one !== token && links.read(one) !== undefined)).toEqual([])
  }))
})

test('one token has one spelling: with another last character it is refused, also where that has the same bytes', () => {
  const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('')
  for (const delivery of [200, 60_000, 16_000_000]) {
    const token = links.tokenOf({ delivery, expiresMs: Date.UTC(2026, 10, 23) })
    const others = signs.map((sign) => token.slice(0, -1) + sign).filter((one) => one !== token)
    expect(others.filter((one) => links.read(one) !== undefined)).toEqual([])
  }
})

test('what was never a link is refused, whatever it is', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.base64String(), fc.constantFrom('', ' ', '=', '../..', '%00', 'a'.repeat(10_000))), (text) => {
    expect(links.read(text)).toBeUndefined()
  }))
})

test('another installation refuses it', () => {
  expect(createActionLinks(key(8)).read(links.tokenOf({ delivery: 1, expiresMs: dayMs }))).toBeUndefined()
})

test('it holds for 6 to 7 days from when it is written, and is the same for attempts of one day', () => {
  fc.assert(fc.property(fc.nat(40 * dayMs), (waitedMs) => {
    const leftMs = linkExpiresMs(1_000, 1_000 + waitedMs) - (1_000 + waitedMs)
    expect(leftMs).toBeGreaterThan(6 * dayMs)
    expect(leftMs).toBeLessThanOrEqual(7 * dayMs)
  }))
  expect(linkExpiresMs(1_000, 1_000 + dayMs - 1)).toBe(linkExpiresMs(1_000, 1_000))
  expect(linkExpiresMs(1_000, 0)).toBe(linkExpiresMs(1_000, 1_000))
})
