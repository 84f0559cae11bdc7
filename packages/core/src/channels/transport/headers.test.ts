import { validateHeaderName, validateHeaderValue } from 'node:http'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerHeadersOf, brokenHeader } from './headers.ts'

function isTakenByNode(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch (refused) {
    if (refused instanceof TypeError) return false
    throw refused
  }
}

test('what is let through is what Node sends, whatever the text', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', ':', ' ', '\t', '\r', '\n', '\0', '\u007f', '\u00e4', '\u0100', '-') }))
  fc.assert(
    fc.property(text, text, (name, value) => {
      expect(brokenHeader({ [name]: value }) === undefined).toBe(isTakenByNode(name, value))
      expect(brokenHeader({ ok: 'a', 'x-a': value }) === undefined).toBe(isTakenByNode('x-a', value))
    }),
    { numRuns: 2_000 },
  )
})

test('of several the broken one is named', () => {
  expect(brokenHeader({ a: 'b', 'x-title': 'c\r\nd', e: 'f' })).toBe('x-title')
})

test('headers of an answer are known ones, on one line and not too long', () => {
  expect(answerHeadersOf({ location: `/a\u0085b${'c'.repeat(600)}`, 'set-cookie': ['a=b'], 'x-other': 'd' })).toEqual({ location: `/a b${'c'.repeat(496)}` })
})
