import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutText, shorten } from './shorten.ts'

describe('cutting text', () => {
  it('never goes through what a reader sees as one character', () => {
    const family = '👩‍👩‍👧‍👦'
    expect(cutText(`ab${family}c`, 4)).toBe('ab')
    expect(cutText(`ab${family}c`, 2 + family.length)).toBe(`ab${family}`)
    expect(cutText('e\u0301e\u0301', 3)).toBe('e\u0301')
    expect(shorten('abcdef', 4, '…')).toBe('abc…')
    expect(shorten('abc', 0, '…')).toBe('')
  })

  it('keeps within the limit and well-formed for anything, even for one endless character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.nat(150), (text, charsMax) => {
        const cut = cutText(text, charsMax)
        expect(cut.length).toBeLessThanOrEqual(charsMax)
        expect(cut.isWellFormed()).toBe(true)
        expect(text.startsWith(cut)).toBe(true)
        expect(shorten(text, charsMax, '…').length).toBeLessThanOrEqual(charsMax)
      }),
    )
    expect(cutText(`a${'\u0301'.repeat(10_000)}`, 500)).toHaveLength(500)
  })
})
