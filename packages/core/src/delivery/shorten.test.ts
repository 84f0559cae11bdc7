import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutText, shorten } from './shorten.ts'
import { fitsTextMessage, plainSigns, textMessageLength } from './text-message-length.ts'

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

describe('the length of a text message', () => {
  it('is counted in septets where the alphabet allows it, else in UTF-16 units', () => {
    expect(textMessageLength('Tocsin HIGH: a')).toEqual({ alphabet: 'gsm-7', units: 14 })
    expect(textMessageLength('[€]')).toEqual({ alphabet: 'gsm-7', units: 6 })
    expect(textMessageLength('“a”')).toEqual({ alphabet: 'ucs-2', units: 3 })
    expect(fitsTextMessage('a'.repeat(160))).toBe(true)
    expect(fitsTextMessage('['.repeat(81))).toBe(false)
    expect(fitsTextMessage('中'.repeat(134))).toBe(true)
    expect(fitsTextMessage('中'.repeat(135))).toBe(false)
  })

  it('is not halved by typographic signs', () => {
    expect(textMessageLength(plainSigns('“a” – ‘b’… `c`')).alphabet).toBe('gsm-7')
  })
})
