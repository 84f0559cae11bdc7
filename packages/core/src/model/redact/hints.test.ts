import { expect, test } from 'vitest'
import { createRedactor } from '../redact.ts'
import { hint, hintsOf } from './hints.ts'

const marked = createRedactor({ personalData: true })
const redact = (text: string): string => marked(text).replace(/(\[REDACTED:[a-z0-9-]+):[0-9a-f]{8}\]/g, '$1]')
const wallet = '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2'

test.each([
  ['token\u00a0q7Zk2mPx9a', 'token\u00a0[REDACTED:credential]'],
  ['api-key\u3000q7Zk2mPx9a', 'api-key\u3000[REDACTED:credential]'],
  ['APIKEY\tq7Zk2mPx9a', 'APIKEY\t[REDACTED:credential]'],
  ['x4012TOKEN 4012-8888-8888-1881', 'x4012TOKEN [REDACTED:card]'],
  ['AB 12 34 56 C for order 1234567', '[REDACTED:national-id] for order 1234567'],
  [String.raw`\nABCPE1234F`, String.raw`\n[REDACTED:national-id]`],
  ['ABCPE1234F', '[REDACTED:national-id]'],
  [`a_${wallet}`, 'a_[REDACTED:wallet]'],
  ['tel5551234567', 'tel[REDACTED:phone]'],
  ['whatsapphone no. (is) 1 fax is 5551234567', 'whatsapphone no. (is) 1 fax is [REDACTED:phone]'],
  ['whatsapphone: 5551234567', 'whatsapphone: [REDACTED:phone]'],
  ['tel +44 20 7946 0958, +1 415 555 2671', 'tel [REDACTED:phone], [REDACTED:phone]'],
  ['phone 12345678901 (415) 555-2671', 'phone [REDACTED:phone]) 555-2671'],
])('a finder is asked wherever it finds something: %j', (text, expected) => {
  expect(redact(text)).toBe(expected)
})

test('what goes over the end of the piece that is read at once is searched for too', () => {
  for (let chars = 16_350; chars < 16_390; chars++) {
    const before = `${' '.repeat(chars)}\n`
    expect(redact(`${before}${wallet} and more`)).toBe(`${before}[REDACTED:wallet] and more`)
  }
})

test.each([
  ['a clean line of words, 8200 ms at step 4', 0],
  ['7f3a91bcd04e5f62a', hint.longWord],
  ['token', 0],
  ['token: ', hint.assignment],
  ['my token is gone', hint.assignment | hint.header],
  ['passed', 0],
  ['equivalent', 0],
])('a text that holds nothing is hardly asked about: %j', (text, hints) => {
  expect(hintsOf(text)).toBe(hints)
})
