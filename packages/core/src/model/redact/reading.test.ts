import { expect, test } from 'vitest'
import { isExample } from './plausible.ts'
import { read } from './reading.ts'

test.each(['example', 'PlaceHolder', 'dummy', 'not_real', 'notareal', '..redacted', '...[redacted', 'put_your', 'insertwith', 'REPLACEYOUR', 'enter_with', 'changeme', 'your_api', 'yourToken', 'yoursecret', 'token_here', 'keyhere', 'abcdefgh', 'aAbBcCdDeEfFgGhH', '12345678901', '890123456789', '123-123-123'])(
  'a value that says it is an example is read as one: %s',
  (saying) => {
    expect(isExample(read(`q7-${saying}-Zk2mPx9w`))).toBe(true)
  },
)

test('what a value is judged by is read in one walk', () => {
  expect(read('aaaB7cD-e9')).toStrictEqual({ value: 'aaaB7cD-e9', letters: 7, digits: 2, humps: 2, longestRow: 3, repeats: 2, isSequence: false, maySayExample: false })
  expect(read('1234567890').isSequence).toBe(true)
  expect(read('12345678').isSequence).toBe(false)
  expect(read('')).toMatchObject({ longestRow: 0, isSequence: false })
})
