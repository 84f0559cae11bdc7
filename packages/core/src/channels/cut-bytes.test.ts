import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutBytes } from './cut-bytes.ts'

describe('cutting by bytes', () => {
  test.each([
    ['short', 10, '…', 'short'],
    ['0123456789', 10, '…', '0123456789'],
    ['会话失败', 7, '…', '会…'],
    ['会话失败', 11, ' (cut)', '会 (cut)'],
    ['会话', 5, '(cut)', '(cut)'],
    ['ab👩‍👩‍👧cd', 20, '…', 'ab…'],
    ['ab👩‍👩‍👧cd', 22, '…', 'ab👩‍👩‍👧cd'],
  ])('%j to %i', (text, bytesMax, note, expected) => {
    expect(cutBytes(text, bytesMax, note)).toBe(expected)
  })

  test('what comes out fits, and is the text or a part of it with the note', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 })
    fc.assert(
      fc.property(text, fc.integer({ min: 10, max: 300 }), (whole, bytesMax) => {
        const cut = cutBytes(whole, bytesMax, '\n… (cut)')
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytesMax)
        expect(cut === whole || (Buffer.byteLength(whole) > bytesMax && cut.endsWith('\n… (cut)') && whole.startsWith(cut.slice(0, -'\n… (cut)'.length)))).toBe(true)
      }),
    )
  })

  test('by another measure, such as what JSON makes of it', () => {
    const cut = cutBytes('"'.repeat(100), 40, '…', (part) => Buffer.byteLength(JSON.stringify(part)))
    expect(cut).toBe(`${'"'.repeat(17)}…`)
  })
})
