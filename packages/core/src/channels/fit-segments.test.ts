import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { onTheAir, segmentsOf } from '../model/sms-segments.ts'
import { fitSegments } from './fit-segments.ts'

describe('on the air', () => {
  test.each([
    ['a short text keeps its quotes: they cost nothing', '“refund-bot” failed…', '“refund-bot” failed…'],
    ['a text that quotes would double is straightened', `“${'a'.repeat(80)}” – it’s\u00a0over…`, `"${'a'.repeat(80)}" - it's over...`],
    ['a text of another script keeps its quotes: they save nothing', `“重要” ${'败'.repeat(100)}`, `“重要” ${'败'.repeat(100)}`],
    ['a text in the alphabet of GSM stays as it is', `{"a": [1]} ~ €${'x'.repeat(200)}`, `{"a": [1]} ~ €${'x'.repeat(200)}`],
  ])('%s', (_what, text, expected) => {
    expect(onTheAir(text)).toBe(expected)
  })
})

describe('within its segments', () => {
  const url = 'https://t.example.com/p/support/alerts/alt_51'

  test('what fits stays whole', () => {
    expect(fitSegments('a'.repeat(306), 2)).toBe('a'.repeat(306))
    expect(fitSegments('', 1)).toBe('')
  })

  test('a longer text fills them, and says that it was cut', () => {
    expect(fitSegments('a'.repeat(1_000), 2)).toBe(`${'a'.repeat(299)}[...]`) // Brackets cost two each.
    expect(fitSegments('败'.repeat(1_000), 1)).toBe(`${'败'.repeat(65)}[...]`)
  })

  test('an address at the end stays whole, unless it leaves no room for anything', () => {
    expect(fitSegments(`${'败'.repeat(200)} ${url}`, 2)).toMatch(/^败+\[\.\.\.\] https:\/\/t\.example\.com\/p\/support\/alerts\/alt_51$/)
    expect(fitSegments(`failed ${url}?${'x'.repeat(200)}`, 1)).toMatch(/^failed https:\/\/t\.example\.com.*\[\.\.\.\]$/)
  })

  test('holds for anything: never more segments than allowed, never a torn character, never an address cut in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.integer({ min: 1, max: 4 }), fc.boolean(), (said, segmentsMax, linked) => {
        const text = linked ? `${said.trim()} ${url}` : said
        const fitted = fitSegments(text, segmentsMax)
        expect(segmentsOf(fitted).count).toBeLessThanOrEqual(segmentsMax)
        expect(fitted.isWellFormed()).toBe(true)
        expect(linked && said.trim().length > 2 && fitted.includes('https://') && !fitted.endsWith(url)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })
})
